"""Trace: what a curve leaves in each dot column, as spans of dots.

Three spans a column: the band from smallest to largest value, the line through the means (or smoothed
values), and the two tips of the band, which are drawn even where the line leaves no room for the band. A
line reaches from the column before to this one inside this column alone, so a column once left behind never
changes again. Where rows between two columns are not finite the line is broken.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tuilab.charts.axes import Scale
from tuilab.charts.buckets import Ints
from tuilab.charts.columns import Columns

Mask = NDArray[np.bool_]


@dataclass(slots=True)
class Span:
    """One span of dots a dot column: from `low` up to, not including, `high`."""

    low: Ints
    high: Ints


@dataclass(slots=True)
class Trace:
    """A curve as dots."""

    line: Span
    band: Span
    bottom: Span
    """The lowest dot of the band, where it is clear of the line."""
    top: Span
    """The highest."""
    above: Ints
    """Columns with a value above the upper limit."""
    below: Ints
    """Columns with a value below the lower limit, or which a logarithmic axis cannot show."""


def trace(
    columns: Columns, line: Columns, scale: Scale, width: int, height: int, points: bool = False
) -> Trace:
    """Place a curve on a canvas of so many dots.

    Args:
        columns: The values.
        line: What the line runs through: the same columns, or those of the smoothed series.
        scale: The vertical axis.
        width: Dot columns.
        height: Dot rows.
        points: Whether each column with rows is marked.
    """
    path = _line(line, scale, width, height)
    finite = columns.rows > columns.bad
    shown = finite & (columns.high > 0) if scale.log else finite
    at, low, high = columns.at[shown], columns.low[shown], columns.high[shown]
    bottom, top = scale.dots(low, height), scale.dots(high, height)
    band = Span(np.zeros(width, np.int64), np.zeros(width, np.int64))
    band.low[at], band.high[at] = bottom, top + 1
    if points:
        path.low[at] = np.maximum(np.minimum(path.low[at], bottom - 1), 0)
        path.high[at] = np.minimum(np.maximum(path.high[at], top + 2), height)
    # A tip next to the line adds nothing to see, and would fill the gaps of a dashed one.
    near_low, near_high = path.low[at] - 1, path.high[at]
    lone = path.high[at] == path.low[at]
    bottoms, tops = _nothing(width), _nothing(width)
    clear = lone | (bottom < near_low) | (bottom > near_high)
    bottoms.low[at], bottoms.high[at] = bottom, bottom + clear
    clear = lone | (top > near_high) | (top < near_low)
    tops.low[at], tops.high[at] = top, top + clear
    above = columns.at[finite & (columns.high > scale.high)]
    below = columns.at[finite & (columns.low < scale.low)]
    return Trace(path, band, bottoms, tops, above, below)


def _nothing(width: int) -> Span:
    return Span(np.zeros(width, np.int64), np.zeros(width, np.int64))


def _line(columns: Columns, scale: Scale, width: int, height: int) -> Span:
    """The line: each column's dot, and the way there from the column before."""
    span = _nothing(width)
    mean = columns.mean
    drawn = np.flatnonzero(mean > 0 if scale.log else mean == mean)
    if not len(drawn):
        return span
    at, dots = columns.at[drawn], scale.dots(mean[drawn], height)
    joined = _joined(columns, drawn)
    if at[-1] - at[0] == len(at) - 1:
        target = slice(int(at[0]), int(at[-1]) + 1)
        before = np.append(dots[:1], dots[:-1])
        way, on = np.where(joined, before, dots), None
    else:
        target = slice(int(at[0]), int(at[-1]) + 1)
        across = np.arange(at[0], at[-1] + 1)
        owner = np.searchsorted(at, across)
        way_joined = joined[owner]
        on = way_joined | (at[owner] == across)
        dots = np.floor(np.interp(across, at, dots) + 0.5).astype(np.int64)
        way = np.where(way_joined, np.append(dots[:1], dots[:-1]), dots)
    low, high = np.minimum(dots, way + 1), np.maximum(dots, way - 1) + 1
    low, high = np.where(dots > way, way + 1, dots), np.where(dots < way, way, dots + 1)
    if on is not None:
        low, high = low * on, high * on
    span.low[target], span.high[target] = low, high
    return span


def _joined(columns: Columns, drawn: Ints) -> Mask:
    """Whether the line reaches each drawn column from the one before: no row between may be missing."""
    joined = np.ones(len(drawn), np.bool_)
    joined[0] = False
    if columns.bad.any():
        ends = np.isfinite(columns.last[drawn[:-1]]) & np.isfinite(columns.first[drawn[1:]])
        joined[1:] = ends & (np.diff(drawn) == 1)
    elif len(drawn) < len(columns.at):
        joined[1:] = np.diff(drawn) == 1
    return joined


def dashed(span: Span, dash: int, across: int, down: int) -> Span:
    """Take dots out of a line in a pattern of cells: 0 solid, 1 dashed, 2 dotted, 3 dash-dot.

    Only where the line runs on from the column before and does not climb, so that no point on its own is
    lost.
    """
    pattern = np.array(_PATTERNS[dash % len(_PATTERNS)], np.bool_)
    if pattern.all():
        return span
    cells = np.arange(len(span.low)) // across
    off = ~pattern[cells % len(pattern)] & (span.high - span.low <= down)
    off[1:] &= span.high[:-1] > span.low[:-1]
    off[0] = False
    return Span(np.where(off, 0, span.low), np.where(off, 0, span.high))


_PATTERNS = ((1,), (1, 1, 0), (1, 0), (1, 1, 1, 0, 1, 0))
