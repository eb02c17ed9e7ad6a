"""Trace: what a curve leaves in each dot column, as spans of dots.

Four spans a column: the line through the means (or smoothed values), the band from smallest to largest
value, and the band's lowest and highest dot, which are drawn even where the line leaves no room for a
band. The line's way from the column before lies inside the later column, so a column once left behind
never changes again. Where rows in between are not finite the line is broken.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tuilab.charts.axes import Scale
from tuilab.charts.buckets import MEAN, Ints
from tuilab.charts.columns import Columns

Mask = NDArray[np.bool_]

LINE, BAND, BOTTOM, TOP = range(4)

_PATTERNS = ((1,), (1, 1, 0), (1, 0), (1, 1, 1, 0, 1, 0))
"""Cells of a line that are drawn, by dash: solid, dashed, dotted, dash-dot."""


@dataclass(slots=True)
class Trace:
    """A curve as dots: spans from `low` up to, not including, `high`; empty ones where there is nothing."""

    low: Ints
    """(4, dot columns), by LINE, BAND, BOTTOM, TOP."""
    high: Ints
    """(4, dot columns)."""
    above: Ints
    """Columns with a value above the upper limit."""
    below: Ints
    """Columns with a value below the lower limit, or which a logarithmic axis cannot show."""


def trace(columns: Columns, line: Columns, scale: Scale, width: int, height: int) -> Trace:
    """Place a curve on a canvas of so many dots.

    Args:
        columns: The values.
        line: What the line runs through: the same columns, or those of the smoothed series.
        scale: The vertical axis.
        width: Dot columns.
        height: Dot rows.
    """
    low, high = np.zeros((2, 4, width), np.int64)
    traced = Trace(low, high, *_outside(columns, scale))
    if scale.log or not columns.clean:
        shown = np.flatnonzero(columns.high > 0 if scale.log else columns.rows > columns.bad)
        at, stats = columns.at[shown], columns.stats[: MEAN + 1, shown]
    else:
        shown, at, stats = None, columns.at, columns.stats[: MEAN + 1]
    if len(at):
        where = _where(at)
        bottom, top, mean = scale.dots(stats, height)
        low[BAND, where] = low[BOTTOM, where] = bottom
        low[TOP, where] = top
        high[BOTTOM, where] = bottom + 1
        high[BAND, where] = high[TOP, where] = top + 1
        if line is columns and not scale.log:
            _line(traced, at, mean, columns, shown, scale, height)
    if line is not columns or scale.log:
        drawn = np.flatnonzero(line.mean > 0 if scale.log else line.mean == line.mean)
        if len(drawn):
            _line(traced, line.at[drawn], scale.dots(line.mean[drawn], height), line, drawn, scale, height)
    return traced


def _outside(columns: Columns, scale: Scale) -> tuple[Ints, Ints]:
    """Columns with values above and below the limits."""
    # Comparisons with the NaN of a column without finite values are false, which is what is wanted.
    return columns.at[columns.high > scale.high], columns.at[columns.low < scale.low]


def _where(at: Ints) -> slice | Ints:
    """Columns as a slice if there is none missing: ten times faster to write to."""
    first, last = int(at[0]), int(at[-1])
    return slice(first, last + 1) if last - first == len(at) - 1 else at


def _joined(columns: Columns, drawn: Ints | None) -> Mask | None:
    """Whether the line reaches each drawn column from the one before: no row between may be missing.

    None where it always does.
    """
    if drawn is None or (columns.clean and len(drawn) == len(columns.at)):
        return None
    joined = np.ones(len(drawn), np.bool_)
    joined[1:] = drawn[1:] - drawn[:-1] == 1
    if not columns.clean:
        joined[1:] &= np.isfinite(columns.last[drawn[:-1]]) & np.isfinite(columns.first[drawn[1:]])
    return joined


def _line(
    traced: Trace, at: Ints, dots: Ints, columns: Columns, drawn: Ints | None, scale: Scale, height: int
) -> None:
    """Draw each column's dot of the line, and the way there from the column before.

    Over columns without rows the way leads to the next column's first value: its mean may still change, and
    the way with it.
    """
    where, joined = _where(at), _joined(columns, drawn)
    if isinstance(where, slice):
        before = np.empty_like(dots)
        before[0], before[1:] = dots[0], dots[:-1]
        if joined is not None:
            before = np.where(joined, before, dots)
        traced.low[LINE, where] = np.minimum(dots, before + 1)
        traced.high[LINE, where] = np.maximum(dots + 1, before)
        return
    first = scale.dots(columns.first if drawn is None else columns.first[drawn], height)
    across = np.arange(at[0], at[-1] + 1)
    after = np.searchsorted(at, across)
    ago = np.maximum(after - 1, 0)
    share = (across - at[ago]) / np.maximum(at[after] - at[ago], 1)
    way = np.floor(dots[ago] + share * (first[after] - dots[ago]) + 0.5).astype(np.int64)
    there = at[after] == across
    way[there] = dots
    before = np.append(way[:1], way[:-1])
    on: Mask = there
    if joined is None:
        on = np.ones(len(across), np.bool_)
    else:
        before = np.where(joined[after], before, way)
        on = there | joined[after]
    low, high = np.minimum(way, before + 1), np.maximum(way + 1, before)
    span = slice(int(at[0]), int(at[-1]) + 1)
    traced.low[LINE, span], traced.high[LINE, span] = low * on, high * on


def mark(traced: Trace, columns: Columns, height: int) -> None:
    """Make each column with values stand out by a dot more above and below."""
    at = columns.at[traced.high[BAND, columns.at] > 0]
    bottom, top = traced.low[BAND, at], traced.high[BAND, at]
    line_low, line_high = traced.low[LINE, at], traced.high[LINE, at]
    lone = line_high == line_low
    traced.low[LINE, at] = np.maximum(np.where(lone, bottom - 1, np.minimum(line_low, bottom - 1)), 0)
    traced.high[LINE, at] = np.minimum(np.maximum(line_high, top + 1), height)


def dashed(traced: Trace, dash: int, across: int, down: int) -> Trace:
    """Leave gaps in the line, in a pattern of cells: 0 solid, 1 dashed, 2 dotted, 3 dash-dot.

    Nothing is lost in the gaps: they are left where the line is as good as level, with values in every
    column, and where it merely leads from one value to the next.
    """
    pattern = np.array(_PATTERNS[dash % len(_PATTERNS)], np.bool_)
    if pattern.all():
        return traced
    low, high = traced.low, traced.high
    filled = high[BAND] > 0
    cells = np.arange(low.shape[1]) // across
    off = ~pattern[cells % len(pattern)]
    level = (low[BAND] >= low[LINE] - 1) & (high[BAND] <= high[LINE] + 1) & (high[LINE] - low[LINE] <= 1)
    level[1:] &= filled[:-1]
    off &= np.where(filled, level, high[LINE] - low[LINE] <= down)
    off[1:] &= high[LINE, :-1] > low[LINE, :-1]
    off[0] = False
    high = np.where(off, low, high)
    return Trace(low, high, traced.above, traced.below)
