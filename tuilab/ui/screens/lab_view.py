"""How the lab looks: its panes, which of them are seen, and drawing a draft into them.

What is chosen and changed is decided in `lab.py`; nothing here knows of files or workers.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from textual import events
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from tuilab.schedules import Schedule, schedules
from tuilab.ui.screens.lab_arrangement import CLASSES, PANES, arrange
from tuilab.ui.screens.lab_draft import PANES as TABLES_OF
from tuilab.ui.screens.lab_draft import Draft, Row
from tuilab.ui.widgets.find_list import FindList
from tuilab.ui.widgets.form import Form
from tuilab.ui.widgets.key_bar import KeyBar
from tuilab.ui.widgets.lr_preview import LrPreview
from tuilab.ui.widgets.preset_card import PresetCard
from tuilab.ui.widgets.run_facts import RunFacts
from tuilab.ui.widgets.title_bar import TitleBar

if TYPE_CHECKING:
    from textual.app import ComposeResult

W = TypeVar("W", bound=Widget)

READING = "reading the zoo …"

TITLES = {
    "presets": "Presets",
    "data": "Data",
    "model": "Model",
    "optimizer": "Optimizer and loss",
    "schedule": "Schedule",
    "train": "Training",
    "facts": "What it comes to",
}


class Column(VerticalScroll, can_focus=False):
    """Panes above each other; scrolls where they do not fit."""


class LabView(Screen[None]):
    """Presets at the left, the experiment they name at the right."""

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

    def compose(self) -> "ComposeResult":
        """Lay the panes out."""
        yield TitleBar()
        with Horizontal(id="rooms"):
            with Vertical(id="shelf"):
                yield _pane(FindList(starts=True, id="presets"))
                yield _titled(PresetCard(id="card", classes="pane"), "About")
            with Column(id="middle"):
                yield _titled(PresetCard(id="beside", classes="pane"), "About")
                for name in ("data", "model", "optimizer"):
                    yield _pane(Form(READING, id=name))
                yield _pane(RunFacts(id="facts"))
            with Column(id="right"):
                with _pane(Vertical(id="schedule-pane"), "schedule"):
                    yield Form(READING, id="schedule")
                    yield LrPreview(id="rate")
                yield _pane(Form(READING, id="train"))
        yield Static(id="details")
        yield KeyBar()

    # -- which panes are seen

    def on_resize(self, event: events.Resize) -> None:
        """Show what there is room for."""
        self._arrange()

    def action_pane(self, name: str) -> None:
        """Go to a pane."""
        self._active = name
        self._arrange()
        if name == "presets":
            self.query_one("#presets", FindList).take_focus()
        else:
            self.query_one(f"#{name}").focus()

    def action_next_pane(self, places: int) -> None:
        """Go to the pane after, or before."""
        self.action_pane(PANES[(PANES.index(self._active) + places) % len(PANES)])

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Follow a focus that was set with the mouse."""
        for widget in event.widget.ancestors_with_self:
            if widget.id in PANES:
                self._active = widget.id
                return

    def _arrange(self) -> None:
        wanted = arrange(*self.size, self._active)
        for name in CLASSES:
            self.set_class(name in wanted.classes, name)
        for column in ("shelf", "middle", "right"):
            self.query_one(f"#{column}").display = column in wanted.columns
        for name in PANES:
            self._pane_of(name).display = name in wanted.panes
        narrow = "-narrow" in wanted.classes
        self.query_one("#card").display = not narrow
        self.query_one("#beside").display = narrow and self._active == "presets"

    def _pane_of(self, name: str) -> Widget:
        return self.query_one("#schedule-pane" if name == "schedule" else f"#{name}")

    # -- what is in them

    def draw_draft(self, draft: Draft | None, empty: str) -> None:
        """Draw every knob of a draft; `empty` is said where there is none."""
        for name in TABLES_OF:
            self.query_one(f"#{name}", Form).show(draft.rows(name) if draft else [], empty)

    def draw_card(self, name: str, preset: Mapping[str, Any], draft: Draft | None, problem: str) -> None:
        """Say what the preset is about."""
        changes = draft.changes if draft else []
        for id_ in ("card", "beside"):
            self.query_one(f"#{id_}", PresetCard).show(preset, changes, problem)
            self.query_one(f"#{id_}").border_title = name or "About"
        title = self.query_one(TitleBar)
        title.subject = name
        title.note = {0: "", 1: "1 change"}.get(len(changes), f"{len(changes)} changes")

    def draw_rate(self, draft: Draft | None, steps: int) -> None:
        """Draw the learning rate; a schedule with a problem leaves the last one standing."""
        if draft is not None:
            rate = draft.value("optimizer.lr")
            schedule = _schedule(draft)
            if schedule is not None and isinstance(rate, int | float):
                self.query_one(LrPreview).show(float(rate), schedule, steps)

    def draw_details(self, row: Row | None) -> None:
        """Say of a knob what it means, what it may be and what it was."""
        if row is None:
            self.query_one("#details", Static).update("")
            return
        expected = row.field.expected if not row.names_component else "enter shows all there are"
        default = row.field.default
        facts = [expected[:1].upper() + expected[1:]]
        if not row.names_component and default not in ("", None):
            facts.append(f"default {_shown(default)}")
        self.query_one("#details", Static).update(
            Content.assemble((row.key, "bold $foreground"), f"  {row.field.about}\n", " · ".join(facts))
        )


def _shown(value: Any) -> str:
    from tuilab.knobs import show

    return show(value)


def _schedule(draft: Draft) -> Schedule | None:
    """Return the schedule as it stands, if it stands."""
    rows = draft.rows("schedule")
    if any(row.problem for row in rows):
        return None
    name = str(draft.value("schedule.name"))
    if name not in schedules:
        return None
    knobs = {row.field.name: draft.value(row.key) for row in rows if not row.names_component}
    return schedules[name].build(**knobs)


def _pane(widget: W, name: str = "") -> W:
    """Give a widget a frame with its number and title."""
    name = name or str(widget.id)
    widget.add_class("pane")
    return _titled(widget, f"{PANES.index(name) + 1} {TITLES[name]}")


def _titled(widget: W, title: str) -> W:
    widget.border_title = title
    return widget
