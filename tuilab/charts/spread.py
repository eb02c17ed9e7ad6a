"""How values are spread, look by look: a histogram a column, over steps. The weights of a layer, say.

A cell's shade is the share of the values that lie in its rows, by its logarithm: so the few far from the
rest are seen, and a cell without any value is blank. A column shows the newest look at its end, and holds it
until the next; nothing is shown after the newest look.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tuilab.charts import marks
from tuilab.charts.axes import Scale, limits, x_end
from tuilab.charts.buckets import Floats, Ints
from tuilab.charts.canvas import glyphs_named
from tuilab.charts.frame import HEAT_LEVELS, Frame, Style, empty, heat_style
from tuilab.charts.paper import arrange, gutter_for, paper
from tuilab.charts.shading import shades_of
from tuilab.charts.ticks import short
from tuilab.charts.xmap import STEPS, XMap

_SCARCEST = 1e-4
"""Share of the values that has the lightest shade; fewer have it too."""


@dataclass(frozen=True, slots=True, eq=False)
class SpreadView:
    """What is shown, and how large."""

    width: int
    height: int
    x0: float
    x1: float
    x_mode: str = "step"
    xmap: XMap = STEPS
    held: tuple[float, float] | None = None
    """Limits of the frame before, kept while they serve."""
    glyphs: str = "braille"
    cursor: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """Values counted in equal bins."""

    low: float
    high: float
    counts: NDArray[np.floating]


def spread(view: SpreadView, steps: Ints, looks: Sequence[Look]) -> Frame:
    """Draw looks at some values.

    Args:
        view: What is shown.
        steps: Ascending, one a look.
        looks: What was counted; one whose ends are not finite is marked on the rule below.
    """
    if view.width < 1 or view.height < 1:
        return empty(view.width, view.height)
    glyphs = glyphs_named(view.glyphs)
    finite = [look for look in looks if np.isfinite((look.low, look.high)).all()]
    ends = (min(look.low for look in finite), max(look.high for look in finite)) if finite else (0.0, 1.0)
    scale = Scale(*limits(*ends, False, view.held), False)
    gutter = gutter_for(view.width, view.height, scale, True, False)
    x1 = x_end(view.x0, view.x1)
    plot = arrange(view.width, view.height, gutter, (view.x0, x1, False), True, False)
    sheet = paper(view.width, view.height, plot, scale, view.x_mode, view.glyphs).copy()
    cut = marks.columns_of(plot, plot.width, view.xmap, view.x0)
    shown = np.searchsorted(steps, cut.edges[1:]) - 1
    after = cut.edges[:-1] > (steps[-1] if len(steps) else -1)
    edges = np.linspace(scale.low, scale.high, plot.height + 1)
    shades = shades_of(glyphs)
    columns: dict[int, Floats | None] = {}
    rule = min(len(sheet.chars) - 1, plot.top + plot.height)
    for column in np.flatnonzero((shown >= 0) & ~after).tolist():
        place = int(shown[column])
        if place not in columns:
            columns[place] = _shares(looks[place], edges)
        shares = columns[place]
        if shares is None:
            sheet.write(rule, plot.left + column, glyphs.marks.nonfinite, Style.NONFINITE)
            continue
        there = np.flatnonzero(shares > 0)
        levels = Scale(_SCARCEST, 1.0, True).dots(shares[there], HEAT_LEVELS)
        rows = plot.top + plot.height - 1 - there
        sheet.chars[rows, plot.left + column] = shades[levels * len(shades) // HEAT_LEVELS]
        sheet.styles[rows, plot.left + column] = heat_style(0) + levels
    if plot.top:
        words = f"share of the values  {short(_SCARCEST)} {''.join(map(chr, shades))} 1"
        sheet.write(0, plot.left, words, Style.TEXT)
    if view.cursor is not None:
        marks.cursor(sheet, plot, glyphs, view.cursor)
    return Frame(sheet.chars, sheet.styles, plot, (scale.low, scale.high))


def _shares(look: Look, edges: Floats) -> Floats | None:
    """Share of the values between each two edges, the values of a bin spread evenly; None for no finite ends.

    >>> _shares(Look(0.0, 2.0, np.array([1.0, 3.0])), np.array([0.0, 0.5, 1.0, 2.0])).tolist()
    [0.125, 0.125, 0.75]
    """
    if not np.isfinite((look.low, look.high)).all():
        return None
    counts = np.asarray(look.counts, np.float64)
    total = counts.sum()
    if not total > 0:
        return np.zeros(len(edges) - 1)
    if look.low >= look.high:
        # All values are one: they lie in a single cell.
        at = min(int(np.searchsorted(edges, look.low, "right")) - 1, len(edges) - 2)
        shares = np.zeros(len(edges) - 1)
        shares[max(at, 0)] = 1.0
        return shares
    borders = np.linspace(look.low, look.high, len(counts) + 1)
    below: Floats = np.interp(edges, borders, np.concatenate(([0.0], np.cumsum(counts))) / total)
    found: Floats = np.diff(below)
    return found
