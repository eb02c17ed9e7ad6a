"""From a run directory to series, in slices that never hold anybody up.

A thread looks; the screen draws. What they share is guarded by one lock that is
held for one slice at a time, a millisecond or so, whatever the length of the run.
Rows stay where they are, in the memory-mapped tables.
"""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from textual.message import Message

from tuilab.charts.series import Series
from tuilab.charts.xmap import Elapsed
from tuilab.events import Event
from tuilab.history import History
from tuilab.runs import Run, Status
from tuilab.ui.screens.run_panels import FIRST, panels

_SLICE = 1 << 16
"""Rows taken at a time: half a millisecond of summing up."""

_LOG_TAIL = 1 << 15
"""Bytes shown of the worker's own output."""

_USUAL = ("loss", "grad_norm", "lr")
"""Columns that every run will have, shown before there is a table."""


@dataclass
class Looked(Message):
    """What a look at the run has found."""

    status: Status
    events: tuple[Event, ...]
    metrics: tuple[str, ...]
    meta: dict[str, Any]
    share: float
    """Share of the rows that have been read."""
    rewound: bool
    """The run was taken up from an earlier step: events and curves begin anew."""
    curves: bool
    """Whether any curve has grown."""
    output: str | None = None
    """The end of the worker's own output, where it was asked for and is new."""

    @property
    def complete(self) -> bool:
        """Whether everything there is has been read."""
        return self.share >= 1


@dataclass
class Unreadable(Message):
    """The run's directory cannot be read."""

    why: str


@dataclass
class _Track:
    """A metric on its way into its series."""

    metric: str
    series: Series
    row: int = 0
    """First row of its table that has not been read."""


