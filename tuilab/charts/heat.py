"""Heat maps: many series, one a row, as shaded cells over steps. The layers of a network, say.

A cell's shade is the mean of its steps; between two values the earlier one holds. Both the character and the
style say how high it is, so the map reads the same without colour. What is not finite shows as a cross in its
place. Where there are more series than rows, neighbours share one, which shows the highest of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tuilab.charts import marks
from tuilab.charts.axes import Scale, limits, usable, visible
from tuilab.charts.canvas import Chars, Glyphs, glyphs_named
from tuilab.charts.columns import Columns, Grid
from tuilab.charts.frame import HEAT_LEVELS, Frame, Plot, Reading, Style, empty, heat_style
from tuilab.charts.paper import Sheet, arrange, fitting, x_axis
from tuilab.charts.series import Series
from tuilab.charts.ticks import short
from tuilab.charts.view import Curve
from tuilab.charts.xmap import STEPS, XMap

_SHADES = "░▒▓█"
_PLAIN_SHADES = ".:-=+*#@"


@dataclass(frozen=True, slots=True, eq=False)
class HeatView:
    """What of a heat map is shown, and how large."""

    width: int
    height: int
    x0: float
    x1: float
    x_mode: str = "step"
    xmap: XMap = STEPS
    scale: str = "log"
    """"log" or "linear"."""
    limits: tuple[float, float] | None = None
    """The coldest and the hottest value; left out, round ones about what is visible."""
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
    >>> frame = heat(HeatView(18, 5, 0, 3), [("a", cold), ("b", hot)])
    >>> print("\n".join(row.rstrip() for row in frame.text()))
      0.001 ░▒▓█ 1
    a ░░░░░░░░░░░░░░░░
    b ▒▒▒▒▒▓▓▓▓▓█████×
      ┴─────────┴─────
      0         2
    """
    if view.width < 1 or view.height < 1:
        return empty(view.width, view.height)
    glyphs = glyphs_named(view.glyphs)
    plot = _arrange(view, rows)
    cut = marks.columns_of(plot, plot.width, view.xmap, view.x0)
    found = [series.columns(cut) for _, series in rows]
    scale = _scale(view, found)
    sheet = Sheet(view.width, view.height)
    for index, members in enumerate(_shared(len(rows), plot.height)):
        lines = max(plot.height // max(len(rows), 1), 1)
        for line in range(index * lines, (index + 1) * lines):
            for member in members:
                _shade(sheet, plot, plot.top + line, found[member], scale, glyphs)
        if members and plot.left:
            more = f"+{len(members) - 1}" if len(members) > 1 else ""
            name = fitting(rows[members[0]][0], glyphs.ascii)[: plot.left - 1 - len(more)] + more
            sheet.write(plot.top + index * lines, plot.left - 1 - len(name), name, Style.TICK)
    x_axis(sheet, plot, view.x_mode, glyphs)
    _legend(sheet, plot, view, scale, glyphs)
    if view.cursor is not None:
        marks.cursor(sheet, plot, glyphs, view.cursor)
    return Frame(
        sheet.chars, sheet.styles, plot, (scale.low, scale.high), _read(view, plot, rows, found, cut)
    )


def shades_of(glyphs: Glyphs) -> Chars:
    """Characters from light to dense."""
    return np.array([ord(char) for char in (_PLAIN_SHADES if glyphs.ascii else _SHADES)], np.uint32)


def _arrange(view: HeatView, rows: Sequence[tuple[str, Series]]) -> Plot:
    """Where the map is: names at its left take at most a third of the width."""
    names = max((len(name) for name, _ in rows), default=0)
    gutter = min(names, view.width // 3) if view.width >= 16 else 0
    x1 = view.x1 if view.x1 > view.x0 else view.x0 + 1
    return arrange(view.width, view.height, gutter, (view.x0, x1, False), True, False)


def _shared(count: int, lines: int) -> list[list[int]]:
    """Which series each line shows.

    >>> _shared(2, 5), _shared(5, 2)
    ([[0], [1]], [[0, 1, 2], [3, 4]])
    """
    return [part.tolist() for part in np.array_split(np.arange(count), min(count, lines) or 1)]


def _scale(view: HeatView, found: list[Columns]) -> Scale:
    """Values to shades, for the means that are visible."""
    log = view.scale == "log"
    if (fixed := usable(view.limits, log)) is not None:
        return Scale(*fixed, log)
    held = usable(view.held, log)
    seen = visible([it.of_means() for it in found], log, view.robust)
    if seen is None:
        return Scale(*(held or (0.1, 1.0)), log)
    return Scale(*limits(*seen, log, held), log)


def _shade(sheet: Sheet, plot: Plot, row: int, columns: Columns, scale: Scale, glyphs: Glyphs) -> None:
    """Shade the cells of one row, where they are not hotter already."""
    shades = shades_of(glyphs)
    if not len(columns.at):
        return
    across = np.arange(columns.at[0], columns.at[-1] + 1)
    held = np.searchsorted(columns.at, across, "right") - 1
    finite = (columns.rows > columns.bad)[held]
    levels = scale.dots(columns.mean[held[finite]], HEAT_LEVELS)
    cells = plot.left + across[finite]
    # Neighbours that share the row paint over neither hotter cells nor holes.
    hotter = (sheet.styles[row, cells] < heat_style(0) + levels) & (
        sheet.styles[row, cells] != Style.NONFINITE
    )
    cells, levels = cells[hotter], levels[hotter]
    sheet.chars[row, cells] = shades[levels * len(shades) // HEAT_LEVELS]
    sheet.styles[row, cells] = heat_style(0) + levels
    holes = plot.left + across[(columns.bad > 0)[held] & (~finite | (columns.at[held] == across))]
    sheet.chars[row, holes] = ord(glyphs.marks.nonfinite)
    sheet.styles[row, holes] = Style.NONFINITE


def _legend(sheet: Sheet, plot: Plot, view: HeatView, scale: Scale, glyphs: Glyphs) -> None:
    """Title and scale in the first row."""
    if not plot.top:
        return
    column = plot.left
    if view.title:
        sheet.write(0, column, fitting(view.title, glyphs.ascii), Style.TITLE)
        column += len(view.title) + 2
    shades = _PLAIN_SHADES if glyphs.ascii else _SHADES
    low, high = short(scale.low), short(scale.high)
    if column + len(low) + len(high) + len(shades) + 2 > view.width:
        return
    sheet.write(0, column, low, Style.TEXT)
    column += len(low) + 1
    for index, shade in enumerate(shades):
        sheet.write(0, column + index, shade, heat_style((2 * index + 1) * HEAT_LEVELS // (2 * len(shades))))
    sheet.write(0, column + len(shades) + 1, high, Style.TEXT)


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
