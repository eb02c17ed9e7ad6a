"""The lab: pick a preset or change anything in it, see what it comes to, start it.

What needs torch is asked of the worker in standby and comes back as messages; a run
is given to that very worker, so that it begins at once.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.binding import Binding, BindingType

from tuilab.errors import TuilabError
from tuilab.ui.screens import lab_shelf
from tuilab.ui.screens.lab_forks import fork_of, found_again
from tuilab.ui.screens.lab_kept import KeptDrafts
from tuilab.ui.screens.lab_worker import LabWorker
from tuilab.ui.widgets.find_list import FindList

if TYPE_CHECKING:
    from tuilab.runs import Run
    from tuilab.spec import Spec
    from tuilab.ui import messages
    from tuilab.ui.screens.lab_draft import Draft
    from tuilab.ui.screens.lab_link import Factory

_HEAD_START = 10.0
"""Seconds that a new run has the machine to itself before another worker is put in standby."""

_MUCH = 1_000_000_000
"""Bytes that nobody wants to fetch by a slip of the finger."""


class LabScreen(LabWorker):
    """Where an experiment is made and started."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r,ctrl+r", "start", "Start"),
        Binding("u,ctrl+z", "undo", "Undo"),
        Binding("p", "preview", "Samples"),
        Binding("s,ctrl+s", "save", "Save"),
        Binding("q", "app.quit", "Quit"),
    ]

    def __init__(self, home: Path, own_files: Sequence[Path], factory: "Factory") -> None:
        super().__init__()
        self._home, self._own_files, self._factory = home, own_files, factory
        self._kept: KeptDrafts = KeptDrafts(home)
        self._starting = False
        self._awaited = ""
        """The preset to start as soon as the zoo has been read."""
        self._meant = ""
        """The large data set that was asked about."""

    # -- beginning and end

    def on_mount(self) -> None:
        """Paint what is known at once; whatever takes longer comes after that."""
        self._forks.update({one.key: one for one in found_again(self._kept.presets(), self._home)})
        shelf = lab_shelf.cached(self._home)
        if shelf is not None:
            self._fill_shelf(shelf, look_at=self._chosen or next((preset.key for preset in shelf), ""))

    def fork(self, run: "Run", step: int) -> None:
        """Put a run on the shelf as it was after so many steps, to be changed and started as a new one."""
        one = fork_of(run, step, self._home)
        self._forks[one.key] = one
        self._chosen = one.key
        if self._shelf:
            self.presets.action_give_up()
            self._fill_shelf([each for each in self._shelf.values() if isinstance(each, lab_shelf.Preset)])
            self.action_pane("presets")

    def on_screen_resume(self) -> None:
        """See to it that the bench is there, and somebody to be asked."""
        self.call_after_refresh(self._begin)

    def on_unmount(self) -> None:
        """Keep what was changed, and let the worker in standby go."""
        self.keep()
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

    @work(thread=True, exclusive=True, group="charts")
    def _load_charts(self) -> None:
        """Import NumPy before it is needed, and read the presets where that was not done before."""
        from tuilab.ui import messages

        if not self._shelf:
            self.post_message(messages.ShelfRead(lab_shelf.read(self._home)))
        import tuilab.charts.line  # noqa: F401

        self.post_message(messages.ChartsLoaded())

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
        if self._awaited and self._awaited == self._chosen and self.is_current:
            self.action_start()
        self._awaited = ""

    # -- starting it

    def on_find_list_chosen(self, message: FindList.Chosen) -> None:
        """Start the preset."""
        if message.key != self._chosen:
            self._choose(message.key)
        self.action_start()

    def action_start(self) -> None:
        """Start the run, or go to what keeps it from starting."""
        draft = self.draft
        if draft is None and self._catalog is None and self._link is not None and self._link.open:
            self._awaited = self._chosen
            self.notify("It starts as soon as the zoo has been read.")
        elif draft is None:
            self._refuse("start it")
        elif draft.problems:
            self.go_to(next(iter(draft.problems)))
        elif not self._starting and not self._asks_first(draft):
            self._starting = True
            self._start(draft.to_run())

    def _asks_first(self, draft: "Draft") -> bool:
        """Return whether a run would fetch so much that one is asked before it; who asks again means it."""
        from tuilab.words import size

        name, answer = str(draft.value("data.name")), self._checks and self._checks.known(draft)
        much = int(answer.facts.get("fetch_bytes", 0)) if answer else 0
        if much < _MUCH or self._meant == name:
            return False
        self._meant = name
        self.notify(f"{name} is not here yet: the run fetches {size(much)} first. Start it again to do so.")
        return True

    def _refuse(self, wish: str) -> None:
        """Say why something cannot be done yet."""
        if self.draft is None:
            reason = self._broken.get(self._chosen, "The zoo is still being read; try again in a moment.")
        else:
            reason = f"Mend what is marked ✗ first, then {wish}."
        self.notify(reason, severity="warning", markup=False)

    @work(thread=True, exclusive=True, group="start")
    def _start(self, spec: "Spec") -> None:
        from tuilab import new_run, supervise
        from tuilab.ui import messages

        def by_itself(reason: str = "") -> None:
            supervise.start(run, self._home, self._own_files)

        try:
            run = new_run.create(self._home, spec)
            if self._link is None or not self._link.run(run.path, by_itself):
                by_itself()
        except (TuilabError, OSError) as error:
            self.post_message(messages.RunRefused(str(error)))
        else:
            self.post_message(messages.RunStarted(run))

    def on_run_started(self, message: "messages.RunStarted") -> None:
        """Open its screen; another worker is put in standby when it is well under way."""
        self._starting = False
        self._begun |= {self._chosen} & set(self._forks)
        self.title_bar.worker = ""
        self.set_timer(_HEAD_START, self._start_standby)
        self.app.open_run(message.run)  # type: ignore[attr-defined]  # the lab's own app

    def on_run_refused(self, message: "messages.RunRefused") -> None:
        """Say why."""
        self._starting = False
        said = message.error
        self.notify(said, title="The run was not started", severity="error", timeout=20, markup=False)

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
