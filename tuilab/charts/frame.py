"""Frame: a finished chart, as code points and style numbers, and what changed since the one before.

Styles are numbers rather than colours: the screen maps them to its theme, the plain twin ignores them.
"""

from dataclasses import dataclass, field
from enum import IntEnum
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tuilab.charts.canvas import Chars
from tuilab.charts.letters import REST

Styles = NDArray[np.uint8]

SLOTS = 8
"""Colour slots for curves; more curves than that begin again at the first."""


class Style(IntEnum):
    """What a cell is.

    From SERIES on, two numbers a colour slot: its line, and its raw band behind. From HEAT on, 16 levels from
    low to high; from WARM and COLD on, 16 levels away from zero, above and below it.
    """

    BLANK = 0
    TEXT = 1
    TITLE = 2
    AXIS = 3
    TICK = 4
    DIM = 5
    PLANNED = 6
    NONFINITE = 7
    FLAG = 8
    CURSOR = 9
    CLIP = 10
    SERIES = 16
    HEAT = 48
    WARM = 64
    COLD = 80


def line_style(slot: int) -> int:
    """Style of a curve's line.

    >>> line_style(0), band_style(0), line_style(1), line_style(8)
    (16, 17, 18, 16)
    """
    return _LINES[slot % SLOTS]


_LINES = tuple(int(Style.SERIES) + 2 * slot for slot in range(SLOTS))


def band_style(slot: int) -> int:
    """Style of a curve's band from smallest to largest."""
    return line_style(slot) + 1


HEAT_LEVELS = 16
"""Styles from low to high."""


def heat_style(level: int) -> int:
    """Style of one of 16 levels.

    >>> heat_style(0), heat_style(15)
    (48, 63)
    """
    return Style.HEAT + level


def warm_style(level: int) -> int:
    """Style of one of 16 levels above zero."""
    return Style.WARM + level


def cold_style(level: int) -> int:
    """Style of one of 16 levels below zero."""
    return Style.COLD + level


@dataclass(frozen=True, slots=True)
class Reading:
    """What a curve holds in the column under the cursor."""

    name: str
    start: int
    """First step of the column."""
    stop: int
    """Last step of the column."""
    first: float
    last: float
    low: float
    """Smallest finite value; NaN where there is none."""
    high: float
    mean: float
    line: float
    """Where the line runs: the smoothed value, or the mean."""
    count: int
    """Rows, finite or not."""
    bad: int
    """Of them NaN or infinite."""


@dataclass(frozen=True, slots=True)
class Plot:
    """Where the curves are in a frame, in cells, and what x lies there."""

    left: int
    top: int
    width: int
    height: int
    x0: float
    x1: float
    log: bool = False

    def x_at(self, column: int) -> float:
        """X in the middle of a frame's column; outside the plot, that of its nearest column."""
        share = (min(max(column - self.left, 0), self.width - 1) + 0.5) / self.width
        if self.log:
            return float(self.x0 * (self.x1 / self.x0) ** share)
        return self.x0 + (self.x1 - self.x0) * share

    def column_at(self, x: float) -> int:
        """The frame's column that shows x; outside the plot, the nearest."""
        if self.log:
            share = np.log(max(x, self.x0) / self.x0) / np.log(self.x1 / self.x0)
        else:
            share = (x - self.x0) / (self.x1 - self.x0)
        return self.left + int(min(max(share * self.width, 0), self.width - 1))


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A drawn chart."""

    chars: Chars
    """(rows, columns), code points."""
    styles: Styles
    """(rows, columns), `Style` numbers."""
    plot: Plot
    y_limits: tuple[float, float]
    """Values at the lowest and the highest dot; hand them to the next view as `y_held`."""
    readings: tuple[Reading, ...] = field(default=())
    """Under the cursor, one a curve that has rows there."""

    def text(self) -> list[str]:
        """The rows as text, each as wide as the chart."""
        return [row.tobytes().decode("utf-32-le").replace(REST, "") for row in self.chars.astype("<u4")]

    def pieces(self, row: int) -> list[tuple[str, int]]:
        """A row in stretches of one style, each with its number."""
        text, styles = self.chars[row].astype("<u4").tobytes().decode("utf-32-le"), self.styles[row]
        cuts = [0, *(np.flatnonzero(styles[1:] != styles[:-1]) + 1).tolist(), len(styles)]
        return [(text[a:b].replace(REST, ""), int(styles[a])) for a, b in pairwise(cuts) if b > a]

    def changed(self, previous: "Frame | None") -> list[tuple[int, int, int]]:
        """Runs of cells that differ from another frame, as (row, first column, end column).

        Everything, if there is no other frame or it has another size.
        """
        if previous is None or previous.chars.shape != self.chars.shape:
            return [(row, 0, self.chars.shape[1]) for row in range(self.chars.shape[0])]
        differs = np.zeros((len(self.chars), self.chars.shape[1] + 2), np.int8)
        np.not_equal(self.chars, previous.chars, out=differs[:, 1:-1], casting="unsafe")
        differs[:, 1:-1] |= self.styles != previous.styles
        for chars in (self.chars, previous.chars):
            if not chars.all():  # half a wide letter cannot be painted
                rest = np.flatnonzero(chars.ravel() == ord(REST))
                row, column = np.divmod(rest, chars.shape[1])
                either = differs[row, column] | differs[row, column + 1]
                differs[row, column] = differs[row, column + 1] = either
        edges = np.diff(differs, axis=1)
        rows, begins = np.nonzero(edges == 1)
        ends = np.nonzero(edges == -1)[1]
        return list(zip(rows.tolist(), begins.tolist(), ends.tolist(), strict=True))


def empty(width: int, height: int) -> Frame:
    """The frame of a chart that has no room at all, as while a window is being resized."""
    shape = max(height, 0), max(width, 0)
    return Frame(
        np.zeros(shape, np.uint32), np.zeros(shape, np.uint8), Plot(0, 0, 1, 1, 0.0, 1.0), (0.0, 1.0)
    )
