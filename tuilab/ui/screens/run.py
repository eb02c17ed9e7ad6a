"""The run screen: watches one run and tells its worker what the reader wants.

A thread reads the run directory and posts what it found; everything here is
drawn from those messages. Leaving this screen never touches the run.
"""

import threading
import time
from collections import deque
from collections.abc import Sequence
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.reactive import Reactive
from textual.widget import Widget

from tuilab.events import Event
from tuilab.runs import Run
from tuilab.status import LIVE
from tuilab.ui.screens.run_found import DAMAGED
from tuilab.ui.screens.run_messages import Looked, OthersLooked, Unreadable
from tuilab.ui.screens.run_panels import MOST_FLAGS, flags_of, panels
from tuilab.ui.screens.run_panes import RunPanes
from tuilab.ui.terminal import updates
from tuilab.ui.terminal.fitting import sent, unsent
from tuilab.ui.terminal.meter import Meter
from tuilab.ui.widgets.advice import advice
from tuilab.ui.widgets.board_layout import FLAT, LOW, SLIM
from tuilab.ui.widgets.chart_board import ChartBoard
from tuilab.ui.widgets.chart_tabs import ChartTabs
from tuilab.ui.widgets.event_log import EventLog
from tuilab.ui.widgets.key_bar import KeyBar
from tuilab.ui.widgets.notice import Notice
from tuilab.ui.widgets.pieces import clean
from tuilab.ui.widgets.status_line import StatusLine
from tuilab.ui.widgets.status_text import SILENT
from tuilab.ui.widgets.worker_output import WorkerOutput

_WATCHED = (*LIVE, "opening")

_BY, _LONG = 10.0, 120.0
"""Seconds by which a silence is told, and by which one that is at least as long is."""

_FIRST_LOOK = 0.03
"""Seconds in which the first look is mostly done: a screen painted before would be painted twice."""

_REST, _PAUSE = 4, 2
"""A run that has ended is looked at so many times as seldom, for somebody may resume it; and a paused one."""


