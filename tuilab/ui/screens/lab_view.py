"""What the lab shows first: its title, the presets, the keys; and which panes there is room for.

Only what the first paint needs is imported here: the bench with all its forms is
put on the screen right after it.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from tuilab.ui.screens.lab_arrangement import CLASSES, PANES, TITLES, arrange, show_if
from tuilab.ui.widgets.find_list import FindList
from tuilab.ui.widgets.key_bar import KeyBar
from tuilab.ui.widgets.preset_card import PresetCard
from tuilab.ui.widgets.still_screen import StillScreen
from tuilab.ui.widgets.title_bar import TitleBar

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from tuilab.ui.screens.lab_bench import Bench
    from tuilab.ui.screens.lab_draft import Draft
    from tuilab.ui.screens.lab_row import Row


_OTHERS = list(enumerate(PANES, 1))[1:]


class LabView(StillScreen[None]):
    """Presets at the left, the experiment they name at the right."""

    AUTO_FOCUS = "#presets Startable"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "next_pane(1)", "Next pane", show=False),
        Binding("shift+tab", "next_pane(-1)", "Pane before", show=False),
        *(
            Binding(str(number), f"pane('{name}')", TITLES[name], show=False)
            for number, name in enumerate(PANES, 1)
        ),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._active = "presets"
        self._bench: Bench | None = None
        """None until the first paint is done."""

    def compose(self) -> "ComposeResult":
        """Lay out what is painted first."""
        yield TitleBar()
        with Horizontal(id="rooms"), Vertical(id="shelf"):
            presets = FindList(starts=True, id="presets")
            presets.add_class("pane")
            presets.border_title = f"1 {TITLES['presets']}"
            yield presets
            yield PresetCard(id="card", classes="pane")
        yield Static(id="details")
        yield KeyBar()

    @property
    def presets(self) -> FindList:
        """The list of presets."""
        return self.query_one("#presets", FindList)

    @property
    def title_bar(self) -> TitleBar:
        """The first line."""
        return self.query_one(TitleBar)

    def on_resize(self, event: events.Resize) -> None:
        """Show what there is room for."""
        self.show_panes()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Follow a focus that was set with the mouse."""
        for widget in event.widget.ancestors_with_self:
            if widget.id in PANES:
                self._active = widget.id
                break
        if self._active == "presets":
            self.draw_details(None)

    def action_pane(self, name: str) -> None:
        """Go to a pane."""
        if self._bench is None and name != "presets":
            return
        self._active = name
        self.show_panes()
        if name == "presets":
            self.presets.take_focus()
        else:
            self.query_one(f"#{name}").focus()

    def action_next_pane(self, places: int) -> None:
        """Go to the pane after, or before."""
        self.action_pane(PANES[(PANES.index(self._active) + places) % len(PANES)])

    def show_panes(self) -> None:
        """Show what there is room for."""
        wanted = arrange(*self.size, self._active)
        for name in CLASSES:
            self.set_class(name in wanted.classes, name)
        show_if(self.query_one("#shelf"), "shelf" in wanted.columns)
        show_if(self.query_one("#card"), not wanted.narrow)
        if self._bench is not None:
            self._bench.show_panes(wanted, self._active)
        if self._active == "presets":
            self.draw_details(None)

    def draw_card(self, name: str, about: str, draft: "Draft | None", problem: str) -> None:
        """Say what the preset is about, and how much has been changed in it."""
        changes = draft.changes if draft else []
        table = draft.base.get("preset", {}) if draft else {"about": about}
        self.show_card(name, table, changes, problem)

    def show_card(self, name: str, table: Mapping[str, Any], changes: list[str], problem: str) -> None:
        """Show what a preset says of itself, wherever there is room."""
        self.query_one("#card", PresetCard).show(name, table, changes, problem)
        if self._bench is not None:
            self._bench.draw_card(name, table, changes, problem)
        bar = self.title_bar
        bar.subject = name
        bar.note = {0: "", 1: "1 change"}.get(len(changes), f"{len(changes)} changes")

    def draw_details(self, row: "Row | None") -> None:
        """Say of a knob what it means, what it may be and what it was."""
        details = self.query_one("#details", Static)
        if row is None:
            # With room for one pane at a time, say how to get to the others.
            others = [Content.assemble((str(at), "$accent"), f" {TITLES[name]}") for at, name in _OTHERS]
            details.update(Content("  ").join(others) if self.has_class("-narrow") else "")
            return
        expected = "enter shows all there are" if row.names_component else row.field.expected
        # Words alone are listed as they are typed; quoted and joined, many of them fill two lines.
        words = ", ".join(row.field.words) if not row.field.kinds and not row.names_component else ""
        facts = [words or expected[:1].upper() + expected[1:]]
        if row.default_text and not row.default:
            facts.append(f"default {row.default_text}")
        if row.preset_text and row.changed:
            facts.append(f"preset {row.preset_text}")
        details.update(Content.assemble((row.key, "bold $foreground"), f"  {row.about}\n", " · ".join(facts)))
