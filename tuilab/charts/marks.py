"""Marks: what a line chart says beside its curves: legend, flags, cursor, arrows, holes, planned future."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from tuilab.charts.axes import Scale
from tuilab.charts.buckets import Floats, Ints
from tuilab.charts.canvas import Glyphs, spans
from tuilab.charts.columns import Columns, Grid, even_grid, grid
from tuilab.charts.compose import window
from tuilab.charts.frame import Plot, Reading, Style, line_style
from tuilab.charts.letters import fitting, mark
from tuilab.charts.paper import Sheet, rule_row
from tuilab.charts.ticks import short
from tuilab.charts.trace import Trace
from tuilab.charts.view import Curve, View
from tuilab.charts.xmap import Linear, XMap

FLAGS = {
    "checkpoint": ("◆", "c"),
    "resumed": ("↻", "r"),
    "change": ("△", "s"),
    "spike": ("!", "!"),
}
"""Kinds of flags as characters and in ASCII; where several fall into one cell the last of these is shown."""

_VALUE = 6
"""Columns a value in the legend takes at least, so that the next name does not move with its digits."""


def columns_of(plot: Plot, count: int, xmap: XMap, x0: float) -> Grid:
    """So many columns across a plot, in steps; the first begins at `x0` even on a logarithmic axis."""
    if isinstance(xmap, Linear) and not plot.log:
        return even_grid(plot.x0 / xmap.per_step, plot.x1 / xmap.per_step, count)
    edges = (
        np.geomspace(plot.x0, plot.x1, count + 1) if plot.log else np.linspace(plot.x0, plot.x1, count + 1)
    )
    edges[0] = min(x0, plot.x0)
    if isinstance(xmap, Linear):
        return grid(xmap.steps(edges))
    over = bool(edges[-1] < xmap.newest)
    edges[-1] = np.nextafter(edges[-1], np.inf)
    steps = xmap.steps(edges)
    # The first step after the end is not in view, however far away in time the next one is.
    steps[-1] -= 1
    return grid(steps, exact=(True, over))


def nonfinite(sheet: Sheet, plot: Plot, glyphs: Glyphs, found: Sequence[Columns]) -> None:
    """Mark columns that hold NaN or infinities on the rule below the plot, which is theirs alone.

    Where a chart is too low for a rule they take the last row of the plot.
    """
    row = min(rule_row(len(sheet.chars)), len(sheet.chars) - 1)
    for columns in found:
        if columns.clean:
            continue
        cells = columns.at[columns.bad > 0] // glyphs.across + plot.left
        sheet.chars[row, cells] = ord(glyphs.marks.nonfinite)
        sheet.styles[row, cells] = Style.NONFINITE


def nothing(sheet: Sheet, plot: Plot, rows: Sequence[int], found: Sequence[Columns], log: bool) -> None:
    """Say in the middle of the plot why it is empty: of all rows, and of those in view."""
    text = "no data yet"
    if any(len(columns.at) for columns in found):
        text = "nothing above zero here" if log else "no finite value here"
    elif any(rows):
        text = "no step here"
    if len(text) <= plot.width and plot.height > 0:
        column = plot.left + (plot.width - len(text)) // 2
        sheet.write(plot.top + (plot.height - 1) // 2, column, text, Style.TEXT)


def arrows(sheet: Sheet, plot: Plot, glyphs: Glyphs, traces: Sequence[Trace]) -> None:
    """Put an arrow where a curve leaves the plot."""
    for traced in traces:
        for row, columns, char in (
            (plot.top, traced.above, glyphs.marks.above),
            (plot.top + plot.height - 1, traced.below, glyphs.marks.below),
        ):
            if len(columns):
                cells = columns // glyphs.across + plot.left
                sheet.chars[row, cells] = ord(char)
                sheet.styles[row, cells] = Style.CLIP


def future(view: View, curve: Curve, grid: Grid) -> tuple[Ints, Floats]:
    """Dot columns after the newest row of a curve, and the values planned there."""
    if view.planned is None:
        return np.zeros(0, np.int64), np.zeros(0)
    newest = curve.series.last_step
    at = np.flatnonzero(grid.edges[:-1] > (newest if newest is not None else -1))
    values = np.asarray(view.planned((grid.edges[at] + grid.edges[at + 1] - 1) / 2), np.float64)
    usable = np.isfinite(values) & ((values > 0) | (view.y_scale != "log"))
    return at[usable], values[usable]


def planned(sheet: Sheet, plot: Plot, glyphs: Glyphs, scale: Scale, ahead: tuple[Ints, Floats]) -> None:
    """Draw the planned future where nothing else is."""
    at, values = ahead
    if not len(at):
        return
    dots = scale.dots(values, plot.height * glyphs.down)
    before = np.where(np.diff(at, prepend=at[0]) == 1, np.append(dots[:1], dots[:-1]), dots)
    low, high = np.zeros((2, plot.width * glyphs.across), np.int64)
    low[at] = np.where(dots > before, before + 1, dots)
    high[at] = np.where(dots < before, before, dots + 1)
    chars = glyphs.chars[spans(glyphs, plot.height, low, high).T]
    here = window(plot)
    free = (sheet.styles[here] == Style.BLANK) & (chars != ord(" "))
    sheet.chars[here] = np.where(free, chars, sheet.chars[here])
    sheet.styles[here] = np.where(free, Style.PLANNED, sheet.styles[here])


def flags(sheet: Sheet, plot: Plot, glyphs: Glyphs, view: View, curve: Curve | None) -> None:
    """Stand flags in their row, between plot and rule."""
    if view.flags is None or len(sheet.chars) < 7:
        return
    kinds = list(FLAGS)
    ranked = sorted(view.flags, key=lambda flag: kinds.index(flag[1]) if flag[1] in FLAGS else len(kinds))
    plain = glyphs.marks.plain
    steps = np.array([step for step, _ in ranked], np.float64)
    for x, (_, kind) in zip((curve.xmap.x(steps) if curve else steps).tolist(), ranked, strict=True):
        char = FLAGS[kind][plain] if kind in FLAGS else kind[:1]
        char = mark(char, glyphs.ascii)
        if plot.x0 <= x <= plot.x1:
            sheet.write(plot.top + plot.height, plot.column_at(x), char or "!", Style.FLAG)


def cursor(sheet: Sheet, plot: Plot, glyphs: Glyphs, x: float) -> None:
    """A line through the column under the cursor, behind the curves."""
    column = plot.column_at(x)
    bottom = min(rule_row(len(sheet.chars)) + 1, len(sheet.chars))
    free = sheet.styles[plot.top : bottom, column] < Style.NONFINITE
    sheet.chars[plot.top : bottom, column][free] = ord(glyphs.marks.cursor)
    sheet.styles[plot.top : bottom, column][free] = Style.CURSOR


def reading(
    curve: Curve, columns: Columns, line: Columns, grid: Grid, cell: int, across: int
) -> Reading | None:
    """What a curve holds in one cell's columns."""
    here = slice(*np.searchsorted(columns.at, (cell * across, (cell + 1) * across)).tolist())
    rows, bad = columns.rows[here], columns.bad[here]
    if not len(rows):
        return None
    finite = rows - bad
    good = finite > 0
    weights = finite[good] / max(int(finite.sum()), 1)
    low, high, mean = np.nan, np.nan, np.nan
    if len(weights):
        low, high = float(columns.low[here][good].min()), float(columns.high[here][good].max())
        mean = float((columns.mean[here][good] * weights).sum())
    along = mean
    if line is not columns:
        there = slice(*np.searchsorted(line.at, (cell * across, (cell + 1) * across)).tolist())
        means = line.mean[there]
        along = float(means[-1]) if len(means) else np.nan
    return Reading(
        curve.name,
        int(grid.edges[cell * across]),
        min(int(grid.edges[(cell + 1) * across]) - 1, curve.series.last_step or 0),
        float(columns.first[here][0]),
        float(columns.last[here][-1]),
        low,
        high,
        mean,
        along,
        int(rows.sum()),
        int(bad.sum()),
    )


