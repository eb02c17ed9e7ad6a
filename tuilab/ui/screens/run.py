"""The run screen: watches one run and tells its worker what the reader wants.

A thread reads the run directory and posts what it found; everything here is
drawn from those messages. Leaving this screen never touches the run.
"""

import threading
from collections import deque
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.reactive import Reactive
from textual.screen import Screen
from textual.widget import Widget

from tuilab.errors import TuilabError
from tuilab.events import Event
from tuilab.runs import LIVE, Run, Status
from tuilab.ui.screens.run_feed import Feed, Looked, Unreadable
from tuilab.ui.screens.run_panels import FIRST, Panel, panels
from tuilab.ui.terminal import abilities, crop
from tuilab.ui.terminal.driver import unsent
from tuilab.ui.widgets.chart_board import ChartBoard
from tuilab.ui.widgets.chart_tabs import ChartTabs
from tuilab.ui.widgets.event_log import EventLog
from tuilab.ui.widgets.key_bar import KeyBar
from tuilab.ui.widgets.lens import Lens
from tuilab.ui.widgets.notice import Notice, advice
from tuilab.ui.widgets.painted import clean
from tuilab.ui.widgets.status_line import StatusLine
from tuilab.ui.widgets.worker_output import WorkerOutput

_REST = 4
"""A run that has ended is looked at so many times as seldom: somebody may resume it."""

_FLAGS = {"checkpoint": "checkpoint", "resumed": "resumed", "command": "change", "spike": "spike"}
"""Events that stand on the axis, and as what."""

_MOST_FLAGS = 500

_FLAT = 14
"""Rows below which there is room for the charts alone."""


