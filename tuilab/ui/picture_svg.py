"""Cells of a terminal as an SVG that looks the same in every viewer.

Dots, lines and blocks are drawn as shapes, because fonts disagree about their
width and few have all of them; only words are text, each put at its own cell.
"""

import re
from collections.abc import Iterable, Sequence
from html import escape

from tuilab.ui.picture_shapes import CELL, rectangles
from tuilab.ui.terminal.rich_parts import CellStyle, Segment, cell_count

_MARGIN = 12.0
"""Around the cells."""

_FONT = 16.6
"""Pixels; the advance of most monospaced fonts is 0.6 of it, the width of a cell."""

_BASELINE = 0.74
"""Of a cell's height, from its top."""

_WORD = re.compile(r"\S+(?: \S+)*")
"""Words with single blanks between them; longer gaps are left out and the next word is placed anew."""

Colour = tuple[int, int, int]


class _Sheet:
    """Collects shapes by colour and texts."""

    def __init__(self, ink: Colour, paper: Colour) -> None:
        self._ink, self._paper = ink, paper
        self.shapes: dict[tuple[str, float], list[str]] = {}
        self.texts: list[str] = []

    def segment(self, column: int, row: int, text: str, style: CellStyle | None) -> int:
        """Draw a segment and return the column behind it."""
        ink, paper = _colours(style, self._ink, self._paper)
        cells = cell_count(text)
        if paper != self._paper:
            # Backgrounds first: they are written before everything else of their row.
            self._add(paper, 1.0, column, row, [(0.0, 0.0, float(cells), 1.0)])
        weight = ' font-weight="bold"' if style and style.bold else ""
        line = ' text-decoration="underline"' if style and style.underline else ""
        words: list[str] = []
        at = column
        for char in text:
            shape = rectangles(char)
            if shape is not None:
                self._add(ink, shape[1], at, row, shape[0])
            words.append(char if shape is None else " ")
            at += cell_count(char)
        for word in _WORD.finditer("".join(words)):
            begin = column + cell_count("".join(words)[: word.start()])
            self._write(word[0], begin, row, ink, weight + line)
        return column + cells

    def _add(
        self,
        colour: Colour,
        opacity: float,
        column: int,
        row: int,
        parts: Iterable[tuple[float, float, float, float]],
    ) -> None:
        width, height = CELL
        path = self.shapes.setdefault((_hex(colour), opacity), [])
        for left, top, right, bottom in parts:
            x, y = (column + left) * width, (row + top) * height
            across, down = (right - left) * width, (bottom - top) * height
            path.append(f"M{x:.5g} {y:.5g}h{across:.4g}v{down:.4g}h{-across:.4g}z")

    def _write(self, word: str, column: int, row: int, ink: Colour, more: str) -> None:
        width, height = CELL
        place = f'x="{column * width:.1f}" y="{(row + _BASELINE) * height:.1f}"'
        length = f'textLength="{cell_count(word) * width:.1f}" lengthAdjust="spacingAndGlyphs"'
        self.texts.append(f'<text {place} {length} fill="{_hex(ink)}"{more}>{escape(word)}</text>')


def svg(rows: Sequence[Iterable[Segment]], columns: int, title: str, ink: Colour, paper: Colour) -> str:
    """Return rows of cells as a picture.

    Args:
        rows: Each a row's segments, from left to right.
        columns: Cells across.
        title: What viewers show as its name.
        ink: Of text without a colour of its own, red, green and blue to 255.
        paper: Of cells without a background of their own.
    """
    sheet = _Sheet(ink, paper)
    for y, row in enumerate(rows):
        x = 0
        for text, style, control in row:
            if not control:
                x = sheet.segment(x, y, text, style)
    width, height = columns * CELL[0] + 2 * _MARGIN, len(rows) * CELL[1] + 2 * _MARGIN
    shapes = (
        f'<path fill="{colour}"{"" if opacity == 1 else f" fill-opacity={chr(34)}{opacity:g}{chr(34)}"} '
        f'd="{"".join(path)}"/>'
        for (colour, opacity), path in sheet.shapes.items()
    )
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
            f'width="{width:g}" height="{height:g}">',
            f"<title>{escape(title)}</title>",
            f'<rect width="{width:g}" height="{height:g}" rx="6" fill="{_hex(paper)}"/>',
            f'<g transform="translate({_MARGIN:g} {_MARGIN:g})" shape-rendering="crispEdges">',
            *shapes,
            "</g>",
            f'<g transform="translate({_MARGIN:g} {_MARGIN:g})" font-size="{_FONT:g}" '
            'font-family="DejaVu Sans Mono, Menlo, Consolas, monospace">',
            *sheet.texts,
            "</g>",
            "</svg>\n",
        ]
    )


def _colours(style: CellStyle | None, ink: Colour, paper: Colour) -> tuple[Colour, Colour]:
    """Return a style's colours as they are seen."""
    if style is None:
        return ink, paper
    if style.color is not None and not style.color.is_default:
        ink = tuple(style.color.get_truecolor())  # type: ignore[assignment]
    if style.bgcolor is not None and not style.bgcolor.is_default:
        paper = tuple(style.bgcolor.get_truecolor(foreground=False))  # type: ignore[assignment]
    if style.reverse:
        ink, paper = paper, ink
    if style.dim:
        ink = tuple((a + b) // 2 for a, b in zip(ink, paper, strict=True))  # type: ignore[assignment]
    return ink, paper


def _hex(colour: Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)
