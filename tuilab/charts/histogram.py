"""Histograms: how values are spread, as bars. The weights of a layer, or the errors on a test set."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tuilab.charts.axes import Scale
from tuilab.charts.buckets import Floats, Ints
from tuilab.charts.canvas import glyphs_named, spans
from tuilab.charts.compose import window
from tuilab.charts.frame import Frame, Style, empty, line_style
from tuilab.charts.letters import fitting
from tuilab.charts.paper import arrange, gutter_for, paper
from tuilab.charts.ticks import short

_LARGEST = 1.7e308


@dataclass(frozen=True, slots=True, eq=False)
class HistogramView:
    """How a histogram is shown."""

    width: int
    height: int
    title: str = ""
    glyphs: str = "braille"
    style: int = 0
    """Colour slot."""


def counted(values: NDArray[np.generic], bins: int) -> tuple[Ints, float, float]:
    """Count values in bins of equal width, from the smallest to the largest that is finite.

    >>> counted(np.array([0.0, 0.1, 0.9, 1.0, np.nan]), 2)
    (array([2, 2]), 0.0, 1.0)
    """
    finite = np.asarray(values, np.float64).ravel()
    finite = finite[np.isfinite(finite)]
    if not len(finite):
        return np.zeros(bins, np.int64), 0.0, 1.0
    low, high = float(finite.min()), float(finite.max())
    if low == high:
        margin = abs(low) * 0.1 or 1.0
        low, high = max(low - margin, -_LARGEST), min(high + margin, _LARGEST)
    share = (finite / 4 - low / 4) / (high / 4 - low / 4)
    places = np.minimum((share * bins).astype(np.int64), bins - 1)
    return np.bincount(places, minlength=bins), low, high


def histogram(view: HistogramView, counts: Ints | Floats, low: float, high: float) -> Frame:
    r"""Draw counts of equal bins between two values; a bin that holds anything shows at least a dot.

    >>> frame = histogram(HistogramView(20, 6), np.array([1, 3, 8, 3, 1]), -1.0, 1.0)
    >>> print("\n".join(row.rstrip() for row in frame.text()))
     │       ⣿⣿⣿⣿
    5┤       ⣿⣿⣿⣿
     │   ⢰⣶⣶⣶⣿⣿⣿⣿⣶⣶⣶⡆
    0┤⣶⣶⣶⣾⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣷⣶⣶⣶
     └─────────┴────────
               0
    """
    if view.width < 1 or view.height < 1:
        return empty(view.width, view.height)
    glyphs = glyphs_named(view.glyphs)
    counts = np.asarray(counts, np.float64)
    scale = Scale(0.0, float(max(counts.max(initial=0.0), 1.0)), False)
    gutter = gutter_for(view.width, view.height, scale, bool(view.title), False)
    x = (low, high if high > low else low + 1, False)
    plot = arrange(view.width, view.height, gutter, x, bool(view.title), False)
    sheet = paper(view.width, view.height, plot, scale, "value", view.glyphs).copy()
    across, down = plot.width * glyphs.across, plot.height * glyphs.down
    heights = scale.dots(_spread(counts, across), down) + 1
    heights[_spread(counts, across) <= 0] = 0
    chars = glyphs.chars[spans(glyphs, plot.height, np.zeros_like(heights), heights).T]
    here = window(plot)
    sheet.chars[here] = chars
    sheet.styles[here] = np.where(chars != ord(" "), line_style(view.style), Style.BLANK)
    if plot.top:
        title = fitting(view.title, glyphs.ascii)
        sheet.write(0, plot.left, title, Style.TITLE)
        total = f"  {short(float(counts.sum()))} values"
        sheet.write(0, plot.left + len(title), total, Style.TEXT)
    return Frame(sheet.chars, sheet.styles, plot, (scale.low, scale.high))


def _spread(counts: Floats, columns: int) -> Floats:
    """The largest count that falls in each of so many columns."""
    if not len(counts):
        return np.zeros(columns)
    first = np.arange(columns) * len(counts) // columns
    after = np.maximum(-(-np.arange(1, columns + 1) * len(counts) // columns), first + 1)
    return np.array([counts[a:b].max() for a, b in zip(first.tolist(), after.tolist(), strict=True)])
