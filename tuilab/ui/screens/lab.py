"""The lab: pick a preset or change anything in it, see what it comes to, start it.

The screen owns one draft for each preset that was looked at. Widgets show rows and
say what the reader wants; the draft decides; everything is drawn from it again.
What needs torch is asked of the worker in standby and comes back as messages.

Handlers are found by their names, and what they need is imported inside: the first
paint must not wait for it.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.binding import Binding, BindingType

from tuilab.errors import TuilabError
from tuilab.ui.screens import lab_shelf
from tuilab.ui.screens.lab_view import LabView
from tuilab.ui.widgets.find_list import FindList, Item

if TYPE_CHECKING:
    from textual.timer import Timer

    from tuilab.catalog import Catalog
    from tuilab.spec import Spec
    from tuilab.ui import messages
    from tuilab.ui.screens.lab_checks import Checks
    from tuilab.ui.screens.lab_draft import Draft
    from tuilab.ui.screens.lab_link import Factory, Link
    from tuilab.ui.screens.lab_shelf import Preset
    from tuilab.ui.widgets.form import Form

_READING = "reading the zoo …"
_SETTLED = 0.25
"""Seconds without a change before the worker is asked: longer than between two key strokes."""
_HEAD_START = 10.0
"""Seconds that a new run has the machine to itself before another worker is put in standby."""


class LabScreen(LabView):
    """Where an experiment is made."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r,ctrl+r", "start", "Start"),
        Binding("p", "preview", "Data"),
        Binding("s,ctrl+s", "save", "Save"),
        Binding("u,ctrl+z", "undo", "Undo"),
        Binding("q", "app.quit", "Quit"),
    ]

    def __init__(self, home: Path, own_files: Sequence[Path], factory: "Factory") -> None:
        super().__init__()
        self._home, self._own_files, self._factory = home, own_files, factory
        self._link: Link | None = None
        self._checks: Checks | None = None
        self._catalog: Catalog | None = None
        self._shelf: dict[str, Preset] = {}
        self._drafts: dict[str, Draft] = {}
        self._broken: dict[str, str] = {}
        """Presets that cannot be read, and why."""
        self._chosen = ""
        self._starting = False
        self._settling: Timer | None = None
        """Runs while changes may still follow."""

    @property
    def draft(self) -> "Draft | None":
        """The experiment that is being made."""
        return self._drafts.get(self._chosen)

    # -- beginning and end

    def on_mount(self) -> None:
        """Paint what is known at once; whatever takes longer comes after that."""
        shelf = lab_shelf.cached(self._home)
        if shelf is not None:
            self._fill_shelf(shelf)

    def on_screen_resume(self) -> None:
        """See to it that the bench is there, and somebody to be asked."""
        self.call_after_refresh(self._begin)

    def on_unmount(self) -> None:
        """Let the worker in standby go."""
        if self._link is not None:
            self._link.close()

    async def _begin(self) -> None:
        """Bring what the first paint did without: the bench now, worker and charts when it is painted."""
        if not self.is_current or not self.is_attached:
            return
        if self._bench is None:
            from tuilab.catalog import load_cached
            from tuilab.ui.screens.lab_bench import Bench
            from tuilab.ui.screens.lab_checks import Checks
            from tuilab.ui.screens.lab_link import Link

            self._catalog = load_cached(self._home, self._own_files)
            self._link = Link(self.post_message, self._factory, self._home, self._own_files)
            self._checks = Checks(self._link)
            bench = Bench(id="bench")
            bench.display = False  # until it is filled: one paint instead of three
            await self.query_one("#rooms").mount(bench)
            self._bench = bench
            bench.facts.wait("The worker is starting.\nParameters, steps and layers will stand here.")
            self.show_panes()
            self._choose(self._chosen)
        self.call_after_refresh(self._begin_slow_things)

    def _begin_slow_things(self) -> None:
        if self._bench is not None:
            self._start_standby()
            self._load_charts()

    def _start_standby(self) -> None:
        if self._link is not None and not self._link.open:
            self.title_bar.worker = "worker starting …"
            self._open_link(self._link, self._catalog is None)

    @work(thread=True, exclusive=True, group="standby")
    def _open_link(self, link: "Link", describe: bool) -> None:
        from tuilab.ui import messages

        if link.start(describe):
            self.post_message(messages.WorkerStarted())

    @work(thread=True, exclusive=True, group="charts")
    def _load_charts(self) -> None:
        """Import NumPy before it is needed, and read the presets where that was not done before."""
        from tuilab.ui import messages

        if not self._shelf:
            self.post_message(messages.ShelfRead(lab_shelf.read(self._home)))
        import tuilab.charts.line  # noqa: F401

        self.post_message(messages.ChartsLoaded())

    def on_worker_started(self) -> None:
        """Ask what is being made comes to."""
        self._ask_soon()

    def on_worker_ready(self) -> None:
        """Say so."""
        self.title_bar.worker = "worker ready"

    def on_worker_gone(self, message: "messages.WorkerGone") -> None:
        """Say what is missing without it; everything else goes on working."""
        self.title_bar.worker = "no worker"
        if self._bench is not None:
            self._bench.facts.show_problems({"": message.error})
            if self._catalog is None:
                self._bench.draw(None, f"✗ {message.error}")

    def on_charts_loaded(self) -> None:
        """Draw the learning rate."""
        if self._bench is not None:
            self._bench.load_charts()

    def on_shelf_read(self, message: "messages.ShelfRead") -> None:
        """Show the presets."""
        self._fill_shelf(message.shelf)

    def on_catalog_read(self, message: "messages.CatalogRead") -> None:
        """Fill the panes."""
        self._catalog = message.catalog
        self._choose(self._chosen)

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

    def on_find_list_chosen(self, message: FindList.Chosen) -> None:
        """Start the preset."""
        if message.key != self._chosen:
            self._choose(message.key)
        self.action_start()

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
                self._bench.facts.pend("checking …" if self._link and self._link.open else "no worker yet")
                self._ask_soon()

    def _ask_soon(self) -> None:
        if self._settling is not None:
            self._settling.stop()
        self._settling = self.set_timer(_SETTLED, self._ask)

    def _ask(self) -> None:
        if self.draft and self._checks and self._checks.known(self.draft) is None:
            self._checks.ask(self.draft)

    def on_checked(self, message: "messages.Checked") -> None:
        """Show what the worker found, unless the experiment has changed since."""
        draft = self.draft
        if self._checks and self._checks.take(message, draft) and draft is not None:
            draft.report(message.problems)
            self._draw()

    # -- starting it

    def action_start(self) -> None:
        """Start the run, or go to what keeps it from starting."""
        draft = self.draft
        if draft is None:
            self._refuse("start it")
        elif draft.problems:
            self._go_to(next(iter(draft.problems)))
        elif not self._starting:
            self._starting = True
            self._start(draft.to_run())

    def _refuse(self, wish: str) -> None:
        """Say why something cannot be done yet."""
        if self.draft is None:
            reason = self._broken.get(self._chosen, "The zoo is still being read; try again in a moment.")
        else:
            reason = f"Mend what is marked ✗ first, then {wish}."
        self.notify(reason, severity="warning")

    def _go_to(self, key: str) -> None:
        from tuilab.ui.screens.lab_draft import PANES as TABLES_OF

        for pane, tables in TABLES_OF.items():
            if key.partition(".")[0] in tables and self._bench is not None:
                self.action_pane(pane)
                self._bench.form(pane).look_at(key)
                return
        self.action_pane("facts")

    @work(thread=True, exclusive=True, group="start")
    def _start(self, spec: "Spec") -> None:
        from tuilab import runs, supervise
        from tuilab.ui import messages

        def by_itself(reason: str = "") -> None:
            supervise.start(run, self._home, self._own_files)

        try:
            run = runs.create(self._home, spec)
            if self._link is None or not self._link.run(run.path, by_itself):
                by_itself()
        except (TuilabError, OSError) as error:
            self.post_message(messages.RunRefused(str(error)))
        else:
            self.post_message(messages.RunStarted(run))

    def on_run_started(self, message: "messages.RunStarted") -> None:
        """Open its screen; another worker is put in standby when it is well under way."""
        self._starting = False
        self.title_bar.worker = ""
        self.set_timer(_HEAD_START, self._start_standby)
        self.app.open_run(message.run)  # type: ignore[attr-defined]  # the lab's own app

    def on_run_refused(self, message: "messages.RunRefused") -> None:
        """Say why."""
        self._starting = False
        self.notify(message.error, title="The run was not started", severity="error", timeout=20)

    # -- looking at the data, keeping the experiment

    def action_preview(self) -> None:
        """Look into the data set."""
        draft = self.draft
        if draft is None or draft.spec is None or self._link is None:
            self._refuse("look at the data")
            return
        from tuilab.spec import dumps
        from tuilab.ui.screens.lab_preview import PreviewScreen

        screen = PreviewScreen(str(draft.value("data.name")))
        self.app.push_screen(screen)
        self._link.preview(dumps(draft.spec), screen.post_message)

    def action_save(self) -> None:
        """Keep the experiment as a preset of one's own."""
        draft = self.draft
        if draft is None or draft.spec is None:
            self._refuse("save it")
            return
        from tuilab.ui.screens.lab_save import SaveScreen

        def saved(path: Path | None) -> None:
            if path is not None:
                self._drafts.pop(str(path), None)
                self._fill_shelf(lab_shelf.read(self._home), look_at=str(path))

        self.app.push_screen(SaveScreen(draft, self._shelf[self._chosen], self._home), saved)
