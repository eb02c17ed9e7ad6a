"""Contours: a function of two variables as shades, and the way an optimizer took over it."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tuilab.charts.buckets import Floats, Ints
from tuilab.charts.canvas import Glyphs, glyphs_named
from tuilab.charts.frame import HEAT_LEVELS, Frame, Plot, Style, empty, heat_style, line_style
from tuilab.charts.letters import fitting
from tuilab.charts.paper import Sheet
from tuilab.charts.shading import shades_of

_BANDS = 8
"""Bands of height: as many as ASCII has shades, twice as many as there are shaded blocks."""


@dataclass(frozen=True, slots=True, eq=False)
class ContourView:
    """The part of the plane that is shown."""

    width: int
    height: int
    x: tuple[float, float]
    """From left to right."""
    y: tuple[float, float]
    """From bottom to top."""
    title: str = ""
    glyphs: str = "braille"
    style: int = 0
    """Colour slot of the path."""
    minima: Sequence[tuple[float, float]] = ()
    """Where the surface is lowest."""


def contour(view: ContourView, surface: Callable[[Floats, Floats], Floats], path: Floats) -> Frame:
    r"""Draw a surface in bands, high ones dense, and a path on it whose newest point is marked.

    Bands cover equal areas, not equal heights: so the floor of a valley shows however steep its walls are.

    Args:
        view: What is shown.
        surface: Heights at given x and y, two arrays of one shape.
        path: (points, 2), from the first to the newest; points that are not finite are left out.

    >>> view = ContourView(17, 5, (-2, 2), (-1, 1), glyphs="ascii")
    >>> frame = contour(view, lambda x, y: x**2 + y**2, np.array([[-1.5, 0.8], [-0.5, 0.3], [0.0, 0.0]]))
    >>> print("\n".join(frame.text()))
    @#-.+=--:--=+**#@
    @#*+'-....::=+*#@
    @#+=-:.'@..:-=+#@
    @#*+=::...:-=+*#@
    @#**+=--:--=+**#@
    """
    if view.width < 1 or view.height < 1:
        return empty(view.width, view.height)
    glyphs = glyphs_named(view.glyphs)
    top = int(bool(view.title) and view.height >= 5)
    plot = Plot(0, top, view.width, view.height - top, *view.x)
    sheet = Sheet(view.width, view.height)
    heights = _heights(view, plot, surface)
    known = np.isfinite(heights)
    levels = np.zeros(heights.shape, np.int64)
    if known.any():
        borders = np.quantile(heights[known], np.linspace(0, 1, _BANDS + 1)[1:-1], method="nearest")
        levels[known] = np.searchsorted(borders, heights[known])
    shades = shades_of(glyphs)
    sheet.chars[top:] = np.where(known, shades[levels * len(shades) // _BANDS], ord(" "))
    sheet.styles[top:] = np.where(known, heat_style(0) + levels * HEAT_LEVELS // _BANDS, Style.BLANK)
    for place in _lowest(view, plot):
        sheet.write(*place, "M", Style.TITLE)
    _draw_path(sheet, plot, glyphs, view, np.asarray(path, np.float64).reshape(-1, 2))
    sheet.write(0, 0, fitting(view.title, glyphs.ascii) if top else "", Style.TITLE)
    shown = heights[known] if known.any() else np.zeros(1)
    return Frame(sheet.chars, sheet.styles, plot, (float(shown.min()), float(shown.max())))


def _lowest(view: ContourView, plot: Plot) -> list[tuple[int, int]]:
    """Return the cells (row, column) of the sheet in which the surface is lowest, if in view."""
    found = []
    for x, y in view.minima:
        across = math.floor((x - view.x[0]) / (view.x[1] - view.x[0]) * plot.width)
        down = math.floor((view.y[1] - y) / (view.y[1] - view.y[0]) * plot.height)
        if 0 <= across < plot.width and 0 <= down < plot.height:
            found.append((plot.top + down, across))
    return found


def _heights(view: ContourView, plot: Plot, surface: Callable[[Floats, Floats], Floats]) -> Floats:
    """(rows, columns), the surface in the middle of each cell."""
    across = np.linspace(*view.x, 2 * plot.width + 1)[1::2]
    down = np.linspace(*view.y[::-1], 2 * plot.height + 1)[1::2]
    with np.errstate(all="ignore"):
        return np.asarray(surface(*np.meshgrid(across, down)), np.float64)


def _draw_path(sheet: Sheet, plot: Plot, glyphs: Glyphs, view: ContourView, path: Floats) -> None:
    """Draw straight lines from point to point, and a mark on the newest, where it is in view."""
    dots = _dots(view, plot, glyphs, path[np.isfinite(path).all(axis=1)])
    size = np.array([plot.width * glyphs.across, plot.height * glyphs.down])
    columns, rows = _between(dots).T
    inside = (columns >= 0) & (rows >= 0) & (columns < size[0]) & (rows < size[1])
    columns, rows = columns[inside], rows[inside]
    codes = np.zeros((plot.height, plot.width), np.uint8)
    bits = np.array(glyphs.bits, np.uint8)
    here = rows // glyphs.down, columns // glyphs.across
    np.bitwise_or.at(codes, here, bits[columns % glyphs.across, rows % glyphs.down])
    drawn = codes > 0
    sheet.chars[plot.top :][drawn] = glyphs.chars[codes[drawn]]
    sheet.styles[plot.top :][drawn] = line_style(view.style)
    if len(dots) and (dots[-1] >= 0).all() and (dots[-1] < size).all():
        column, row = dots[-1] // (glyphs.across, glyphs.down)
        sheet.write(plot.top + int(row), int(column), glyphs.marks.here, line_style(view.style))


def _dots(view: ContourView, plot: Plot, glyphs: Glyphs, path: Floats) -> Ints:
    """Points of a path as dots, counted from the upper left; far outside is as good as farther."""
    (x0, x1), (y0, y1) = view.x, view.y
    with np.errstate(all="ignore"):
        across = (path[:, 0] - x0) / (x1 - x0) * plot.width * glyphs.across
        down = (y1 - path[:, 1]) / (y1 - y0) * plot.height * glyphs.down
    return np.floor(np.clip(np.nan_to_num(np.stack([across, down], axis=1)), -2000, 4000)).astype(np.int64)


def _between(dots: Ints) -> Ints:
    """Every dot on the straight lines from one to the next.

    >>> _between(np.array([[0, 0], [2, 1]])).tolist()
    [[0, 0], [1, 0], [2, 1]]
    """
    if len(dots) < 2:
        return dots
    ways = np.diff(dots, axis=0)
    counts = np.abs(ways).max(axis=1)
    which = np.repeat(np.arange(len(ways)), counts)
    along = np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)
    share = along / np.maximum(counts[which], 1)
    lines = np.floor(dots[which] + share[:, None] * ways[which] + 0.5 - 1e-9).astype(np.int64)
    return np.concatenate([lines, dots[-1:]])
