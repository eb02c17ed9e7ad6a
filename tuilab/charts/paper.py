"""Paper: everything of a chart that is not data. Axes, their labels, and where the curves go."""

from functools import lru_cache

import numpy as np

from tuilab.charts.axes import Scale
from tuilab.charts.canvas import Chars, Glyphs, glyphs_named
from tuilab.charts.frame import Plot, Style, Styles
from tuilab.charts.letters import REST, whole
from tuilab.charts.ticks import (
    linear_ticks,
    log_labels,
    log_ticks,
    number_labels,
    short,
    time_label,
    time_ticks,
)

_WALL_FROM = 16
"""Columns below which a chart has no labels at its left: they would leave no room for the curve."""


class Sheet:
    """Characters and styles of a chart that is being drawn."""

    def __init__(self, width: int, height: int) -> None:
        # Column by column in memory, as dots are: whole plots are written at once, rows seldom.
        self.chars: Chars = np.full((height, width), ord(" "), np.uint32, order="F")
        self.styles: Styles = np.zeros((height, width), np.uint8, order="F")

    def write(self, row: int, column: int, text: str, style: int) -> None:
        """Put a text of a character a cell down; what does not fit is cut off."""
        width = self.chars.shape[1]
        text = whole(text[: max(width - column, 0)])
        if text:
            end = column + len(text)
            # A wide letter that loses a half is not shown: it would move the rest of the row.
            if self.chars[row, column] == ord(REST):
                self.chars[row, column - 1] = ord(" ")
            if end < width and self.chars[row, end] == ord(REST):
                self.chars[row, end] = ord(" ")
            self.chars[row, column:end] = np.frombuffer(text.encode("utf-32-le"), "<u4")
            self.styles[row, column:end] = style

    def copy(self) -> "Sheet":
        """A sheet to draw on, with the same on it."""
        sheet = Sheet.__new__(Sheet)
        sheet.chars, sheet.styles = self.chars.copy("F"), self.styles.copy("F")
        return sheet


@lru_cache(maxsize=64)
def arrange(
    width: int, height: int, gutter: int, x: tuple[float, float, bool], legend: bool, flags: bool
) -> Plot:
    """Divide a chart: the less room, the fewer of labels, rule, legend and flags."""
    above, below = _around(height, legend, flags)
    left = gutter + 1 if gutter else 0
    return Plot(left, above, width - left, height - above - below, *x)


def _around(height: int, legend: bool, flags: bool) -> tuple[int, int]:
    """Rows above and below the curves."""
    return int(legend and height >= 5), int(height >= 3) + int(height >= 4) + int(flags and height >= 7)


@lru_cache(maxsize=64)
def gutter_for(width: int, height: int, scale: Scale, legend: bool, flags: bool) -> int:
    """Columns that labels of the y axis take, 0 where there is no room for them."""
    rows = height - sum(_around(height, legend, flags))
    wanted = max(len(label) for _, label in y_labels(scale, max(rows, 1)))
    return wanted if width >= _WALL_FROM and 3 * wanted <= width and height >= 4 else 0


@lru_cache(maxsize=64)
def y_labels(scale: Scale, rows: int) -> list[tuple[float, str]]:
    """Values to mark on the y axis, with their labels: two at least, or one would leave the scale unsaid."""
    most = max(2, min((rows + 1) // 2, 3 + rows // 5))
    if scale.log and len(values := log_ticks(scale.low, scale.high, most)) > 1:
        return list(zip(values, log_labels(values), strict=True))
    values, step = linear_ticks(scale.low, scale.high, most)
    finer = most
    while len(values) < 2 and finer < 16:
        finer += 1
        values, step = linear_ticks(scale.low, scale.high, finer)
    if len(values) > max(most, min(rows, 3)):
        values = [values[0], values[-1]]
    if not values:  # so near to the smallest number there is that a step between them cannot be told
        return [(value, short(value)) for value in (scale.low, scale.high)]
    return list(zip(values, number_labels(values, step), strict=True))


@lru_cache(maxsize=32)
def paper(width: int, height: int, plot: Plot, scale: Scale, x_mode: str, glyph_name: str) -> Sheet:
    """A chart without curves; copy it before drawing on it."""
    glyphs, sheet = glyphs_named(glyph_name), Sheet(width, height)
    if plot.left:
        _y_axis(sheet, plot, scale, glyphs)
    x_axis(sheet, plot, x_mode, glyphs)
    return sheet


def rule_row(height: int) -> int:
    """The row of the rule below the plot; past the last where a chart is too low for one."""
    return height - 2 if height >= 4 else height - 1 if height == 3 else height


def _y_axis(sheet: Sheet, plot: Plot, scale: Scale, glyphs: Glyphs) -> None:
    """Labels right-aligned, a wall, a notch where a label stands."""
    rule = rule_row(len(sheet.chars))
    for row in range(plot.top, rule):
        sheet.write(row, plot.left - 1, glyphs.marks.wall, Style.AXIS)
    if rule < len(sheet.chars):
        sheet.write(rule, plot.left - 1, glyphs.marks.corner, Style.AXIS)
    labels = y_labels(scale, plot.height)
    dots = scale.dots(np.array([value for value, _ in labels]), plot.height * glyphs.down)
    taken = set()
    for (_, label), dot in zip(labels, dots.tolist(), strict=True):
        row = plot.top + plot.height - 1 - dot // glyphs.down
        if row not in taken:
            taken.add(row)
            label = label[: plot.left - 1]
            sheet.write(row, plot.left - 1 - len(label), label, Style.TICK)
            sheet.write(row, plot.left - 1, glyphs.marks.tick_y, Style.AXIS)


def x_axis(sheet: Sheet, plot: Plot, x_mode: str, glyphs: Glyphs) -> None:
    """A rule below the plot, notches, and labels under them where the height allows."""
    height, width = sheet.chars.shape
    if height < 3:
        return
    rule = rule_row(height)
    sheet.write(rule, plot.left, glyphs.marks.rule * plot.width, Style.AXIS)
    if rule == height - 1:
        return
    for column, start, label in x_labels(plot, width, x_mode):
        sheet.write(rule, column, glyphs.marks.tick_x, Style.AXIS)
        sheet.write(height - 1, start, label, Style.TICK)


def x_labels(plot: Plot, width: int, x_mode: str) -> list[tuple[int, int, str]]:
    """As many round x as fit with two blanks between: (column of notch, first column of label, label)."""
    for most in range(max(plot.width // (6 if plot.log else 9), 2), 0, -1):
        placed, end = [], -2
        for x, label in _x_ticks(plot, most, x_mode):
            column = plot.column_at(x)
            start = min(max(column - (len(label) - 1) // 2, max(plot.left - 1, 0)), width - len(label))
            if start < end + 2:
                break
            placed.append((column, start, label))
            end = start + len(label)
        else:
            return placed if all(start >= 0 for _, start, _ in placed) else []
    return []


def _x_ticks(plot: Plot, most: int, x_mode: str) -> list[tuple[float, str]]:
    """At most so many round x, with labels."""
    if plot.log:
        values = log_ticks(plot.x0, plot.x1, most)
        return list(zip(values, log_labels(values), strict=True))
    if x_mode == "time":
        values, step = time_ticks(plot.x0, plot.x1, most)
        return [(value, time_label(value, step)) for value in values]
    values, step = linear_ticks(plot.x0, plot.x1, most, whole=x_mode in ("step", "samples"))
    return list(zip(values, number_labels(values, step), strict=True))
