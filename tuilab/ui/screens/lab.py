"""The lab: pick a preset or change anything in it, see what it comes to, start it.

The screen owns one draft for each preset that was looked at. Widgets show rows and
say what the reader wants; the draft decides; everything is drawn from it again.
What needs torch is asked of the worker in standby and comes back as messages.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType

from tuilab.catalog import Catalog, load_cached
from tuilab.errors import TuilabError
from tuilab.ui import messages
from tuilab.ui.screens import lab_shelf
from tuilab.ui.screens.lab_checks import Checks
from tuilab.ui.screens.lab_draft import PANES as TABLES_OF
from tuilab.ui.screens.lab_draft import Draft
from tuilab.ui.screens.lab_link import Factory, Link
from tuilab.ui.screens.lab_shelf import Preset
from tuilab.ui.screens.lab_view import READING, LabView
from tuilab.ui.widgets.find_list import FindList, Item
from tuilab.ui.widgets.form import Form
from tuilab.ui.widgets.lr_preview import LrPreview
from tuilab.ui.widgets.run_facts import RunFacts
from tuilab.ui.widgets.title_bar import TitleBar

if TYPE_CHECKING:
    from tuilab.spec import Spec

_SETTLED = 0.25
"""Seconds without a change before the worker is asked: longer than between two key strokes."""
_HEAD_START = 10.0
"""Seconds that a new run has the machine to itself before another worker is put in standby."""


class LabScreen(LabView):
    """Where an experiment is made."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r,ctrl+r", "start", "Start", key_display="r"),
        Binding("p", "preview", "Data"),
        Binding("s,ctrl+s", "save", "Save", key_display="s"),
        Binding("u,ctrl+z", "undo", "Undo", key_display="u"),
        Binding("q", "app.quit", "Quit"),
    ]

    def __init__(self, home: Path, own_files: Sequence[Path], factory: Factory) -> None:
        super().__init__()
        self._home, self._own_files = home, own_files
        self._link = Link(self.post_message, factory, home, own_files)
        self._checks = Checks(self._link)
        self._shelf: dict[str, Preset] = {}
        self._catalog: Catalog | None = None
        self._drafts: dict[str, Draft] = {}
        self._broken: dict[str, str] = {}
        """Presets that cannot be read, and why."""
        self._chosen = ""
        self._begun = self._starting = False

    @property
    def draft(self) -> Draft | None:
        """The experiment that is being made."""
        return self._drafts.get(self._chosen)

    # -- beginning and end

    def on_mount(self) -> None:
        """Paint what is known at once; whatever takes longer comes after that."""
        self._settling = self.set_timer(_SETTLED, self._ask, pause=True)
        self._catalog = load_cached(self._home, self._own_files)
        shelf = lab_shelf.cached(self._home)
        if shelf is not None:
            self._fill_shelf(shelf)
        self.query_one("#presets", FindList).take_focus()
        self.query_one(RunFacts).wait(
            "The worker is starting.\nParameters, steps and layers will stand here."
        )

    def on_screen_resume(self) -> None:
        """See to it that somebody is there to be asked."""
        self.call_after_refresh(self._begin)

    def on_unmount(self) -> None:
        """Let the worker in standby go."""
        self._link.close()

    def _begin(self) -> None:
        if not self.is_current or not self.is_attached:
            return
        if not self._begun:
            self._begun = True
            self._load_charts()
        if not self._link.open:
            self._start_standby()

    def _start_standby(self) -> None:
        if not self._link.open:
            self.query_one(TitleBar).worker = "worker starting …"
            self._open_link(describe=self._catalog is None)

    @work(thread=True, exclusive=True, group="standby")
    def _open_link(self, describe: bool) -> None:
        self._link.start(describe)
        self.post_message(messages.WorkerStarted())

    @work(thread=True, exclusive=True, group="charts")
    def _load_charts(self) -> None:
        """Read what the first paint did without, and import NumPy before it is needed."""
        if not self._shelf:
            self.post_message(messages.ShelfRead(lab_shelf.read(self._home)))
        import tuilab.charts.line  # noqa: F401

        self.post_message(messages.ChartsLoaded())

    @on(messages.WorkerStarted)
    def _worker_started(self) -> None:
        self._settling.reset()
        self._settling.resume()

    @on(messages.WorkerReady)
    def _worker_ready(self) -> None:
        self.query_one(TitleBar).worker = "worker ready"

    @on(messages.WorkerGone)
    def _worker_gone(self, message: messages.WorkerGone) -> None:
        self.query_one(TitleBar).worker = "no worker"
        self.query_one(RunFacts).show_problems({"": message.error})
        if self._catalog is None:
            self.draw_draft(None, f"✗ {message.error}")

    @on(messages.ChartsLoaded)
    def _charts_loaded(self) -> None:
        self.query_one(LrPreview).load()

    @on(messages.ShelfRead)
    def _shelf_read(self, message: messages.ShelfRead) -> None:
        self._fill_shelf(message.shelf)

    @on(messages.CatalogRead)
    def _catalog_read(self, message: messages.CatalogRead) -> None:
        self._catalog = message.catalog
        self._choose(self._chosen)

    # -- choosing a preset

    def _fill_shelf(self, shelf: Sequence[Preset], look_at: str = "") -> None:
        self._shelf = {preset.key: preset for preset in shelf}
        items = [Item(preset.key, preset.name, preset.group, preset.about) for preset in shelf]
        self.query_one("#presets", FindList).show(items, look_at or self._chosen)

    @on(FindList.Looked)
    def _looked(self, message: FindList.Looked) -> None:
        if message.name != self._chosen:
            self._choose(message.name)

    @on(FindList.Chosen)
    def _enter(self, message: FindList.Chosen) -> None:
        self._choose(message.name)
        self.action_start()

    def _choose(self, name: str) -> None:
        """Make a preset, with whatever was changed in it, the experiment at hand."""
        self._chosen = name
        if name and name not in self._drafts and self._catalog is not None:
            try:
                self._drafts[name] = Draft(self._shelf[name].load(), self._catalog)
                self._broken.pop(name, None)
            except TuilabError as error:
                self._broken[name] = str(error)
        self._draw()

    # -- changing something in it

    @on(Form.Began)
    def _began(self) -> None:
        if self.draft:
            self.draft.remember()

    @on(Form.Typed)
    def _typed(self, message: Form.Typed) -> None:
        if self.draft:
            self.draft.set(message.key, message.text)
            self._draw()

    @on(Form.GaveUp)
    def action_undo(self) -> None:
        """Take the last change back."""
        if self.draft:
            self.draft.undo()
            self._draw()

    @on(Form.Looked)
    def _looked_at_knob(self, message: Form.Looked) -> None:
        self.draw_details(message.row)

    @on(Form.Wanted)
    def _wanted(self, message: Form.Wanted) -> None:
        draft = self.draft
        if draft is None:
            return
        if message.what in ("preset", "default"):
            draft.remember()
            draft.reset(message.row.key, to_default=message.what == "default")
            self._draw()
            return
        from tuilab.ui.screens import lab_dialogs

        if message.what == "about":
            self.app.push_screen(lab_dialogs.about(draft, message.row))
            return

        def picked(name: str | None) -> None:
            if name is not None:
                draft.remember()
                draft.set(message.row.key, name)
                self._draw()

        self.app.push_screen(lab_dialogs.picker(draft, message.row), picked)

    # -- drawing it, and asking what it comes to

    def _draw(self) -> None:
        draft, name = self.draft, self._chosen
        problem = self._broken.get(name, "")
        shelved = self._shelf.get(name)
        table = draft.base.get("preset", {}) if draft else {"about": shelved.about if shelved else ""}
        self.draw_draft(draft, f"✗ {problem}" if problem else READING if self._catalog is None else "")
        self.draw_card(shelved.name if shelved else "", table, draft, problem)
        self.draw_rate(draft, self._checks.steps(draft))
        marks = {key: "●" for key, one in self._drafts.items() if one.changes}
        self.query_one("#presets", FindList).mark(marks | {key: "✗" for key in self._broken})
        self._draw_facts()

    def _draw_facts(self) -> None:
        draft, facts = self.draft, self.query_one(RunFacts)
        if draft is None:
            return
        known = self._checks.known(draft)
        if draft.problems:
            facts.show_problems(draft.problems)
        elif known is not None and known.facts:
            facts.show(known.facts)
        else:
            self._settling.reset()
            self._settling.resume()

    def _ask(self) -> None:
        if self.draft and self._checks.known(self.draft) is None:
            self._checks.ask(self.draft)

    @on(messages.Checked)
    def _checked(self, message: messages.Checked) -> None:
        draft = self.draft
        if self._checks.take(message, draft) and draft is not None:
            draft.report(message.problems)
            self._draw()

    # -- starting it

    def action_start(self) -> None:
        """Start the run, or go to what keeps it from starting."""
        draft = self.draft
        if draft is None:
            self.notify(self._broken.get(self._chosen, "The zoo is still being read."), severity="warning")
        elif draft.problems:
            self._go_to(next(iter(draft.problems)))
        elif not self._starting:
            self._starting = True
            self._start(draft.to_run())

    def _go_to(self, key: str) -> None:
        for pane, tables in TABLES_OF.items():
            if key.partition(".")[0] in tables:
                self.action_pane(pane)
                self.query_one(f"#{pane}", Form).look_at(key)
                return
        self.action_pane("facts")

    @work(thread=True, exclusive=True, group="start")
    def _start(self, spec: "Spec") -> None:
        from tuilab import runs, supervise

        def by_itself(reason: str = "") -> None:
            supervise.start(run, self._home, self._own_files)

        try:
            run = runs.create(self._home, spec)
            if not self._link.run(run.path, by_itself):
                by_itself()
        except (TuilabError, OSError) as error:
            self.post_message(messages.RunRefused(str(error)))
        else:
            self.post_message(messages.RunStarted(run))

    @on(messages.RunStarted)
    def _run_started(self, message: messages.RunStarted) -> None:
        self._starting = False
        self.query_one(TitleBar).worker = ""
        self.set_timer(_HEAD_START, self._start_standby)
        self.app.open_run(message.run)  # type: ignore[attr-defined]  # the lab's own app

    @on(messages.RunRefused)
    def _run_refused(self, message: messages.RunRefused) -> None:
        self._starting = False
        self.notify(message.error, title="The run was not started", severity="error", timeout=20)

    # -- looking at the data, keeping the experiment

    def action_preview(self) -> None:
        """Look into the data set."""
        if self.draft is None or self.draft.spec is None:
            self.notify("Mend what is wrong first; then the data can be looked at.", severity="warning")
            return
        from tuilab.spec import dumps
        from tuilab.ui.screens.lab_preview import PreviewScreen

        screen = PreviewScreen(str(self.draft.value("data.name")))
        self.app.push_screen(screen)
        self._link.preview(dumps(self.draft.spec), screen.post_message)

    def action_save(self) -> None:
        """Keep the experiment as a preset of one's own."""
        draft = self.draft
        if draft is None or draft.spec is None:
            self.notify(
                "Mend what is wrong first; a preset that cannot run helps nobody.", severity="warning"
            )
            return
        from tuilab.ui.screens.lab_save import SaveScreen

        def saved(path: Path | None) -> None:
            if path is not None:
                self._fill_shelf(lab_shelf.read(self._home), look_at=str(path))

        self.app.push_screen(SaveScreen(draft, self._shelf[self._chosen].name, self._home), saved)
