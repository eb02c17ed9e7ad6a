"""Smoothing: a debiased exponential mean that follows a series as it grows.

After n finite values the mean is `sum((1 - w) * w**(n - i) * x_i) / (1 - w**n)`: without the division the
first values would be drawn towards zero. Values that are not finite are passed over and leave a hole. The
result is a series of its own, so drawing it costs what drawing any series costs; its rows are not kept but
computed again,
from the state remembered every 2**14 rows, when a view is close enough to want them.
"""

import numpy as np

from tuilab.charts.buckets import Floats, Ints
from tuilab.charts.rows import Values
from tuilab.charts.series import Series

_PIECE = 2**14
"""Rows between two remembered states: a close view repeats at most so many."""

_BLOCK = 32
"""Rows computed by one row of a matrix product: larger ones multiply more zeros, smaller ones loop more."""

_LARGEST = float(np.finfo(np.float64).max) * (1 - 1e-6)
"""Values are held below this: the weights of a mean add up to one only up to rounding."""

_WEIGHTS_KEPT = 2
"""Smoothed forms remembered for a series: the one shown, and the one before, to compare."""


class Smoothed:
    """The exponential mean of a series.

    Args:
        parent: The series to follow.
        weight: Share of the past, from 0 to below 1.

    >>> parent = Series()
    >>> parent.extend(np.arange(3), np.array([1.0, np.nan, 4.0]))
    >>> smoothed = Smoothed(parent, 0.5)
    >>> smoothed.catch_up()
    >>> smoothed.series.rows(0, 3)[1].tolist()
    [1.0, nan, 3.0]
    """

    def __init__(self, parent: Series, weight: float) -> None:
        if not 0 <= weight < 1:
            raise ValueError(f"a smoothing weight lies from 0 to below 1, not at {weight}")
        self.series = Series(self._rows)
        self._parent = parent
        self._weight = weight
        self._state = (0.0, 0)
        self._states = [self._state]
        ladder = np.arange(_BLOCK)
        powers = np.where(ladder[:, None] >= ladder, float(weight) ** np.abs(ladder[:, None] - ladder), 0.0)
        self._response = np.ascontiguousarray((1 - weight) * powers.T)
        self._fading = float(weight) ** (ladder + 1.0)

    def catch_up(self, most: int = 2**62) -> None:
        """Take in rows that the parent has and this has not, at most so many."""
        stop = min(len(self._parent), len(self.series) + most)
        while (start := len(self.series)) < stop:
            end = min(stop, start - start % _PIECE + _PIECE)
            steps, values = self._parent.rows(start, end)
            smooth, self._state = self._mean(values, self._state)
            self.series.extend(steps, smooth)
            if end % _PIECE == 0:
                self._states.append(self._state)

    def _rows(self, start: int, stop: int) -> tuple[Ints, Values]:
        """Rows computed again, from the nearest remembered state before."""
        begin = start - start % _PIECE
        steps, values = self._parent.rows(begin, stop)
        smooth, _ = self._mean(values, self._states[begin // _PIECE])
        return steps[start - begin :], smooth[start - begin :]

    def _mean(self, values: Values, state: tuple[float, int]) -> tuple[Floats, tuple[float, int]]:
        """Go on from a state (the mean before debiasing, finite values so far) over new values."""
        total, seen = state
        finite = np.isfinite(values)
        whole = bool(finite.all())
        taken = values.astype(np.float64) if whole else values[finite].astype(np.float64)
        if len(taken):
            np.clip(taken, -_LARGEST, _LARGEST, out=taken)
            run = self._run(taken, total)
            total = float(run[-1])
            fade = (
                self._weight ** np.arange(seen + 1.0, seen + len(run) + 1)
                if self._weight**seen > 1e-17
                else 0.0
            )
            seen += len(run)
            run /= 1 - fade
        else:
            run = taken
        if whole:
            return run, (total, seen)
        smooth = np.full(len(values), np.nan)
        smooth[finite] = run
        return smooth, (total, seen)

    def _run(self, values: Floats, total: float) -> Floats:
        """The recurrence `total = w * total + (1 - w) * value`, a block at a time."""
        blocks = -(-len(values) // _BLOCK)
        padded = np.zeros(blocks * _BLOCK)
        padded[: len(values)] = values
        within = padded.reshape(blocks, _BLOCK) @ self._response
        fade, carried = float(self._fading[-1]), []
        for end in within[:, -1].tolist():
            carried.append(total)
            total = fade * total + end
        run: Floats = (within + np.array(carried)[:, None] * self._fading).ravel()[: len(values)]
        return run


def smoothed(series: Series, weight: float, most: int = 2**19) -> Series:
    """The smoothed form of a series, brought up to date by at most so many rows.

    It is remembered with the series, so that a chart may ask for it in every frame. A long series asked for
    the first time is caught up with over a few frames, so that a key press never waits for it.
    """
    known = series.derived.pop(weight, None)
    follower = known if isinstance(known, Smoothed) else Smoothed(series, weight)
    while len(series.derived) >= _WEIGHTS_KEPT:
        series.derived.pop(next(iter(series.derived)))
    series.derived[weight] = follower
    follower.catch_up(most)
    return follower.series
