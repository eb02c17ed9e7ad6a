"""The desk: which preset is looked at, and what has been changed in it.

One draft is kept for each preset that was looked at. Widgets show rows and say what
the reader wants; the draft decides; everything is drawn from it again.

Handlers are found by their names, and what they need is imported inside: the first
paint must not wait for it.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from tuilab.errors import TuilabError
from tuilab.ui.screens.lab_view import LabView
from tuilab.ui.widgets.find_list import FindList, Item

if TYPE_CHECKING:
    from tuilab.catalog import Catalog
    from tuilab.ui.screens.lab_checks import Checks
    from tuilab.ui.screens.lab_draft import Draft
    from tuilab.ui.screens.lab_shelf import Preset
    from tuilab.ui.widgets.form import Form

_READING = "reading the zoo …"


class LabDesk(LabView):
    """Where an experiment is chosen and changed."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("u,ctrl+z", "undo", "Undo")]

    def __init__(self) -> None:
        super().__init__()
        self._checks: Checks | None = None
        self._catalog: Catalog | None = None
        self._shelf: dict[str, Preset] = {}
        self._drafts: dict[str, Draft] = {}
        self._broken: dict[str, str] = {}
        """Presets that cannot be read, and why."""
        self._chosen = ""

    @property
    def draft(self) -> "Draft | None":
        """The experiment that is being made."""
        return self._drafts.get(self._chosen)

    def ask_soon(self) -> None:
        """Have the worker asked what the draft comes to; whoever owns the worker says how."""

    # -- choosing a preset

    def _fill_shelf(self, shelf: "Sequence[Preset]", look_at: str = "") -> None:
        self._shelf = {preset.key: preset for preset in shelf}
        items = [Item(preset.key, preset.name, preset.group, preset.about) for preset in shelf]
        self.presets.show(items, look_at or self._chosen)
        self._choose(self.presets.looked_at)

    def on_find_list_looked(self, message: FindList.Looked) -> None:
        """Fill the panes with the preset."""
        if message.key != self._chosen:
            self._choose(message.key)

    def _choose(self, key: str) -> None:
        """Make a preset, with whatever was changed in it, the experiment at hand."""
        self._chosen = key
        if key in self._shelf and key not in self._drafts and self._catalog is not None:
            from tuilab.ui.screens.lab_draft import Draft

            try:
                self._drafts[key] = Draft(self._shelf[key].load(), self._catalog)
                self._broken.pop(key, None)
            except TuilabError as error:
                self._broken[key] = str(error)
        self._draw()

    # -- changing something in it

    def on_form_began(self) -> None:
        """Keep what stands, to come back to it."""
        if self.draft:
            self.draft.remember()

    def on_form_typed(self, message: "Form.Typed") -> None:
        """Take in every key stroke."""
        if self.draft:
            self.draft.set(message.key, message.text)
            self._draw()

    def on_form_gave_up(self) -> None:
        """Go back to what stood before."""
        self.action_undo()

    def on_form_looked(self, message: "Form.Looked") -> None:
        """Say what the knob is."""
        self.draw_details(message.row)

    def on_form_wanted(self, message: "Form.Wanted") -> None:
        """Reset a knob, or open what belongs to it."""
        draft, row = self.draft, message.row
        if draft is None:
            return
        if message.what in ("preset", "default"):
            draft.remember()
            draft.reset(row.key, to_default=message.what == "default")
            self._draw()
            return
        from tuilab.ui.screens import lab_dialogs

        if message.what == "about":
            self.app.push_screen(lab_dialogs.about(draft, row))
            return

        def picked(name: str | None) -> None:
            if name is not None:
                draft.remember()
                draft.set(row.key, name)
                self._draw()

        self.app.push_screen(lab_dialogs.picker(draft, row), picked)

    def action_undo(self) -> None:
        """Take the last change back."""
        if self.draft:
            self.draft.undo()
            self._draw()

    # -- drawing it, and asking what it comes to

    def _draw(self) -> None:
        draft, shelved = self.draft, self._shelf.get(self._chosen)
        problem = self._broken.get(self._chosen, "")
        self.draw_card(shelved.name if shelved else "", shelved.about if shelved else "", draft, problem)
        marks = {key: "●" for key, one in self._drafts.items() if one.changes}
        self.presets.mark(marks | dict.fromkeys(self._broken, "✗"))
        if self._bench is None or self._checks is None:
            return
        self._bench.draw(draft, f"✗ {problem}" if problem else _READING if self._catalog is None else "")
        if draft is not None:
            self._bench.draw_rate(draft, self._checks.steps(draft))
            if draft.problems:
                self._bench.facts.show_problems(draft.problems)
            elif answer := self._checks.known(draft):
                self._bench.facts.show(answer.facts)
            else:
                self.ask_soon()
