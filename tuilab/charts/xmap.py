"""X maps: from what the x axis shows to steps and back.

Epochs and samples are steps times a constant. Wall time is not, so it is remembered at every few steps, and
read between them along a straight line.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tuilab.charts.buckets import Floats

MOST_KNOTS = 2**14
"""Times remembered: 60 times as many as a wide chart has columns, so that none is off by a visible part."""

_STILL_TO_COME = 2
"""From the newest step on; the number between is that of the evaluation after it."""


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


class Elapsed:
    """Wall time of steps, in seconds since the first, extended as they arrive.

    Of every bucket of steps the first time is kept; buckets double when there are too many. Time never runs
    backwards here: a clock that was set back holds still until it has caught up.
    """

    def __init__(self) -> None:
        self._shift = 0
        self._origin: float | None = None
        self._steps = np.zeros(0)
        self._times = np.zeros(0)
        self._newest = (-1.0, 0.0)

    def extend(self, steps: NDArray[np.integer], times: NDArray[np.floating]) -> None:
        """Append steps (ascending) and their times in seconds; a time that is not finite is passed over."""
        if not len(steps):
            return
        keys = np.asarray(steps, np.int64) >> self._shift
        last_key = int(self._steps[-1]) >> self._shift if len(self._steps) else None
        fresh = np.append(keys[:1] != last_key if last_key is not None else [True], keys[1:] != keys[:-1])
        picked = np.flatnonzero(fresh)
        picked = np.append(picked, len(steps) - 1)
        new_steps = np.asarray(steps[picked], np.float64)
        new_times = np.asarray(times[picked], np.float64)
        usable = np.isfinite(new_times)
        new_steps, new_times = new_steps[usable], new_times[usable]
        if not len(new_steps):
            return
        if self._origin is None:
            self._origin = float(new_times[0])
        new_times = np.maximum.accumulate(np.append(self._newest[1], new_times - self._origin))[1:]
        self._newest = (float(new_steps[-1]), float(new_times[-1]))
        kept = usable[:-1].sum()
        self._steps = np.append(self._steps, new_steps[:kept])
        self._times = np.append(self._times, new_times[:kept])
        while len(self._steps) > MOST_KNOTS:
            self._thin()

    def _thin(self) -> None:
        """Double the buckets, keeping the first time of each."""
        self._shift += 1
        keys = self._steps.astype(np.int64) >> self._shift
        first = np.append([True], keys[1:] != keys[:-1])
        self._steps, self._times = self._steps[first], self._times[first]

    @property
    def newest(self) -> float:
        """Seconds at the newest step."""
        return self._newest[1]

    def steps(self, x: Floats) -> Floats:
        """Steps at given seconds; after the newest, one that is still to come.

        The model after the newest step is evaluated before the next one begins: that belongs to the newest.
        """
        if not len(self._steps):
            return np.zeros_like(x)
        step, newest = self._newest
        knots, times = np.append(self._steps, step), np.append(self._times, newest)
        found: Floats = np.interp(x, times, knots)
        return np.where(x > newest, step + _STILL_TO_COME, found)

    def steps_to(self, x: float) -> float:
        """The last step that there is by then, the evaluation after the newest included."""
        step, newest = self._newest
        return step + 1 if x >= newest else float(self.steps(np.array([x]))[0])

    def x(self, steps: Floats) -> Floats:
        """Seconds at given steps."""
        if not len(self._steps):
            return np.zeros_like(steps)
        step, newest = self._newest
        found: Floats = np.interp(steps, np.append(self._steps, step), np.append(self._times, newest))
        return found


XMap = Linear | Elapsed
STEPS = Linear()
