"""Rows that a series keeps for itself, where no table on disk holds them.

Values keep the type they came in until a wider one arrives, so a kept float32 costs four bytes.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from tuilab.charts.buckets import Ints

Values = NDArray[np.floating]

Source = Callable[[int, int], tuple[Ints, Values]]
"""`source(a, b)` gives steps and values of rows a to b - 1, as they were given to `Series.extend`."""


def as_values(values: NDArray[np.generic]) -> Values:
    """Values as contiguous floats; a strided column of a table is gathered, whole numbers become float64."""
    if values.dtype.kind == "f" and values.dtype.itemsize <= 8:
        return np.ascontiguousarray(values)
    with np.errstate(all="ignore"):
        return np.ascontiguousarray(values, np.float64)


class KeptRows:
    """Steps and values in memory, with room to grow; itself a source."""

    def __init__(self) -> None:
        self.count = 0
        self._steps = np.empty(64, np.int64)
        self._values: Values = np.empty(64, np.float16)

    def append(self, steps: Ints, values: Values) -> None:
        """Copy rows in."""
        end = self.count + len(steps)
        kind = np.promote_types(self._values.dtype, values.dtype)
        if end > len(self._steps) or kind != self._values.dtype:
            room = (
                max(end, len(self._steps) + len(self._steps) // 2)
                if end > len(self._steps)
                else len(self._steps)
            )
            grown_steps, grown = np.empty(room, np.int64), np.empty(room, kind)
            grown_steps[: self.count], grown[: self.count] = (
                self._steps[: self.count],
                self._values[: self.count],
            )
            self._steps, self._values = grown_steps, grown
        self._steps[self.count : end] = steps
        self._values[self.count : end] = values
        self.count = end

    def __call__(self, start: int, stop: int) -> tuple[Ints, Values]:
        """Rows `start` to `stop - 1`."""
        return self._steps[start:stop], self._values[start:stop]