class RunScreen(RunPanes):
    """One run, live or old."""

    CSS_PATH = "../styles/run.tcss"
    AUTO_FOCUS = "#board"
    # Selecting text repaints the whole screen, some 18 KB, with each column that the mouse is dragged by, and
    # dragging moves the cursor here. A terminal selects by itself while shift is held.
    ALLOW_SELECT: ClassVar[bool] = False
    # Textual repaints the whole screen, some 24 KB, whenever the focus moves: the charts show it themselves.
    focused: Reactive[Widget | None] = Reactive(None, repaint=False)
    MOUSE: ClassVar[Sequence[tuple[str, str]]] = (
        ("click, drag", "Cursor: the values in a column"),
        ("double click", "This chart alone, or all again"),
        ("wheel", "Zoom where the pointer is"),
        ("shift+wheel", "Earlier or later, where zoomed"),
    )
    """What help says of the mouse."""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("B", "cost", "Bytes a second", show=False),
        Binding("q", "leave", "Leave"),
    ]

    def __init__(self, run: Run, others: Sequence[Run] = ()) -> None:
        """Make the screen.

        Args:
            run: The run that is watched.
            others: Runs to draw beside it from the start.
        """
        super().__init__(run, others)
        self._left = threading.Event()
        self._events: deque[Event] = deque(maxlen=100)
        self._flags: deque[tuple[int, str]] = deque(maxlen=MOST_FLAGS)
        self._stale = False
        self._heard = time.monotonic()
        """When the worker last said something new, by the clock of this machine."""
        self._meter = Meter(lambda: sent(self.app._driver))

    def compose(self) -> ComposeResult:
        """Lay out the rows; the stylesheet decides what a small terminal leaves out."""
        yield StatusLine(clean(self.run.id), id="status")
        yield Notice(id="notice")
        yield ChartTabs(id="tabs")
        yield self.board()
        yield EventLog(id="events")
        yield WorkerOutput(id="output")
        yield KeyBar()

    def on_mount(self) -> None:
        """Begin to look."""
        self.app.delay_update(_FIRST_LOOK)
        updates.shorten()
        self.look()
        self.set_interval(1, self._mind_silence)
        threading.Thread(target=self._follow, daemon=True, name="follow").start()

    def on_unmount(self) -> None:
        """Look no more."""
        self._left.set()

    def on_resize(self, event: events.Resize) -> None:
        """Tell the stylesheet how much room there is."""
        width, height = event.size
        self.set_class(height < FLAT, "-flat")
        self.set_class(height < LOW, "-low")
        self.set_class(width < SLIM, "-slim")
        self.show_panes()
        self.paint()

    @work(thread=True, group="look")
    def look(self) -> None:
        """Read until everything there is has been read, reporting on the way."""
        while not self._left.is_set():
            if not self._report() or (self.feed.settled and self.others.settled):
                break

    def _follow(self) -> None:
        """Look again and again: a thread that waits costs less than a worker for every look."""
        while not self._left.wait(self.feed.budget * self._pace):
            self._report()

    @property
    def _pace(self) -> int:
        """How many frames there are between two looks."""
        if not self._live:
            return _REST
        return _PAUSE if self.status.state == "paused" and not self.others.live else 1

    @property
    def _live(self) -> bool:
        """Whether any run on the screen is under way."""
        return self.status.state in _WATCHED or self.others.live

    def _report(self) -> bool:
        """Look once and post what was found, touching no widget; return whether the run can be read."""
        message: Looked | Unreadable | None
        try:
            found = self.feed.look()
            message = None if found is None else Looked(found)
        except DAMAGED as error:
            message = Unreadable(str(error))  # what was read stays, and looking goes on
        if message is not None and not self._left.is_set():
            self.post_message(message)
        if self.others.look() and not self._left.is_set():
            self.post_message(OthersLooked())
        return not isinstance(message, Unreadable)

    @on(Unreadable)
    def _tell_unreadable(self, message: Unreadable) -> None:
        self.query_one(Notice).tell(
            [("The run's directory cannot be read. ", "painted--bad"), (clean(message.why), "painted--dim")]
        )

    @on(Looked)
    async def _take_in(self, message: Looked) -> None:
        """Fold in what was found and show it, or leave that to later where the line is busy."""
        found = message.found
        log = self.query_one(EventLog)
        if found.rewound:
            kept = [flag for flag in self._flags if flag[0] <= found.status.step]
            self._flags = deque(kept, maxlen=MOST_FLAGS)
        if found.status.state != self.status.state:
            self.refresh_bindings()
        if found.status.heartbeat != self.status.heartbeat:
            self._heard = time.monotonic()
        self.status = found.status
        self._events += found.events
        self._flags += flags_of(found.events)
        log.add(found.events)
        if found.output is not None:
            self.query_one(WorkerOutput).tell(found.output)
        self._loading = None if found.complete else found.share
        await self.offer(panels(found.metrics, found.meta))
        self.paint()

    _loading: float | None = None

    @property
    def _silent(self) -> float:
        """Seconds since a live worker has last said anything."""
        if self.status.state not in LIVE or self.status.state == "queued":
            return 0.0
        silent = time.monotonic() - self._heard
        # Nobody waits by the second, and each one told is written to the line.
        return silent // _BY * _BY if silent < _LONG else silent // _LONG * _LONG

    def _mind_silence(self) -> None:
        """Go on telling how long nothing has been heard."""
        if (silent := self._silent) != self._told and silent >= SILENT:
            self.paint()
        self._told = silent

    _told = 0.0

    def paint(self) -> None:
        """Show the newest state, unless what was painted before is still on its way."""
        if self._stale or not (self.is_current or self.app.screen.is_modal):
            return
        if unsent(self.app._driver):
            self._stale = True
            self.set_timer(self.feed.budget, self._repaint)
            return
        board = self.query_one(ChartBoard)
        self.query_one(StatusLine).tell(self.status, self._loading, self._meter.told, self._silent)
        notice = self.query_one(Notice)
        notice.tell(advice(self.status, self._events, self.size.width - (0 if self.size.width < SLIM else 2)))
        board.tell(self.status, tuple(self._flags))
        board.draw()
        self.show_panes()

    def action_cost(self) -> None:
        """Show what the screen costs the line, or no longer."""
        if self._meter.toggle():
            self._metering = self.set_interval(1, self.paint)
        else:
            self._metering.stop()
        self.paint()

    def on_screen_resume(self) -> None:
        """Show what has happened while another screen was in front."""
        self.paint()

    def _repaint(self) -> None:
        """Try again what the line had no room for."""
        self._stale = False
        self.paint()

    @on(ChartBoard.Wanted)
    def _want(self, message: ChartBoard.Wanted) -> None:
        self.feed.want(message.metrics, self.query_one(WorkerOutput).display)
        self.look()

    def action_leave(self) -> None:
        """Leave; the run goes on."""
        self.app.exit()
