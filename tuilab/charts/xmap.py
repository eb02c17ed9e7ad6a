"""X maps: from what the x axis shows to steps and back.

Epochs and samples are steps times a constant. Wall time is not: where a stretch of time ends in the steps is
looked up in the rows themselves, so that it is true to the row and stays true however long a run gets. Every
few rows the time is remembered, and says which rows to look at.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tuilab.charts.buckets import Floats, Ints
from tuilab.charts.rows import KeptRows, Source

MOST_KNOTS = 2**14
"""Times remembered: of ten million rows every thousandth, so that a look-up reads a thousand rows."""

_STILL_TO_COME = 2
"""From the newest step on; the number between is that of the evaluation after it."""

_ASKED = 32
"""Axes whose steps are remembered: those of all charts on a screen, and a cursor's."""


@dataclass(frozen=True, slots=True)
class Linear:
    """X is a constant times the step: 1 for steps, 1 / steps in an epoch, samples in a step.

    >>> Linear(64).steps(np.array([0.0, 640.0])).tolist()
    [0.0, 10.0]
    """

    per_step: float = 1.0

    def steps(self, x: Floats) -> Floats:
        """Steps at given x."""
        return x / self.per_step if self.per_step != 1.0 else x

    def x(self, steps: Floats) -> Floats:
        """X at given steps."""
        return steps * self.per_step


@dataclass(frozen=True, slots=True)
class _Knots:
    """Every so many rows' step and time; replaced as a whole, for a cursor reads them while rows arrive."""

    shift: int = 0
    """Binary logarithm of the rows from one to the next."""
    rows: int = 0
    """Rows taken in, those between knots included."""
    steps: Floats = field(default_factory=lambda: np.zeros(0))
    times: Floats = field(default_factory=lambda: np.zeros(0))

    def extended(self, steps: NDArray[np.integer], times: Floats) -> "_Knots":
        """These and those of more rows; where there would be too many, every other one."""
        shift = self.shift
        here = slice(-self.rows % (1 << shift), None, 1 << shift)
        all_steps = np.append(self.steps, np.asarray(steps[here], np.float64))
        all_times = np.append(self.times, times[here])
        while len(all_steps) > MOST_KNOTS:
            shift, all_steps, all_times = shift + 1, all_steps[::2], all_times[::2]
        return _Knots(shift, self.rows + len(steps), all_steps, all_times)


class Elapsed:
    """Wall time of steps, in seconds since the first, extended as they arrive.

    Time never runs backwards here: a clock that was set back holds still until it has caught up, and one that
    gives no number until it does. What was found up to the newest time therefore never changes.

    Args:
        source: Looks up steps and times given earlier, see `rows.Source`; without it they are kept.

    >>> clock = Elapsed()
    >>> clock.extend(np.arange(4), np.array([50.0, 51.0, 51.0, 60.0]))
    >>> clock.steps(np.array([0.0, 1.0, 1.5, 10.0, 11.0])).tolist(), clock.x(np.array([2.0, 3.0])).tolist()
    ([0.0, 1.0, 3.0, 3.0, 5.0], [1.0, 10.0])
    """

    def __init__(self, source: Source | None = None) -> None:
        self._kept = KeptRows() if source is None else None
        self._source: Source = source if source is not None else self._kept  # type: ignore[assignment]
        self._origin: float | None = None
        self._knots = _Knots()
        self._newest = (-1.0, 0.0)
        self._asked: dict[bytes, tuple[Floats, int]] = {}

    def extend(self, steps: NDArray[np.integer], times: NDArray[np.floating]) -> None:
        """Append steps (ascending) and their times in seconds; one that is not finite is the one before."""
        if not len(steps):
            return
        measured = np.ascontiguousarray(times, np.float64)
        if self._kept is not None:
            self._kept.append(np.asarray(steps, np.int64), measured)
        if self._origin is None:
            finite = measured[np.isfinite(measured)]
            self._origin = float(finite[0]) if len(finite) else None
        seconds = self._seconds(measured, self._newest[1])
        self._knots = self._knots.extended(steps, seconds)
        self._newest = (float(steps[-1]), float(seconds[-1]))

    def _seconds(self, times: NDArray[np.floating], before: float) -> Floats:
        """Seconds since the first time, nowhere less than `before`."""
        since = np.asarray(times, np.float64) - (self._origin or 0.0)
        if (since[1:] >= since[:-1]).all() and before <= since[0] and since[-1] < np.inf:
            return since
        return np.maximum.accumulate(np.where(np.isfinite(since), np.maximum(since, before), before))

    @property
    def newest(self) -> float:
        """Seconds at the newest step."""
        return self._newest[1]

    def steps(self, x: Floats) -> Floats:
        """The first step at or after each of these seconds, ascending; after the newest, one still to come.

        The model after the newest step is evaluated before the next one begins: that belongs to the newest.
        """
        step, newest = self._newest
        asked = x.tobytes()
        found, known = self._asked.pop(asked, (np.empty(len(x)), 0))
        reached = int(np.searchsorted(x, newest, "right"))
        if self._knots.rows:
            found[known:reached] = self._first_at(x[known:reached])
            self._asked[asked] = found, reached
            if len(self._asked) > _ASKED:
                del self._asked[next(iter(self._asked))]
        else:
            found[:reached] = 0
        answer = found.copy()
        answer[reached:] = step + _STILL_TO_COME
        return answer

    def x(self, steps: Floats) -> Floats:
        """Seconds at given steps; at one that has no row, those of the row before."""
        knots = self._knots
        found = np.zeros(len(steps))
        at = np.searchsorted(knots.steps, steps, "right") - 1
        for here, (known, seconds) in self._near(knots, at):
            rows = np.searchsorted(known, steps[here], "right") - 1
            found[here] = seconds[np.maximum(rows, 0)]
        return found

    def _first_at(self, x: Floats) -> Floats:
        """Step of the first row at or after each of these seconds, none of which is past the newest."""
        knots = self._knots
        found = np.empty(len(x))
        at = np.searchsorted(knots.times, x) - 1
        for here, (steps, seconds) in self._near(knots, at):
            # A table that was taken back this very moment may have lost the row.
            found[here] = steps[np.minimum(np.searchsorted(seconds, x[here]), len(steps) - 1)]
        return found

    def _near(self, knots: _Knots, at: Ints) -> Iterator[tuple[Ints, tuple[Ints, Floats]]]:
        """The rows from each knot to the next, both included, with the places in `at` that ask for them."""
        if not knots.rows:
            return
        at = np.maximum(at, 0)
        for knot in np.unique(at).tolist():
            begin = knot << knots.shift
            steps, times = self._source(begin, min(begin + (1 << knots.shift) + 1, knots.rows))
            yield np.flatnonzero(at == knot), (steps, self._seconds(times, float(knots.times[knot])))


XMap = Linear | Elapsed
STEPS = Linear()
