"""A run's curves on their way into series, slice by slice.

Rows stay where they are, in the memory-mapped tables: a series is told how to find
them again. The lock is held for one slice at a time, a millisecond or so, whatever
the length of the run.
"""

import mmap
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.typing import NDArray

from tuilab.charts.series import Series
from tuilab.charts.xmap import Elapsed
from tuilab.curves import Curves, Points, is_evaluation
from tuilab.tables import Rows

_SLICE = 1 << 16
"""Rows taken at a time: half a millisecond of summing up."""

_YIELD, _AT_A_STRETCH = 1e-4, 5e-4
"""Seconds of rest after so many of reading: whoever waits to draw gets the lock, which a thread that takes it
again at once would keep for itself. It halves the wait of a key while ten million rows are read."""

_LONG = 1 << 25
"""Bytes of a table that are not worth giving back."""


@dataclass
class _Track:
    """A metric on its way into its series."""

    metric: str
    series: Series
    row: int = 0
    """First row of its table that has not been read."""
    picked: bool = False
    """Its table has rows out of order, so the series keeps those that it took: their places say nothing."""


@dataclass
class Tracks:
    """Keeps a series for each curve that anybody has asked for; extended by one thread, read by others."""

    lock: threading.Lock
    """Held while series change; hold it to read them."""
    curves: Curves | None = None
    """Where the rows are; None until the run has been looked at."""
    elapsed: Elapsed = field(init=False)
    """Seconds of training at each step."""

    def __post_init__(self) -> None:
        self._tracks: dict[str, _Track] = {}
        self.elapsed, self._elapsed_row = Elapsed(self._source("time")), 0

    def series(self, metric: str) -> Series:
        """Return a metric's series; it fills while it is read."""
        return self._track(metric).series

    def share(self, metrics: Sequence[str]) -> float:
        """Return the share of these curves' rows that has been read."""
        ends = sum(self._end(metric) for metric in metrics)
        rows = sum(self._track(metric).row for metric in metrics)
        return min(rows / ends, 1.0) if ends else 1.0

    def take_back(self, everything: bool) -> bool:
        """Begin curves anew whose tables got shorter, or all; return whether there were any."""
        shorter = [
            track for track in self._tracks.values() if everything or track.row > self._end(track.metric)
        ]
        if not shorter and self._elapsed_row <= len(self._steps()):
            return False
        with self.lock:
            for track in shorter:
                track.series.clear()
                track.row = 0
            self.elapsed, self._elapsed_row = Elapsed(self._source("time")), 0
        return True

    def read(self, metrics: Sequence[str], deadline: float) -> bool:
        """Extend these curves, all in step, until done or out of time; return whether any grew.

        Args:
            metrics: what is looked at.
            deadline: by `time.perf_counter`.
        """
        tracks = [self._track(metric) for metric in metrics]
        grown, rested = False, time.perf_counter()
        while behind := self._behind(tracks):
            for extend in behind:
                extend()
                grown = True
                now = time.perf_counter()
                if now - rested > _AT_A_STRETCH:
                    time.sleep(_YIELD)
                    rested = time.perf_counter()
                if now > deadline:
                    return grown
        return grown

    def _behind(self, tracks: Sequence[_Track]) -> list[Callable[[], None]]:
        """Return what reads the next slice of each curve that lacks one, the furthest behind first.

        So all charts fill at the same pace, and the clock with them.
        """
        waiting: list[tuple[int, Callable[[], None]]] = [
            (track.row, partial(self._extend, track))
            for track in tracks
            if track.row < self._end(track.metric)
        ]
        rows = self._steps()
        if self._elapsed_row < len(rows) and "time" in (rows.dtype.names or ()):
            waiting.append((self._elapsed_row, partial(self._extend_elapsed, rows)))
        return [extend for _, extend in sorted(waiting, key=lambda pair: pair[0])]

    def let_go(self) -> None:
        """Give back the memory of a long table that was read: its pages are on disk, few are read again."""
        rows = self._steps()
        mapped = getattr(rows, "_mmap", None)
        if mapped is not None and rows.nbytes > _LONG:
            mapped.madvise(mmap.MADV_DONTNEED)

    def _steps(self) -> Rows:
        return self.curves.steps if self.curves else np.empty(0, [("step", "<i8")])

    def _end(self, metric: str) -> int:
        """Return how many rows a metric's table has; none while it lacks the column."""
        return self.curves.rows(metric) if self.curves else 0

    def _track(self, metric: str) -> _Track:
        track = self._tracks.get(metric)
        if track is None:
            series = Series() if is_evaluation(metric) else Series(self._source(metric))
            track = self._tracks.setdefault(metric, _Track(metric, series))
        return track

    def _source(self, metric: str) -> Callable[[int, int], Points]:
        """Return a function that looks rows up wherever their table is mapped now."""

        def rows(start: int, stop: int) -> Points:
            assert self.curves is not None  # a series that has rows was given them
            steps, values = self.curves.points(metric, start, stop)
            missing = stop - start - len(steps)
            if not missing:
                return steps, values
            # Taken back this very moment, and about to be forgotten: nothing is known of them any more.
            after = (steps[-1] if len(steps) else start) + 1 + np.arange(missing)
            return np.append(steps, after), np.append(values, np.full(missing, np.nan, np.float32))

        return rows

    def _extend(self, track: _Track) -> None:
        assert self.curves is not None
        end = min(track.row + _SLICE, self._end(track.metric))
        steps, values = self.curves.points(track.metric, track.row, end)
        with self.lock:
            try:
                _extend(track.series, steps, values, track.picked)
            except ValueError:
                # Rows are out of order. The series finds rows again by their place, so it begins anew
                # and keeps for itself those that ascend: a chart has one value a step.
                track.series, track.row, track.picked = Series(), 0, True
                return
            track.row = end

    def _extend_elapsed(self, rows: Rows) -> None:
        end = min(self._elapsed_row + _SLICE, len(rows))
        block = rows[self._elapsed_row : end]
        with self.lock:
            self.elapsed.extend(block["step"], block["time"])
            self._elapsed_row = end


def _extend(series: Series, steps: NDArray[np.int64], values: NDArray[np.floating], picking: bool) -> None:
    """Extend a series; when picking, rows whose step does not ascend, or is below zero, are passed over."""
    if picking:
        steps = np.asarray(steps, np.int64)
        newest = np.maximum.accumulate(np.append(-1 if series.last_step is None else series.last_step, steps))
        ascends = steps > newest[:-1]
        steps, values = steps[ascends], values[ascends]
    series.extend(steps, values)
