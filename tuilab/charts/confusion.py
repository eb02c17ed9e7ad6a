"""A confusion matrix: what samples of each class were taken for.

Rows are the true classes, columns what was said. A cell's shade is its share of the row, so a rare class is
judged as hard as a common one; with room it tells the count. Where there are more classes than cells,
neighbours share a cell.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tuilab.charts.axes import Scale
from tuilab.charts.buckets import Floats, Ints
from tuilab.charts.canvas import glyphs_named
from tuilab.charts.frame import HEAT_LEVELS, Frame, Plot, Style, cold_style, empty, warm_style
from tuilab.charts.letters import fitting
from tuilab.charts.paper import Sheet
from tuilab.charts.shading import shades_of
from tuilab.charts.ticks import short

_WIDEST = 7
"""Cells a column takes at most: more space between numbers makes them harder to compare."""

_READABLE = 10
"""The faintest level a number is written in: rare mistakes are what one looks for."""

_NAME = 12
"""Cells that a class name takes at most."""


@dataclass(frozen=True, slots=True, eq=False)
class ConfusionView:
    """How a matrix is shown."""

    width: int
    height: int
    glyphs: str = "braille"


def confusion(view: ConfusionView, counts: NDArray[np.integer], names: Sequence[str] = ()) -> Frame:
    r"""Draw counts (true classes, said classes).

    Args:
        view: How large.
        counts: Samples of each true class by what they were taken for.
        names: Of the classes; left out, their numbers.

    >>> frame = confusion(ConfusionView(28, 5, "ascii"), np.array([[9, 1], [0, 4]]), ["cat", "dog"])
    >>> print("\n".join(row.rstrip() for row in frame.text()))
    true \ said   13 of 14 right
             cat    dog
     cat       9      1
     dog       .      4
    <BLANKLINE>
    """
    if view.width < 1 or view.height < 1:
        return empty(view.width, view.height)
    cells: Ints = np.asarray(counts, np.int64)
    sheet, glyphs = Sheet(view.width, view.height), glyphs_named(view.glyphs)
    texts = names if len(names) == len(cells) else [str(number) for number in range(len(cells))]
    labels = [fitting(text, glyphs.ascii) for text in texts]
    right, total = int(np.trace(cells)), int(cells.sum())
    sheet.write(0, 0, f"true \\ said   {right} of {total} right", Style.TEXT)
    gutter = min(max((len(label) for label in labels), default=0), _NAME, view.width // 4) + 2
    rows, columns = view.height - 2, view.width - gutter
    if rows < 1 or columns < 2 or not len(cells):
        return Frame(sheet.chars, sheet.styles, Plot(0, 0, 1, 1, 0.0, 1.0), (0.0, 1.0))
    digits = len(str(int(cells.max(initial=0))))
    wide = min(columns // len(cells), _WIDEST)
    if len(cells) <= rows and wide > digits:
        _numbers(sheet, cells, labels, gutter, wide, glyphs.ascii)
    else:
        _shades(sheet, cells, labels, gutter, (rows, columns), view.glyphs)
    return Frame(sheet.chars, sheet.styles, Plot(gutter, 2, columns, rows, 0.0, 1.0), (0.0, 1.0))


def _numbers(sheet: Sheet, counts: Ints, labels: Sequence[str], gutter: int, wide: int, plain: bool) -> None:
    """Write every count; right ones cold, wrong ones warm, each the stronger the larger its share."""
    levels = _levels(counts)
    for place, label in enumerate(labels):
        column = gutter + place * wide
        sheet.write(1, column + max(wide - len(label), 1), label[: wide - 1], Style.TICK)
        sheet.write(2 + place, gutter - 2 - len(label[: gutter - 2]) + 1, label[: gutter - 2], Style.TICK)
        for said, count in enumerate(counts[place].tolist()):
            text = str(count) if count else "." if plain else "·"
            level = max(int(levels[place, said]), _READABLE)
            style = (cold_style(level) if said == place else warm_style(level)) if count else int(Style.AXIS)
            sheet.write(2 + place, gutter + said * wide + wide - len(text), text, style)


def _shades(
    sheet: Sheet, counts: Ints, labels: Sequence[str], gutter: int, room: tuple[int, int], glyph_name: str
) -> None:
    """Shade every cell, two columns a class where there is room, classes sharing cells where there is not."""
    glyphs = glyphs_named(glyph_name)
    lines = min(room[0], len(counts))
    across = min(room[1] // 2, len(counts))
    classes = np.arange(len(counts))
    by_line, by_column = classes * lines // len(counts), classes * across // len(counts)
    pooled = np.zeros((lines, across), np.int64)
    np.add.at(pooled, (by_line[:, None], by_column[None, :]), counts)
    levels, shades = _levels(pooled), shades_of(glyphs)
    for line in range(lines):
        first = -(-line * len(counts) // lines)
        label = labels[first][: gutter - 2]
        sheet.write(2 + line, gutter - 1 - len(label), label, Style.TICK)
        for said in np.flatnonzero(pooled[line]).tolist():
            level = int(levels[line, said])
            right = bool(((by_line == line) & (by_column == said)).any())
            sheet.write(
                2 + line,
                gutter + 2 * said,
                chr(int(shades[level * len(shades) // HEAT_LEVELS])) * 2,
                cold_style(level) if right else warm_style(level),
            )
    sheet.write(1, gutter, f"{short(float(counts.sum()))} samples, {len(counts)} classes", Style.TICK)


def _levels(counts: Ints) -> Ints:
    """Levels of each count's share of its row, by its square root: rare mistakes are to be seen."""
    shares: Floats = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return Scale(0.0, 1.0, False).dots(np.sqrt(shares), HEAT_LEVELS)
