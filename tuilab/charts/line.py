"""Line charts: curves over steps, as a frame of characters."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tuilab.charts.axes import Scale, limits, visible
from tuilab.charts.buckets import Floats
from tuilab.charts.canvas import glyphs_named
from tuilab.charts.columns import Columns, Grid, even_grid, grid
from tuilab.charts.compose import Layer, compose
from tuilab.charts.frame import Frame, Plot, Style, band_style, line_style
from tuilab.charts.paper import arrange, gutter_for, paper
from tuilab.charts.series import Series
from tuilab.charts.trace import trace
from tuilab.charts.xmap import STEPS, Linear, XMap


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """One series in a chart, and how to tell it from the others."""

    name: str
    series: Series
    style: int = 0
    """Colour slot."""
    dash: int = 0
    """0 solid, 1 dashed, 2 dotted, 3 dash-dot."""
    letter: str = ""
    """One character that stands on the line every so often."""
    smoothing: float = 0.0
    """Weight of the past in the exponential mean the line follows; 0 for the plain mean of each column."""
    dim: bool = False
    """Drawn in the background, as a run to compare with."""
    kind: str = "line"
    """"line", or "points" for few values, each of which is marked."""
    xmap: XMap = STEPS
    """From steps to what the x axis shows."""


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """What of a chart is shown, and how large."""

    width: int
    height: int
    x0: float
    x1: float
    x_mode: str = "step"
    """"step", "epoch", "samples" or "time": how x is written. Curves bring the map itself."""
    x_scale: str = "linear"
    y_scale: str = "linear"
    """"linear" or "log"."""
    y_limits: tuple[float, float] | None = None
    """Exactly these; left out, round limits for what is visible."""
    y_held: tuple[float, float] | None = None
    """Limits of the frame before, kept while they serve."""
    robust: bool = False
    """Limits from the 1st to the 99th percentile; what lies outside is marked by arrows."""
    glyphs: str = "braille"
    title: str = ""
    legend: bool = True
    cursor: float | None = None
    """X whose column is read."""
    flags: Sequence[tuple[int, str]] | None = None
    """Steps with a character for each; a row is kept for them unless None."""
    planned: Callable[[Floats], Floats] | None = None
    """Values at given steps, drawn dim after the newest row of the first curve."""


def draw(view: View, curves: Sequence[Curve]) -> Frame:
    """Draw curves.

    >>> series = Series()
    >>> series.extend(np.arange(8), np.arange(8.0))
    >>> print("|".join(draw(View(4, 2, 0, 7, y_limits=(0, 7)), [Curve("loss", series)]).text()))
      ⡠⠊|⡠⠊
    """
    glyphs = glyphs_named(view.glyphs)
    gutter = _gutter(view, view.y_limits or view.y_held)
    plot, found = _look(view, curves, gutter)
    scale = _scale(view, curves, plot, found)
    if gutter != gutter_for(view.width, view.height, scale):
        plot, found = _look(view, curves, gutter_for(view.width, view.height, scale))
    sheet = paper(view.width, view.height, plot, scale, view.x_mode, view.glyphs).copy()
    across, down = plot.width * glyphs.across, plot.height * glyphs.down
    layers = [
        Layer(trace(*columns, scale, across, down), *_styles(curve), curve.dash, curve.letter)
        for curve, columns in zip(curves, found, strict=True)
    ]
    if layers:
        compose(sheet, plot, glyphs, layers)
    return Frame(sheet.chars, sheet.styles, plot, (scale.low, scale.high))


def _gutter(view: View, known: tuple[float, float] | None) -> int:
    """Columns for labels, from the limits if they are known, else the usual."""
    return gutter_for(view.width, view.height, Scale(*(known or (0.0, 1.0)), view.y_scale == "log"))


def _look(view: View, curves: Sequence[Curve], gutter: int) -> tuple[Plot, list[tuple[Columns, Columns]]]:
    """Where the plot is, and what each curve holds in its columns: values, and what the line follows."""
    x = (view.x0, view.x1, view.x_scale == "log")
    plot = arrange(view.width, view.height, gutter, x, view.legend, view.flags is not None)
    count = plot.width * glyphs_named(view.glyphs).across
    found = []
    for curve in curves:
        columns = curve.series.columns(_columns_of(plot, count, curve.xmap))
        found.append((columns, columns))
    return plot, found


def _columns_of(plot: Plot, count: int, xmap: XMap) -> Grid:
    """Dot columns in steps."""
    if isinstance(xmap, Linear) and not plot.log:
        return even_grid(plot.x0 / xmap.per_step, plot.x1 / xmap.per_step, count)
    if plot.log:
        return grid(xmap.steps(np.geomspace(plot.x0, plot.x1, count + 1)))
    return grid(xmap.steps(np.linspace(plot.x0, plot.x1, count + 1)))


def _scale(view: View, curves: Sequence[Curve], plot: Plot, found: list[tuple[Columns, Columns]]) -> Scale:
    """The vertical axis for what is visible."""
    log = view.y_scale == "log"
    if view.y_limits is not None:
        return Scale(*view.y_limits, log)
    seen = visible([columns for columns, _ in found], log, view.robust)
    if seen is None:
        return Scale(*(view.y_held or (0.1, 1.0) if log else view.y_held or (0.0, 1.0)), log)
    return Scale(*limits(*seen, log, view.y_held), log)


def _styles(curve: Curve) -> tuple[int, int]:
    """Styles of a curve's line and band."""
    if curve.dim:
        return Style.DIM, Style.DIM
    return line_style(curve.style), band_style(curve.style)
