"""Compose: several traces into one set of cells, so that each can still be read.

A cell has many dots but one colour. Where lines share a cell it shows the dots of all of them and takes their
colours in turn, column by column; a band never hides a line, and bands that overlap take turns like a
chessboard.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tuilab.charts.canvas import Codes, Glyphs, spans
from tuilab.charts.frame import Plot
from tuilab.charts.paper import Sheet
from tuilab.charts.trace import Mask, Span, Trace, dashed

LETTER_EVERY = 16
"""Cells between two letters on a line: often enough to be met, seldom enough to leave the line a line."""


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


def compose(sheet: Sheet, plot: Plot, glyphs: Glyphs, layers: list[Layer]) -> None:
    """Draw traces into the plot of a sheet, the first in the order of turns first."""
    inked = [_ink(glyphs, plot.height, layer) for layer in layers]
    if len(layers) == 1:
        line, back = inked[0]
        on_line = line > 0
        codes = np.where(on_line, line, back)
        styles = np.where(on_line, layers[0].line, np.where(codes > 0, layers[0].band, 0)).astype(np.uint8)
    else:
        codes, styles = _mixed(layers, inked)
    window = (slice(plot.top, plot.top + plot.height), slice(plot.left, plot.left + plot.width))
    sheet.chars[window] = glyphs.chars[codes.T]
    sheet.styles[window] = styles.T
    for index, layer in enumerate(layers):
        if layer.letter:
            _letters(sheet, plot, glyphs, layer, index * 5 % LETTER_EVERY)


def _ink(glyphs: Glyphs, rows: int, layer: Layer) -> tuple[Codes, Codes]:
    """Dots of a layer: its line (with the tips of the band in the line's cells), and what is behind."""
    traced = layer.trace
    path = dashed(traced.line, layer.dash, glyphs.across, glyphs.down) if layer.dash else traced.line
    line = spans(glyphs, rows, path.low, path.high)
    tips = _span(glyphs, rows, traced.bottom) | _span(glyphs, rows, traced.top)
    band = (_span(glyphs, rows, traced.band) & np.uint8(glyphs.texture)) | tips
    return np.where(line > 0, line | tips, 0), band


def _span(glyphs: Glyphs, rows: int, span: Span) -> Codes:
    return spans(glyphs, rows, span.low, span.high)


def _mixed(layers: list[Layer], inked: list[tuple[Codes, Codes]]) -> tuple[Codes, Codes]:
    """Dots of several layers together, and whose style each cell has."""
    lines, backs = np.stack([line for line, _ in inked]), np.stack([back for _, back in inked])
    any_line: Codes = np.bitwise_or.reduce(lines, axis=0)
    any_back: Codes = np.bitwise_or.reduce(backs, axis=0)
    columns = np.arange(len(any_line), dtype=np.int16)[:, None]
    rows = np.arange(any_line.shape[1], dtype=np.int16)
    line_style = _turns(lines > 0, columns, [layer.line for layer in layers])
    band_style = _turns(backs > 0, columns + rows, [layer.band for layer in layers])
    on_line = any_line > 0
    return np.where(on_line, any_line, any_back), np.where(on_line, line_style, band_style)


def _turns(present: Mask, turn: NDArray[np.int16], styles: list[int]) -> Codes:
    """For each cell the style of one of the layers present there, taking turns."""
    count = np.maximum(present.sum(axis=0, dtype=np.int16), 1)
    rank = np.cumsum(present, axis=0, dtype=np.int16) - 1
    chosen = present & (rank == turn % count)
    turns: Codes = (chosen * np.array(styles, np.uint8)[:, None, None]).max(axis=0)
    return turns


def _letters(sheet: Sheet, plot: Plot, glyphs: Glyphs, layer: Layer, phase: int) -> None:
    """Put a curve's letter on its line in every so many cells."""
    path = layer.trace.line
    for cell in range(phase, plot.width, LETTER_EVERY):
        for column in range(cell * glyphs.across, (cell + 1) * glyphs.across):
            if path.high[column] > path.low[column]:
                row = plot.top + plot.height - 1 - int(path.low[column]) // glyphs.down
                sheet.write(row, plot.left + cell, layer.letter, layer.line)
                break
