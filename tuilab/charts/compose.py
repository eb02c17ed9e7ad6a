"""Compose: several traces into one set of cells, so that each can still be read.

A cell has many dots but one colour. Where lines share a cell it shows the dots of all of them and takes their
colours in turn, column by column; a band never hides a line, and bands that overlap take turns like a
chessboard. A band is thinned to every other dot: so a line on it is seen without any colour.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tuilab.charts.canvas import Codes, Glyphs, spans
from tuilab.charts.frame import Plot
from tuilab.charts.letters import mark
from tuilab.charts.paper import Sheet
from tuilab.charts.trace import BAND, BOTTOM, LINE, TOP, Mask, Trace, dashed

LETTER_EVERY = 16
"""Cells between two letters on a line: often enough to be met, seldom enough to leave the line a line."""

Window = tuple[slice, slice]


@dataclass(slots=True)
class Layer:
    """A trace and what it looks like."""

    trace: Trace
    line: int
    """Style of the line."""
    band: int
    """Style of the band."""
    dash: int = 0
    letter: str = ""


def window(plot: Plot) -> Window:
    """The cells of a plot in its sheet."""
    return slice(plot.top, plot.top + plot.height), slice(plot.left, plot.left + plot.width)


def compose(sheet: Sheet, plot: Plot, glyphs: Glyphs, layers: list[Layer]) -> None:
    """Draw traces into the plot of a sheet."""
    inked = [_ink(glyphs, plot.height, layer) for layer in layers]
    if len(layers) == 1:
        line, back = inked[0]
        on_line = line > 0
        codes = np.where(on_line, line, back)
        styles = (codes > 0) * np.uint8(layers[0].band)
        np.copyto(styles, np.uint8(layers[0].line), where=on_line)
    else:
        codes, styles = _mixed(layers, inked)
    here = window(plot)
    sheet.chars[here] = glyphs.chars.take(codes).T
    sheet.styles[here] = styles.T
    for index, layer in enumerate(layers):
        if layer.letter:
            _letters(sheet, plot, glyphs, layer, index * 5 % LETTER_EVERY)


def _ink(glyphs: Glyphs, rows: int, layer: Layer) -> tuple[Codes, Codes]:
    """Dots of a layer: its line (with the tips of the band in the line's cells), and what is behind."""
    traced = dashed(layer.trace, layer.dash, glyphs.across, glyphs.down) if layer.dash else layer.trace
    codes = spans(glyphs, rows, traced.low, traced.high)
    tips = codes[BOTTOM] | codes[TOP]
    line = codes[LINE]
    return line | (tips * (line > 0)), (codes[BAND] & np.uint8(glyphs.texture)) | tips


def _mixed(layers: list[Layer], inked: list[tuple[Codes, Codes]]) -> tuple[Codes, Codes]:
    """Dots of several layers together, and whose style each cell has."""
    lines, backs = np.stack([line for line, _ in inked]), np.stack([back for _, back in inked])
    any_line: Codes = np.bitwise_or.reduce(lines, axis=0)
    any_back: Codes = np.bitwise_or.reduce(backs, axis=0)
    columns = np.arange(len(any_line), dtype=np.uint8)[:, None]
    rows = np.arange(any_line.shape[1], dtype=np.uint8)
    line_style = _turns(lines > 0, columns, [layer.line for layer in layers])
    band_style = _turns(backs > 0, columns + rows, [layer.band for layer in layers])
    on_line = (any_line > 0).view(np.uint8)
    off_line = 1 - on_line
    return any_line + any_back * off_line, line_style + band_style * off_line


def _turns(present: Mask, turn: NDArray[np.uint8], styles: list[int]) -> Codes:
    """For each cell the style of one of the layers present there, taking turns; 0 where there is none."""
    rank = np.cumsum(present, axis=0, dtype=np.uint8)
    chosen = present & (rank == turn % np.maximum(rank[-1], 1) + 1)
    turns: Codes = (chosen * np.array(styles, np.uint8)[:, None, None]).sum(axis=0, dtype=np.uint8)
    return turns


def _letters(sheet: Sheet, plot: Plot, glyphs: Glyphs, layer: Layer, phase: int) -> None:
    """Put a curve's letter on its line in every so many cells."""
    low, high = layer.trace.low[LINE], layer.trace.high[LINE]
    for cell in range(phase, plot.width, LETTER_EVERY):
        for column in range(cell * glyphs.across, (cell + 1) * glyphs.across):
            if high[column] > low[column]:
                row = plot.top + plot.height - 1 - int(low[column]) // glyphs.down
                sheet.write(row, plot.left + cell, mark(layer.letter[:1], glyphs.ascii), layer.line)
                break
