"""Line charts: curves over steps, as a frame of characters.

Drawing is a pure function of the view and of what the series hold. What depends on the view alone (labels,
column edges) is remembered between frames; the rest is a dozen array operations a curve.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tuilab.charts import marks
from tuilab.charts.axes import Scale, limits, usable, visible, x_end
from tuilab.charts.buckets import Floats, Ints
from tuilab.charts.canvas import Glyphs, glyphs_named
from tuilab.charts.columns import Columns, Grid
from tuilab.charts.compose import Layer, compose
from tuilab.charts.frame import Frame, Plot, Reading, Style, band_style, empty, line_style
from tuilab.charts.paper import Sheet, arrange, gutter_for, paper, x_axis
from tuilab.charts.smooth import smoothed
from tuilab.charts.trace import mark, trace
from tuilab.charts.view import Curve, View

__all__ = ["Curve", "View", "draw"]


@dataclass(slots=True)
class _Found:
    """What a curve holds in the columns of a plot."""

    curve: Curve
    grid: Grid
    columns: Columns
    line: Columns
    """What the line follows: the same, or the columns of the smoothed series."""


def draw(view: View, curves: Sequence[Curve]) -> Frame:
    """Draw curves.

    >>> import numpy as np
    >>> from tuilab.charts.series import Series
    >>> series = Series()
    >>> series.extend(np.arange(8), np.arange(8.0))
    >>> [row.strip() for row in draw(View(4, 2, 0, 7, y_limits=(0, 7)), [Curve("loss", series)]).text()]
    ['⡠⠊', '⡠⠊']
    """
    if view.width < 1 or view.height < 1:
        return empty(view.width, view.height)
    glyphs, log = glyphs_named(view.glyphs), view.y_scale == "log"
    known = usable(view.y_limits, log) or usable(view.y_held, log) or (0.1, 1.0)
    gutter = _gutter(view, Scale(*known, log))
    plot, found = _look(view, curves, gutter, glyphs)
    ahead = marks.future(view, curves[0], found[0].grid) if curves else None
    scale = _scale(view, found, ahead)
    needed = _gutter(view, scale) if scale is not None else 0
    if gutter != needed:
        plot, found = _look(view, curves, needed, glyphs)
        ahead = marks.future(view, curves[0], found[0].grid) if curves else None
    if scale is None:
        sheet = Sheet(view.width, view.height)
        x_axis(sheet, plot, view.x_mode, glyphs)
        rows = [len(it.curve.series) for it in found]
        marks.nothing(sheet, plot, rows, [it.columns for it in found], log)
        return _marked(view, curves, sheet, plot, found, (math.nan, math.nan))
    sheet = paper(view.width, view.height, plot, scale, view.x_mode, view.glyphs).copy()
    across, down = plot.width * glyphs.across, plot.height * glyphs.down
    layers = [
        Layer(
            trace(it.columns, it.line, scale, across, down),
            *_styles(it.curve),
            it.curve.dash,
            it.curve.letter,
        )
        for it in found
    ]
    for it, layer in zip(found, layers, strict=True):
        if it.curve.kind == "points" and glyphs.down >= 4:
            mark(layer.trace, it.columns, down)
    if layers:
        compose(sheet, plot, glyphs, layers)
    marks.arrows(sheet, plot, glyphs, [layer.trace for layer in layers])
    if ahead is not None:
        marks.planned(sheet, plot, glyphs, scale, ahead)
    return _marked(view, curves, sheet, plot, found, (scale.low, scale.high))


def _marked(
    view: View,
    curves: Sequence[Curve],
    sheet: Sheet,
    plot: Plot,
    found: Sequence[_Found],
    y_limits: tuple[float, float],
) -> Frame:
    """Finish a sheet: holes, flags, cursor and legend."""
    glyphs = glyphs_named(view.glyphs)
    marks.nonfinite(sheet, plot, glyphs, [it.columns for it in found])
    marks.flags(sheet, plot, glyphs, view, curves[0] if curves else None)
    readings: list[Reading | None] = []
    if view.cursor is not None:
        cell = plot.column_at(view.cursor) - plot.left
        readings = [
            marks.reading(it.curve, it.columns, it.line, it.grid, cell, glyphs.across) for it in found
        ]
        marks.cursor(sheet, plot, glyphs, view.cursor)
    marks.legend(sheet, plot, glyphs, view, curves, readings)
    known = tuple(read for read in readings if read is not None)
    return Frame(sheet.chars, sheet.styles, plot, y_limits, known)


def _gutter(view: View, scale: Scale) -> int:
    """Columns for the labels of an axis."""
    return gutter_for(view.width, view.height, scale, view.legend, view.flags is not None)


def _look(view: View, curves: Sequence[Curve], gutter: int, glyphs: Glyphs) -> tuple[Plot, list[_Found]]:
    """Where the plot is, and what each curve holds in its columns."""
    log = view.x_scale == "log"
    x0 = max(view.x0, 1.0) if log else view.x0
    x1 = x0 * 2 if log and view.x1 <= x0 else x_end(x0, view.x1)
    plot = arrange(view.width, view.height, gutter, (x0, x1, log), view.legend, view.flags is not None)
    found = []
    for curve in curves:
        cut = marks.columns_of(plot, plot.width * glyphs.across, curve.xmap, view.x0)
        columns = line = curve.series.columns(cut)
        if curve.smoothing:
            line = smoothed(curve.series, curve.smoothing).columns(cut)
        found.append(_Found(curve, cut, columns, line))
    return plot, found


def _scale(view: View, found: Sequence[_Found], ahead: tuple[Ints, Floats] | None) -> Scale | None:
    """The vertical axis for what is visible; None where nothing is and nothing was: no axis is made up."""
    log = view.y_scale == "log"
    if (fixed := usable(view.y_limits, log)) is not None:
        return Scale(*fixed, log)
    seen = visible([it.columns for it in found], log, view.robust)
    if ahead is not None and len(ahead[1]):
        low, high = float(ahead[1].min()), float(ahead[1].max())
        seen = (min(seen[0], low), max(seen[1], high)) if seen else (low, high)
    held = usable(view.y_held, log)
    if seen is None:
        return Scale(*held, log) if held is not None else None
    return Scale(*limits(*seen, log, held), log)


def _styles(curve: Curve) -> tuple[int, int]:
    """Styles of a curve's line and band."""
    if curve.dim:
        return Style.DIM, Style.DIM
    return line_style(curve.style), band_style(curve.style)