def legend(
    sheet: Sheet,
    plot: Plot,
    glyphs: Glyphs,
    view: View,
    curves: Sequence[Curve],
    readings: Sequence[Reading | None],
) -> None:
    """Name the curves in the first row, with their newest value, or given readings the one there."""
    if not plot.top:
        return
    room = view.width - plot.left
    text, styles = _legend(glyphs, view, curves, _values(curves, readings))
    if len(text) > room:
        text, styles = _legend(glyphs, view, curves, [""] * len(curves))
    sheet.write(0, plot.left, text, Style.TEXT)
    sheet.styles[0, plot.left : plot.left + len(text)] = np.frombuffer(styles, np.uint8)[
        : min(len(text), room)
    ]
    if len(text) > room:
        sheet.write(0, view.width - 1, glyphs.marks.more, Style.TEXT)


def _values(curves: Sequence[Curve], readings: Sequence[Reading | None]) -> list[str]:
    """What the legend says of each curve."""
    if readings:
        return [f" {short(read.line if read else np.nan):<{_VALUE}}" for read in readings]
    return [f" {short(curve.series.last_value):<{_VALUE}}" if len(curve.series) else "" for curve in curves]


def _legend(glyphs: Glyphs, view: View, curves: Sequence[Curve], values: Sequence[str]) -> tuple[str, bytes]:
    """The legend and the style of each of its characters."""
    title = fitting(view.title, glyphs.ascii)
    texts, styles = [title], [bytes((Style.TITLE,)) * len(title)]
    for curve, value in zip(curves, values, strict=True):
        slot = int(Style.DIM) if curve.dim else line_style(curve.style)
        text, style = _entry(curve.name, curve.letter[:1], curve.dash, slot, glyphs)
        gap = "  " if texts != [""] else ""
        texts += gap, text, value
        styles += bytes(len(gap)), style, bytes((slot,)) * len(value)
    return "".join(texts).rstrip(), b"".join(styles)


@lru_cache(maxsize=256)
def _entry(name: str, letter: str, dash: int, slot: int, glyphs: Glyphs) -> tuple[str, bytes]:
    """A curve's sample and name, and their styles."""
    sample = glyphs.marks.dashes[dash % 4]
    if letter:
        sample = sample[0] + mark(letter, glyphs.ascii) + sample[1]
    name = f" {fitting(name, glyphs.ascii)}"
    style = Style.DIM if slot == Style.DIM else Style.TEXT
    return sample + name, bytes((slot,)) * len(sample) + bytes((style,)) * len(name)