@dataclass
class Feed:
    """Follows one run; `look` is called from a thread, the rest from anywhere."""

    run: Run
    budget: float = 0.2
    """Seconds after which a look reports what it has and leaves the rest to the next one."""
    lock: threading.Lock = field(default_factory=threading.Lock)
    """Held while series change; hold it to read them."""

    def __post_init__(self) -> None:
        self._one_at_a_time = threading.Lock()
        self._history: History | None = None
        self._tracks: dict[str, _Track] = {}
        self._elapsed = Elapsed()
        self._elapsed_row = 0
        self._wanted: tuple[str, ...] = ()
        self._rows: NDArray[np.void] = np.empty(0, [("step", "<i8")])
        self._metrics: tuple[str, ...] = _USUAL
        self._meta: dict[str, Any] = {}
        self._output_wanted = False
        self._output_size = -1

    def want(self, metrics: Sequence[str], output: bool = False) -> None:
        """Say which metrics are looked at: only those are read. And whether the worker's output is."""
        self._wanted = tuple(metrics)
        if output and not self._output_wanted:
            self._output_size = -1
        self._output_wanted = output

    def series(self, metric: str) -> Series:
        """Return a metric's series; it fills while looks go on."""
        return self._track(metric).series

    @property
    def elapsed(self) -> Elapsed:
        """Seconds of training at each step."""
        return self._elapsed

    def planned_lr(self, steps: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the learning rate that these steps will have."""
        return self._history.planned_lr(steps) if self._history else np.full(len(steps), np.nan)

    def look(self) -> Looked | None:
        """Read what is new, for at most `budget` seconds; None where nothing is."""
        with self._one_at_a_time:
            return self._look(time.perf_counter() + self.budget)

    def _look(self, deadline: float) -> Looked | None:
        if self._history is None:
            self._history = History(self.run)
        update = self._history.poll()
        if update.rewound:
            self._forget()
        with self.lock:
            self._rows = self.run.steps.rows
        new_evals = update.evals[0] < update.evals[1] or update.rewound
        new_columns = len(self._metrics) <= len(_USUAL) and update.steps[1] > 0
        if new_evals or new_columns:
            self._metrics = tuple(self._history.metrics()) or _USUAL
        if update.status_changed and not self._meta:
            self._meta = self.run.meta
        if not self._wanted:
            first = panels(self._metrics, self._meta)[:FIRST]
            self._wanted = tuple(metric for panel in first for metric in panel.metrics)
        grown = self._read(deadline)
        output = self._read_output()
        if not (update or grown or output is not None):
            return None
        share, curves = self._share(), grown or update.rewound
        events = update.events
        return Looked(
            self._history.status, events, self._metrics, self._meta, share, update.rewound, curves, output
        )

    @property
    def wanted(self) -> tuple[str, ...]:
        """The metrics that are looked at."""
        return self._wanted

    @property
    def base_lr(self) -> float:
        """The learning rate that the schedule multiplies."""
        return self._history.base_lr if self._history else 0.0

    @property
    def settled(self) -> bool:
        """Whether all rows of what is wanted have been read."""
        return self._share() >= 1

    def _track(self, metric: str) -> _Track:
        track = self._tracks.get(metric)
        if track is None:
            series = Series() if "." in metric else Series(self._source(metric))
            track = self._tracks.setdefault(metric, _Track(metric, series))
        return track

    def _source(self, metric: str) -> Any:
        """Return a function that looks rows of the steps table up wherever it is mapped now."""

        def rows(start: int, stop: int) -> tuple[NDArray[np.int64], NDArray[np.floating]]:
            block = self._rows[start:stop]
            return block["step"], block[metric]

        return rows

    def _forget(self) -> None:
        """Begin all curves anew."""
        with self.lock:
            for track in self._tracks.values():
                track.series.clear()
                track.row = 0
            self._elapsed, self._elapsed_row = Elapsed(), 0

    def _read(self, deadline: float) -> bool:
        """Extend what is wanted, all in step, until done or out of time; return whether anything grew."""
        tracks = [self._track(metric) for metric in self._wanted]
        grown = False
        while True:
            behind = [track for track in tracks if track.row < self._end(track)]
            late = self._elapsed_row < len(self._rows) and "time" in (self._rows.dtype.names or ())
            if not behind and not late:
                return grown
            # The furthest behind first: all charts fill at the same pace.
            if late and all(self._elapsed_row <= track.row for track in behind if "." not in track.metric):
                self._extend_elapsed()
            else:
                self._extend(min(behind, key=lambda track: track.row))
            grown = True
            if time.perf_counter() > deadline:
                return grown

    def _end(self, track: _Track) -> int:
        """Return how many rows a metric's table has; none while it lacks the column."""
        column = track.metric.rpartition(".")[2]
        if "." in track.metric:
            return len(self.run.evals) if column in self.run.evals.columns else 0
        return len(self._rows) if column in (self._rows.dtype.names or ()) else 0

    def _extend(self, track: _Track) -> None:
        assert self._history is not None
        end = min(track.row + _SLICE, self._end(track))
        steps, values = self._history.points(track.metric, track.row, end)
        with self.lock:
            _extend(track.series, steps, values)
            track.row = end

    def _extend_elapsed(self) -> None:
        end = min(self._elapsed_row + _SLICE, len(self._rows))
        block = self._rows[self._elapsed_row : end]
        with self.lock:
            self._elapsed.extend(block["step"], block["time"])
            self._elapsed_row = end

    def _share(self) -> float:
        ends = [self._end(self._track(metric)) for metric in self._wanted]
        rows = [self._track(metric).row for metric in self._wanted]
        return sum(rows) / sum(ends) if sum(ends) else 1.0

    def _read_output(self) -> str | None:
        """Return the end of the worker's output if it has grown."""
        if not self._output_wanted:
            return None
        try:
            with (self.run.path / "worker.log").open("rb") as log:
                size = log.seek(0, 2)
                if size == self._output_size:
                    return None
                self._output_size = size
                log.seek(max(size - _LOG_TAIL, 0))
                return log.read().decode("utf-8", "replace")
        except FileNotFoundError:
            return None


def _extend(series: Series, steps: NDArray[np.int64], values: NDArray[np.floating]) -> None:
    """Extend a series; rows whose step does not ascend are passed over, for a chart has one value a step."""
    try:
        series.extend(steps, values)
    except ValueError:
        steps = np.asarray(steps, np.int64)
        newest = np.maximum.accumulate(np.append(-1 if series.last_step is None else series.last_step, steps))
        ascends = steps > newest[:-1]
        series.extend(steps[ascends], values[ascends])
