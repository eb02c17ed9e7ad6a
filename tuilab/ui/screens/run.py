"""The run screen: watches one run and tells its worker what the reader wants.

A thread reads the run directory and posts what it found; everything here is
drawn from those messages. Leaving this screen never touches the run.
"""

from collections import deque
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Footer

from tuilab import supervise
from tuilab.errors import TuilabError
from tuilab.events import Event
from tuilab.runs import LIVE, Run, Status
from tuilab.ui.screens.run_feed import Feed, Looked
from tuilab.ui.screens.run_panels import Panel, panels
from tuilab.ui.screens.run_rate import RatePrompt
from tuilab.ui.screens.stop import StopDialog
from tuilab.ui.terminal import abilities, crop
from tuilab.ui.terminal.driver import unsent
from tuilab.ui.widgets.chart_board import ChartBoard
from tuilab.ui.widgets.chart_tabs import ChartTabs
from tuilab.ui.widgets.event_log import EventLog
from tuilab.ui.widgets.lens import Lens
from tuilab.ui.widgets.notice import Notice, advice
from tuilab.ui.widgets.painted import clean
from tuilab.ui.widgets.status_line import StatusLine
from tuilab.ui.widgets.worker_output import WorkerOutput

_REST = 5
"""Of a run that has ended every so many-th look is enough: somebody may resume it."""

_FLAGS = {"checkpoint": "checkpoint", "resumed": "resumed", "command": "change", "spike": "spike"}
"""Events that stand on the axis, and as what."""

_MOST_FLAGS = 500


