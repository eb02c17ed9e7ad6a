"""Heat maps: many series, one a row, as shaded cells over steps. The layers of a network, say.

A cell's shade is the mean of its steps; between two values the earlier one holds. Both the character and the
style say how high it is, so the map reads the same without colour. What is not finite shows as a cross in its
place, and what a logarithmic scale cannot show as `0` or `-`. Where there are more series than rows,
neighbours share one, which shows the one furthest from zero. Under a cursor each row tells its value.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tuilab.charts import marks
from tuilab.charts.axes import x_end
from tuilab.charts.canvas import Glyphs, glyphs_named
from tuilab.charts.columns import Columns, Grid
from tuilab.charts.frame import (
    HEAT_LEVELS,
    Frame,
    Plot,
    Reading,
    Style,
    cold_style,
    empty,
    heat_style,
    warm_style,
)
from tuilab.charts.letters import fitting
from tuilab.charts.paper import Sheet, arrange, x_axis
from tuilab.charts.series import Series
from tuilab.charts.shading import Shading, choose, level_styles, shades_of
from tuilab.charts.ticks import short
from tuilab.charts.view import Curve
from tuilab.charts.xmap import STEPS, XMap

_ZERO, _NEGATIVE = "0", "-"
"""Marks of what a logarithmic scale cannot show."""

_VALUE = 9
"""Cells at the right that the values under a cursor take."""

_ROOM = 40
"""Columns from which there is room for them."""


@dataclass(frozen=True, slots=True, eq=False)
class HeatView:
    """What of a heat map is shown, and how large."""

    width: int
    height: int
    x0: float
    x1: float
    x_mode: str = "step"
    xmap: XMap = STEPS
    other_scale: bool = False
    """Logarithmic where the values would not be shaded so, and linear where they would."""
    held: tuple[float, float] | None = None
    """Limits of the frame before, kept while they serve."""
    robust: bool = True
    """Limits from the 1st to the 99th percentile, or one stray value would leave all others alike."""
    glyphs: str = "braille"
    title: str = ""
    cursor: float | None = None


def heat(view: HeatView, rows: Sequence[tuple[str, Series]]) -> Frame:
    r"""Draw named series below one another.

    >>> cold, hot = Series(), Series()
    >>> cold.extend(np.arange(4), np.full(4, 0.001))
    >>> hot.extend(np.arange(4), np.array([0.01, 0.1, 1.0, np.nan]))
    >>> frame = heat(HeatView(24, 5, 0, 3), [("a", cold), ("b", hot)])
    >>> print("\n".join(row.rstrip() for row in frame.text()))
      log  0.001 ░▒▓█ 1
    a ░░░░░░░░░░░░░░░░░░░░░░
    b ▒▒▒▒▒▒▒▓▓▓▓▓▓▓███████×
      ┴─────────────┴───────
      0             2
    """
    if view.width < 1 or view.height < 1:
        return empty(view.width, view.height)
    glyphs = glyphs_named(view.glyphs)
    plot = _arrange(view, rows)
    cut = marks.columns_of(plot, plot.width, view.xmap, view.x0)
    found = [series.columns(cut) for _, series in rows]
    shading = choose(found, view.robust, view.held, view.other_scale)
    sheet = Sheet(view.width, view.height)
    missing = ""
    shared = _shared(len(rows), plot.height)
    # As even as whole lines allow, to the last: an empty strip below would look like a layer without values.
    tops = [plot.top + index * plot.height // max(len(shared), 1) for index in range(len(shared) + 1)]
    for members, first, end in zip(shared, tops, tops[1:], strict=False):
        cells = _Row(plot.width)
        for member in members:
            cells.take(found[member])
        missing += cells.draw(sheet, plot, range(first, end), shading, glyphs)
        if members and plot.left:
            _name(sheet, plot, first, [rows[member][0] for member in members], glyphs)
        if members and plot.left + plot.width < view.width:
            _value(sheet, plot, first, cells, view)
    x_axis(sheet, plot, view.x_mode, glyphs)
    _legend(sheet, plot, view, shading, glyphs, missing)
    if view.cursor is not None:
        marks.cursor(sheet, plot, glyphs, view.cursor)
    readings = _read(view, plot, rows, found, cut)
    return Frame(sheet.chars, sheet.styles, plot, (shading.low, shading.high), readings)


class _Row:
    """What one row of cells shows, of one series or of several that share it."""

    def __init__(self, width: int) -> None:
        self.values = np.zeros(width)
        """The mean furthest from zero, in each cell."""
        self.finite = np.zeros(width, np.bool_)
        """Where there is such a value."""
        self.holes = np.zeros(width, np.bool_)
        """Where some value is not finite."""

    def take(self, columns: Columns) -> None:
        """Take a series in; a value holds until the next."""
        if not len(columns.at):
            return
        across = np.arange(columns.at[0], columns.at[-1] + 1)
        held = np.searchsorted(columns.at, across, "right") - 1
        finite = (columns.rows > columns.bad)[held]
        self.holes[across] |= (columns.bad > 0)[held] & (~finite | (columns.at[held] == across))
        means = np.where(finite, columns.mean[held], 0.0)
        further = finite & (~self.finite[across] | (np.abs(means) > np.abs(self.values[across])))
        self.values[across[further]] = means[further]
        self.finite[across] |= finite

    def draw(self, sheet: Sheet, plot: Plot, lines: range, shading: Shading, glyphs: Glyphs) -> str:
        """Draw the row on some lines of the sheet; return which marks it needed."""
        shown = self.finite & ~self.holes
        unshaded = shown & (self.values <= 0) if shading.kind == "log" else np.zeros_like(shown)
        cells = np.flatnonzero(shown & ~unshaded)
        levels, below = shading.levels(self.values[cells])
        above, under = shades_of(glyphs), shades_of(glyphs, below=True)
        place = levels * len(above) // HEAT_LEVELS
        chars, styles = np.where(below, under[place], above[place]), level_styles(shading.kind, levels, below)
        zero, negative = unshaded & (self.values == 0), unshaded & (self.values < 0)
        for row in lines:
            sheet.chars[row, plot.left + cells], sheet.styles[row, plot.left + cells] = chars, styles
            for where, char, style in (
                (zero, _ZERO, Style.DIM),
                (negative, _NEGATIVE, Style.CLIP),
                (self.holes, glyphs.marks.nonfinite, Style.NONFINITE),
            ):
                at = plot.left + np.flatnonzero(where)
                sheet.chars[row, at], sheet.styles[row, at] = ord(char), style
        return _ZERO * bool(zero.any()) + _NEGATIVE * bool(negative.any())


def _name(sheet: Sheet, plot: Plot, row: int, names: Sequence[str], glyphs: Glyphs) -> None:
    """Write what a row shows at its left."""
    more = f"+{len(names) - 1}" if len(names) > 1 else ""
    name = fitting(names[0], glyphs.ascii)[: plot.left - 1 - len(more)] + more
    sheet.write(row, plot.left - 1 - len(name), name, Style.TICK)


def _value(sheet: Sheet, plot: Plot, row: int, cells: _Row, view: HeatView) -> None:
    """Write the value under the cursor at the right of its row."""
    assert view.cursor is not None  # there is no room at the right otherwise
    cell = plot.column_at(view.cursor) - plot.left
    column = plot.left + plot.width + 1
    if cells.holes[cell]:
        sheet.write(row, column, "NaN/inf", Style.NONFINITE)
    elif cells.finite[cell]:
        sheet.write(row, column, short(float(cells.values[cell])), Style.CURSOR)


def _arrange(view: HeatView, rows: Sequence[tuple[str, Series]]) -> Plot:
    """Where the map is: names at its left take at most a third of the width."""
    names = max((len(name) for name, _ in rows), default=0)
    gutter = min(names, view.width // 3) if view.width >= 16 else 0
    values = _VALUE if view.cursor is not None and view.width >= _ROOM else 0
    x1 = x_end(view.x0, view.x1)
    return arrange(view.width - values, view.height, gutter, (view.x0, x1, False), True, False)


def _shared(count: int, lines: int) -> list[list[int]]:
    """Which series each line shows.

    >>> _shared(2, 5), _shared(5, 2)
    ([[0], [1]], [[0, 1, 2], [3, 4]])
    """
    return [part.tolist() for part in np.array_split(np.arange(count), min(count, lines) or 1)]


def _legend(sheet: Sheet, plot: Plot, view: HeatView, shading: Shading, glyphs: Glyphs, missing: str) -> None:
    """Title, scale and marks in the first row, as far as there is room."""
    if not plot.top:
        return
    column = plot.left
    if view.title:
        title = fitting(view.title, glyphs.ascii)
        sheet.write(0, column, title, Style.TITLE)
        column += len(title) + 2
    above, under = shades_of(glyphs).tolist(), shades_of(glyphs, below=True).tolist()
    ladder = [(shade, _style(shading.kind, place, len(above))) for place, shade in enumerate(above)]
    if shading.kind == "symmetric":
        ladder = [
            *((under[place], _style("below", place, len(under))) for place in range(len(under) - 1, -1, -1)),
            *ladder,
        ]
    low, high, kind = short(shading.low), short(shading.high), f"{shading.kind}  "
    room = view.width - column - len(low) - len(high) - len(ladder) - 2
    if room < 0:
        return
    start = f"{kind if len(kind) <= room else ''}{low} "
    sheet.write(0, column, start, Style.TEXT)
    column += len(start)
    for shade, style in ladder:
        sheet.write(0, column, chr(shade), style)
        column += 1
    signs = ((_ZERO, "zero"), (_NEGATIVE, "below zero"))
    words = f" {high}" + "".join(f"   {mark} {what}" for mark, what in signs if mark in missing)
    sheet.write(0, column, words if column + len(words) <= view.width else f" {high}", Style.TEXT)


def _style(kind: str, place: int, shades: int) -> int:
    """Style of a sample in the legend."""
    level = (2 * place + 1) * HEAT_LEVELS // (2 * shades)
    if kind == "below":
        return cold_style(level)
    return warm_style(level) if kind == "symmetric" else heat_style(level)


def _read(
    view: HeatView, plot: Plot, rows: Sequence[tuple[str, Series]], found: list[Columns], cut: Grid
) -> tuple[Reading, ...]:
    """What each series holds under the cursor."""
    if view.cursor is None:
        return ()
    cell = plot.column_at(view.cursor) - plot.left
    pairs = zip(rows, found, strict=True)
    readings = [marks.reading(Curve(name, series), it, it, cut, cell, 1) for (name, series), it in pairs]
    return tuple(read for read in readings if read is not None)
