"""The desk: which preset is looked at, and what has been changed in it.

One draft is kept for each preset that was looked at. Widgets show rows and say what
the reader wants; the draft decides; everything is drawn from it again.

Handlers are found by their names, and what they need is imported inside: the first
paint must not wait for it.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tuilab.errors import TuilabError
from tuilab.ui.screens.lab_view import LabView
from tuilab.ui.widgets.find_list import FindList, Item

if TYPE_CHECKING:
    from textual.timer import Timer

    from tuilab.catalog import Catalog
    from tuilab.ui.screens.lab_checks import Checks
    from tuilab.ui.screens.lab_draft import Draft
    from tuilab.ui.screens.lab_forks import Fork
    from tuilab.ui.screens.lab_kept import KeptDrafts
    from tuilab.ui.screens.lab_shelf import Preset
    from tuilab.ui.widgets.form import Form

_KEPT_AFTER = 0.5
"""Seconds after a change until it is on disk."""
_READING = "reading the zoo …"


class LabDesk(LabView):
    """Where an experiment is chosen and changed."""

    def __init__(self) -> None:
        super().__init__()
        self._checks: Checks | None = None
        self._catalog: Catalog | None = None
        self._shelf: dict[str, Preset | Fork] = {}
        self._forks: dict[str, Fork] = {}
        """What stands on the shelf above the presets."""
        self._begun: set[str] = set()
        """Forks that were started: they are runs now, and stay on the shelf for this launch only."""
        self._drafts: dict[str, Draft] = {}
        self._kept: KeptDrafts | None = None
        self._keeping: Timer | None = None
        self._broken: dict[str, str] = {}
        """Presets that cannot be read, and why."""
        self._chosen = ""
        self._no_zoo = ""
        """Why the zoo cannot be read."""

    @property
    def draft(self) -> "Draft | None":
        """The experiment that is being made."""
        return self._drafts.get(self._chosen)

    def ask_soon(self) -> None:
        """Have the worker asked what the draft comes to; whoever owns the worker says how."""

    def keep(self) -> None:
        """Write down what was changed and not saved, for the next launch."""
        if self._kept is not None:
            self._kept.keep(self._drafts, self._begun)

    def _keep_soon(self) -> None:
        """Write it down when no change has followed for a moment."""
        if self._keeping is not None:
            self._keeping.stop()
        self._keeping = self.set_timer(_KEPT_AFTER, self.keep)

    # -- choosing a preset

    def _fill_shelf(self, shelf: "Sequence[Preset]", look_at: str = "") -> None:
        self._shelf = {**self._forks, **{preset.key: preset for preset in shelf}}
        items = [Item(one.key, one.name, one.group, one.about) for one in self._shelf.values()]
        self.presets.show(items, look_at or self._chosen)
        self._choose(self.presets.looked_at)

    def on_find_list_looked(self, message: FindList.Looked) -> None:
        """Fill the panes with the preset."""
        if message.key != self._chosen:
            self._choose(message.key)

    def _choose(self, key: str) -> None:
        """Make a preset, with whatever was changed in it, the experiment at hand."""
        self._chosen = key
        if (again := self._drafts.get(key)) is not None:
            again.ask_again()
        if key in self._shelf and key not in self._drafts and self._catalog is not None:
            from tuilab.ui.screens.lab_draft import Draft

            try:
                draft = self._drafts[key] = Draft(self._shelf[key].load(), self._catalog)
                if self._kept is not None:
                    self._kept.take_up(key, draft)
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
        self.draw_details(message.row if self.draft else None)

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
        """Take the last change back, and go where it was: what changes is seen."""
        draft = self.draft
        if draft is None:
            return
        before = {row.key: row.text for row in draft.all_rows()}
        if not draft.undo():
            self.notify("There is nothing to undo in this preset.")
            return
        self._draw()
        changed = (row.key for row in draft.all_rows() if before.get(row.key) != row.text)
        if key := next(changed, ""):
            self.go_to(key)

    def go_to(self, key: str) -> None:
        """Look at a knob, or at the summary where it is no knob's."""
        from tuilab.ui.screens.lab_tables import PANES as TABLES_OF

        for pane, tables in TABLES_OF.items():
            if key.partition(".")[0] in tables and self._bench is not None:
                self.action_pane(pane)
                self._bench.form(pane).look_at(key)
                return
        self.action_pane("facts")

    # -- drawing it, and asking what it comes to

    def _draw(self) -> None:
        draft, shelved = self.draft, self._shelf.get(self._chosen)
        known = self._checks.known(draft) if draft is not None and self._checks is not None else None
        if draft is not None and known is not None and known.problems:
            # Whoever comes back to an experiment is told again what was wrong with it.
            draft.report(known.problems)
        problem = self._broken.get(self._chosen, "")
        self.draw_card(shelved.name if shelved else "", shelved.about if shelved else "", draft, problem)
        kept = [key for key in self._kept.presets() if key not in self._drafts] if self._kept else []
        marks = dict.fromkeys([*kept, *(key for key, one in self._drafts.items() if one.changes)], "●")
        self.presets.mark(marks | dict.fromkeys(self._broken, "✗"))
        if self._bench is None or self._checks is None:
            return
        if self._catalog is None and shelved is not None and not problem:
            self._sketch(shelved)
            return
        self._keep_soon()
        self._bench.draw(draft, f"✗ {problem}" if problem else _READING if self._catalog is None else "")
        if draft is not None:
            self._bench.draw_rate(draft, self._checks.steps(draft))
            if draft.problems:
                self._bench.facts.show_problems(draft.problems)
            elif known is not None:
                self._bench.facts.show(known.facts)
            else:
                self.ask_soon()

    def _sketch(self, preset: "Preset | Fork") -> None:
        """Draw what the preset itself says, until the zoo has been read."""
        if self._bench is None:
            return
        try:
            raw = preset.load()
            self.show_card(preset.name, raw.get("preset", {}), [], "")
            self._bench.draw_sketch(raw, self._no_zoo)
        except TuilabError as error:
            self._bench.draw(None, f"✗ {error}")
