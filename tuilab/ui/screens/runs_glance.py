"""A glance at the run under the cursor: what it is, and its loss, below the list of all runs."""

import threading
from contextlib import suppress
from dataclasses import dataclass

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.timer import Timer

from tuilab.charts.line import Curve
from tuilab.events import LAST_WORDS
from tuilab.runs import Run
from tuilab.status import Status
from tuilab.ui.plain_runs import RunLine
from tuilab.ui.screens.run_feed import Feed
from tuilab.ui.screens.run_found import DAMAGED
from tuilab.ui.screens.run_panels import curve_name
from tuilab.ui.terminal import abilities
from tuilab.ui.widgets.chart import Chart
from tuilab.ui.widgets.figures import count, duration
from tuilab.ui.widgets.lens import Lens, budget
from tuilab.ui.widgets.painted import Lines
from tuilab.ui.widgets.picture import Picture
from tuilab.ui.widgets.pieces import Piece, clean
from tuilab.words import counted

_SETTLED = 0.15
"""Seconds that the cursor rests before a run is read: longer than between two rows of a held key."""

_METRICS = ("loss", "eval.loss")


@dataclass(frozen=True, slots=True)
class Facts:
    """What is said of a run above its chart."""

    what: str
    how: str


class RunGlance(Vertical):
    """Two rows of facts and a chart of the loss."""

    DEFAULT_CSS = """
    RunGlance { height: 14; padding: 0 1; border-top: solid $border-blurred; }
    RunGlance > Lines { height: 2; }
    RunGlance > Chart { height: 1fr; }
    """

    @dataclass
    class Read(Message):
        """The run under the cursor was read."""

        feed: Feed
        facts: Facts
        status: Status

    def __init__(self) -> None:
        super().__init__()
        self._line: RunLine | None = None
        self._feed: Feed | None = None
        self._timer: Timer | None = None
        self._lock = threading.Lock()

    def compose(self) -> ComposeResult:
        """Lay out the facts above the chart."""
        yield Lines()
        chart = Chart(self._lock)
        chart.can_focus = False
        yield chart

    def tell(self, line: RunLine | None) -> None:
        """Show this run once the cursor rests on it."""
        another = line is None or self._line is None or line.path != self._line.path
        self._line = line
        if another:
            self._feed = None
        if self._timer is not None:
            self._timer.stop()
        if line is not None and self.display:
            self._timer = self.set_timer(_SETTLED, self._begin)

    def on_show(self) -> None:
        """Read the run that was looked at while there was no room."""
        self.tell(self._line)

    def _begin(self) -> None:
        if self._line is not None:
            if self._feed is None:
                self._feed = Feed(Run(self._line.path), lock=self._lock)
                self._feed.want(_METRICS)
            self._read(self._feed)

    @work(thread=True, exclusive=True, group="glance")
    def _read(self, feed: Feed) -> None:
        """Read a run's loss in slices, until done or another run is looked at."""
        with suppress(*DAMAGED):  # moved away meanwhile, or no whole run: nothing to show
            while feed is self._feed and self.is_attached:
                feed.look()
                if feed.settled:
                    self.post_message(self.Read(feed, _facts(feed.run), feed.run.status))
                    break

    @on(Read)
    def _show(self, message: Read) -> None:
        """Draw what was read, unless the reader has gone on."""
        message.stop()
        feed = message.feed
        if feed is not self._feed:
            return
        rows: list[list[Piece]] = [
            [(message.facts.what, "painted--strong")],
            [(message.facts.how, "painted--dim")],
        ]
        self.query_one(Lines).show(rows)
        curves = [
            Curve(curve_name(metric), feed.series(metric), style=slot, dash=slot)
            for slot, metric in enumerate(_METRICS)
        ]
        reached = max((curve.series.last_step or 0) for curve in curves)
        picture = Picture("loss", curves, (0.0, budget(message.status.total, reached)))
        chart = self.query_one(Chart)
        chart.display = any(len(curve.series) for curve in curves)
        chart.show(picture, Lens(glyphs=abilities.glyphs()))


def _facts(run: Run) -> Facts:
    """Return what a run trains and how it ended."""
    spec, meta, status = run.spec, run.meta, run.status
    what = (
        f"{spec['model.name']} on {spec['data.name']}, {spec['optimizer.name']} lr {spec['optimizer.lr']:g}"
    )
    if meta.get("parameters"):
        what += f", {count(meta['parameters'])} parameters"
    if meta.get("device"):
        what += f", {meta['device']}"
    ending, reader = "", run.events()
    while events := reader.read():
        ending = next((event.text for event in reversed(events) if event.kind in LAST_WORDS), ending)
    trained = f"trained {duration(status.seconds)}, {counted(status.step, 'step')}"
    return Facts(clean(what), clean(f"{trained}; {ending}" if ending else trained))