class RunScreen(Screen[None]):
    """One run, live or old."""

    CSS_PATH = "../styles/run.tcss"
    AUTO_FOCUS = ""  # the board chooses a chart once there is one
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p,space", "pause", "Pause", key_display="p"),
        Binding("s", "stop", "Stop"),
        Binding("c", "checkpoint", "Checkpoint", show=False),
        Binding("l", "rate", "Rate"),
        Binding("r", "resume", "Resume"),
        Binding("e", "show('events')", "Events", show=False),
        Binding("o", "show('output')", "Output", show=False),
        Binding("w", "save", "Save the screen", show=False),
        Binding("escape", "back", "Back"),
        Binding("q", "leave", "Leave"),
    ]

    def __init__(self, run: Run) -> None:
        super().__init__()
        self.run = run
        self.feed = Feed(run)
        self._status = Status()
        self._events: deque[Event] = deque(maxlen=100)
        self._flags: deque[tuple[int, str]] = deque(maxlen=_MOST_FLAGS)
        self._panels: list[Panel] = []
        self._ticks = 0
        self._looking = self._stale = False

    def compose(self) -> ComposeResult:
        """Lay out the rows; the stylesheet decides what a small terminal leaves out."""
        yield StatusLine(clean(self.run.id), id="status")
        yield Notice(id="notice")
        yield ChartTabs(id="tabs")
        yield ChartBoard(self.feed, Lens(glyphs=abilities.glyphs()), id="board")
        yield EventLog(id="events")
        yield WorkerOutput(id="output")
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Begin to look."""
        crop.install()
        self.look()
        self.set_interval(abilities.frame_interval(), self.look)

    def on_resize(self, event: events.Resize) -> None:
        """Tell the stylesheet how much room there is."""
        width, height = event.size
        self.set_class(height < 14, "-flat")
        self.set_class(height < 34, "-low")
        self.set_class(width < 60, "-slim")

    def look(self) -> None:
        """Look again, unless the last look is still under way or nothing is expected."""
        if self._stale and not unsent(self.app._driver):
            self._paint()
        self._ticks += 1
        resting = self._status.state not in LIVE and self._ticks > _REST and self._ticks % _REST
        if not self._looking and not resting:
            self._looking = True
            self._look()

    @work(thread=True, group="look", exit_on_error=True)
    def _look(self) -> None:
        """Read until everything there is has been read, reporting on the way."""
        try:
            while self.is_attached:
                found = self.feed.look()
                if found is not None and self.is_attached:
                    self.post_message(found)
                if self.feed.settled:
                    break
        finally:
            self._looking = False

    @on(Looked)
    async def _take_in(self, found: Looked) -> None:
        """Fold in what was found and show it, or leave that to later where the line is busy."""
        log = self.query_one(EventLog)
        if found.rewound:
            self._flags.clear()
        if found.status.state != self._status.state:
            self.refresh_bindings()
        self._status = found.status
        self._events += found.events
        self._flags += [(event.step, _FLAGS[event.kind]) for event in found.events if event.kind in _FLAGS]
        log.add(found.events)
        if found.output is not None:
            self.query_one(WorkerOutput).tell(found.output)
        self._loading = None if found.complete else found.share
        self._panels = panels(found.metrics, found.meta)
        board = self.query_one(ChartBoard)
        if not board.panels or len(board.panels) < 4:
            await board.put(self._panels[:4])
        self._paint()

    _loading: float | None = None

    def _paint(self) -> None:
        """Show the newest state, unless what was painted before is still on its way."""
        self._stale = unsent(self.app._driver) > 0
        if self._stale:
            return
        board = self.query_one(ChartBoard)
        self.query_one(StatusLine).tell(self._status, self._loading)
        self.query_one(Notice).tell(advice(self._status, self._events))
        board.tell(self._status, tuple(self._flags))
        board.draw()
        tabs = self.query_one(ChartTabs)
        tabs.display = not board.complete
        tabs.tell(board.panels, board.chosen, self.feed.series)

    @on(ChartBoard.Wanted)
    def _want(self, message: ChartBoard.Wanted) -> None:
        self.feed.want(message.metrics, self.query_one(WorkerOutput).display)
        self.look()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what the run's state allows."""
        live = self._status.state in ("starting", "running", "paused")
        if action in ("pause", "stop", "checkpoint", "rate"):
            return live
        if action == "resume":
            return self._status.state in ("crashed", "stopped", "failed", "diverged")
        return True

    def action_pause(self) -> None:
        """Pause, or go on."""
        self._send("continue" if self._status.state == "paused" else "pause")

    def action_checkpoint(self) -> None:
        """Have the run saved now."""
        if self._send("checkpoint"):
            self.notify("A checkpoint is written after this step.")

    @work
    async def action_stop(self) -> None:
        """Ask what should become of the run."""
        choice = await self.app.push_screen_wait(StopDialog(self.run.id))
        if choice == "detach":
            self.app.exit()
        elif choice == "stop":
            self._send("stop")
        elif choice == "kill":
            supervise.kill(self.run)

    @work
    async def action_rate(self) -> None:
        """Ask for another learning rate."""
        rate = await self.app.push_screen_wait(RatePrompt(self.feed.base_lr))
        if rate is not None:
            self._send("set", **{"optimizer.lr": rate})

    def action_resume(self) -> None:
        """Start a worker that takes the run up from its last checkpoint."""
        home = self.run.path.parent.parent
        try:
            self._worker = supervise.start(self.run, home)
        except OSError as error:
            self.notify(f"The worker cannot be started: {error.strerror}.", severity="error")
            return
        self.notify("A worker takes the run up from its last checkpoint.")

    def action_show(self, pane: str) -> None:
        """Show events or the worker's output alone, or the charts again."""
        shown = None if self.has_class(f"-{pane}") else pane
        for name in ("events", "output"):
            self.set_class(name == shown, f"-{name}")
        board = self.query_one(ChartBoard)
        self.feed.want(self.feed.wanted, output=shown == "output")
        if shown:
            self.query_one(f"#{shown}").focus()
        elif board.children:
            board.action_choose(board.chosen)

    def action_save(self) -> None:
        """Write the screen to a picture in the working directory."""
        try:
            path = self.app.save_screenshot(f"{self.run.id}.svg", ".")
        except OSError as error:
            self.notify(f"The picture cannot be written: {error.strerror}.", severity="error")
            return
        self.notify(f"Saved as {path}.")

    def action_back(self) -> None:
        """Undo the last change of view, or go back to where the reader came from."""
        for pane in ("events", "output"):
            if self.has_class(f"-{pane}"):
                self.action_show(pane)
                return
        if not self.query_one(ChartBoard).release() and len(self.app.screen_stack) > 2:
            self.dismiss()

    def action_leave(self) -> None:
        """Leave; the run goes on."""
        self.app.exit()

    def _send(self, action: str, **values: object) -> bool:
        """Tell the worker something; return whether it was possible."""
        try:
            self.run.send(action, **values)
        except (TuilabError, OSError) as error:
            self.notify(str(error), severity="error", markup=False)
            return False
        return True