class RunScreen(Screen[None]):
    """One run, live or old."""

    CSS_PATH = "../styles/run.tcss"
    AUTO_FOCUS = "#board"
    # Textual repaints the whole screen, some 24 KB, whenever the focus moves: the charts show it themselves.
    focused: Reactive[Widget | None] = Reactive(None, repaint=False)
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p,space", "pause", "Pause", key_display="p"),
        Binding("s", "stop", "Stop"),
        Binding("c", "checkpoint", "Checkpoint", show=False),
        Binding("l", "rate", "Rate"),
        Binding("r", "resume", "Resume"),
        Binding("e", "show('events')", "Events", show=False),
        Binding("v", "show('output')", "The worker's own output", show=False),
        Binding("escape", "back", "Back"),
        Binding("q", "leave", "Leave"),
    ]

    def __init__(self, run: Run) -> None:
        super().__init__()
        self.run = run
        self.feed = Feed(run, budget=abilities.frame_interval())
        self._left = threading.Event()
        self._status = Status()
        self._events: deque[Event] = deque(maxlen=100)
        self._flags: deque[tuple[int, str]] = deque(maxlen=_MOST_FLAGS)
        self._panels: list[Panel] = []
        self._stale = False
        self._pane = ""

    def compose(self) -> ComposeResult:
        """Lay out the rows; the stylesheet decides what a small terminal leaves out."""
        yield StatusLine(clean(self.run.id), id="status")
        yield Notice(id="notice")
        yield ChartTabs(id="tabs")
        yield ChartBoard(self.feed, Lens(glyphs=abilities.glyphs()), id="board")
        yield EventLog(id="events")
        yield WorkerOutput(id="output")
        yield KeyBar()

    def on_mount(self) -> None:
        """Begin to look."""
        crop.install()
        self.look()
        threading.Thread(target=self._follow, daemon=True, name="follow").start()

    def on_unmount(self) -> None:
        """Look no more."""
        self._left.set()

    def on_resize(self, event: events.Resize) -> None:
        """Tell the stylesheet how much room there is."""
        width, height = event.size
        self.set_class(height < _FLAT, "-flat")
        self.set_class(height < 34, "-low")
        self.set_class(width < 60, "-slim")
        self._arrange()

    @work(thread=True, group="look")
    def look(self) -> None:
        """Read until everything there is has been read, reporting on the way."""
        while not self._left.is_set():
            if not self._report() or self.feed.settled:
                break

    def _follow(self) -> None:
        """Look again and again: a thread that waits costs less than a worker for every look."""
        while not self._left.wait(self.feed.budget * (1 if self._status.state in LIVE else _REST)):
            self._report()

    def _report(self) -> bool:
        """Look once and post what was found, touching no widget; return whether the run can be read."""
        found: Looked | Unreadable | None
        try:
            found = self.feed.look()
        except (OSError, ValueError, KeyError, TypeError) as error:
            # Removed, half copied, or written by something else: keep what was read, and keep looking.
            found = Unreadable(f"{type(error).__name__}: {error}")
        if found is not None and not self._left.is_set():
            self.post_message(found)
        return not isinstance(found, Unreadable)

    @on(Unreadable)
    def _tell_unreadable(self, message: Unreadable) -> None:
        self.query_one(Notice).tell(
            [("The run's directory cannot be read. ", "painted--bad"), (clean(message.why), "painted--dim")]
        )

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
        if not board.panels or len(board.panels) < FIRST:
            await board.put(self._panels[:FIRST])
        self._paint()

    _loading: float | None = None

    def _paint(self) -> None:
        """Show the newest state, unless what was painted before is still on its way."""
        if self._stale:
            return
        if unsent(self.app._driver):
            self._stale = True
            self.set_timer(self.feed.budget, self._repaint)
            return
        board = self.query_one(ChartBoard)
        self.query_one(StatusLine).tell(self._status, self._loading)
        self.query_one(Notice).tell(advice(self._status, self._events))
        board.tell(self._status, tuple(self._flags))
        board.draw()
        self._arrange()
        self.query_one(ChartTabs).tell(board.panels, board.chosen, self.feed.series)

    def _repaint(self) -> None:
        """Try again what the line had no room for."""
        self._stale = False
        self._paint()

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
        from tuilab import supervise
        from tuilab.ui.screens.stop import StopDialog

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
        from tuilab.ui.screens.run_rate import RatePrompt

        rate = await self.app.push_screen_wait(RatePrompt(self.feed.base_lr))
        if rate is not None:
            self._send("set", **{"optimizer.lr": rate})

    def action_resume(self) -> None:
        """Start a worker that takes the run up from its last checkpoint."""
        from tuilab import supervise

        home = self.run.path.parent.parent
        try:
            self._worker = supervise.start(self.run, home)
        except OSError as error:
            self.notify(f"The worker cannot be started: {error.strerror}.", severity="error")
            return
        self.notify("A worker takes the run up from its last checkpoint.")

    def action_show(self, pane: str) -> None:
        """Show events or the worker's output alone, or the charts again."""
        self._pane = "" if self._pane == pane else pane
        self._arrange()
        self.feed.want(self.feed.wanted, output=self._pane == "output")
        self.set_focus(self.query_one(f"#{self._pane or 'board'}"), scroll_visible=False)

    def _arrange(self) -> None:
        """Show what the reader chose, as far as there is room for it."""
        # Widget by widget: a class on the screen would have every rule matched against everything.
        board, log, flat = self.query_one(ChartBoard), self.query_one(EventLog), self.size.height < _FLAT
        board.display = not self._pane
        log.display = self._pane == "events" or not (self._pane or flat)
        log.set_class(self._pane == "events", "-alone")
        self.query_one(WorkerOutput).display = self._pane == "output"
        self.query_one(ChartTabs).display = not (self._pane or flat or board.complete)

    def action_back(self) -> None:
        """Undo the last change of view, or go back to where the reader came from."""
        if self._pane:
            self.action_show(self._pane)
        elif not self.query_one(ChartBoard).release() and len(self.app.screen_stack) > 1:
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
