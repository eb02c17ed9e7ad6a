"""Canvas: spans of dots to characters, by table lookup.

A cell of a chart holds a small grid of dots: braille 2 x 4, quadrants 2 x 2, half blocks 1 x 2, ASCII 1 x
3. A chart is drawn as one span of dots per dot column. For a given height there is a table whose row k is a
column with its k lowest dots set, as one code a cell; the span from a to b is row b + 1 with row a taken
out of it. So a whole layer costs two gathers and an exclusive or, whatever its shape.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from tuilab.charts.buckets import Ints

Codes = NDArray[np.uint8]
"""(columns, rows) of dot patterns, row 0 at the top."""

Chars = NDArray[np.uint32]
"""Unicode code points."""


@dataclass(frozen=True, slots=True, eq=False)
class Glyphs:
    """One rung of the ladder: how many dots a cell has, and the characters for their patterns."""

    name: str
    across: int
    """Dot columns in a cell."""
    down: int
    """Dot rows in a cell."""
    bits: tuple[tuple[int, ...], ...]
    """For each dot column the bits of its dots, top first."""
    chars: Chars
    """Character of each pattern; nothing is a blank."""
    texture: int
    """Pattern that thins a filled area to every other dot, so that a line on it stands out without colour."""
    marks: "Marks"

    @property
    def ascii(self) -> bool:
        """Whether this is the last rung, for terminals that know no more."""
        return self.marks is _PLAIN


@dataclass(frozen=True, slots=True)
class Marks:
    """The characters for everything that is not a dot."""

    rule: str
    wall: str
    corner: str
    tick_x: str
    tick_y: str
    cursor: str
    nonfinite: str
    above: str
    below: str
    more: str
    here: str
    """The newest point of a path."""
    dashes: tuple[str, str, str, str]
    """Samples for the legend: solid, dashed, dotted, dash-dot."""
    plain: bool
    """Whether flags, too, keep to what every font has."""


_UNICODE = Marks("─", "│", "└", "┴", "┤", "│", "×", "▲", "▼", "…", "●", ("──", "╌╌", "┈┈", "─╴"), False)
_CONSOLE = Marks("─", "│", "└", "┴", "┤", "│", "x", "▲", "▼", "~", "@", ("──", "─ ", "··", "─·"), True)
_PLAIN = Marks("-", "|", "+", "+", "+", "|", "x", "^", "v", "~", "@", ("--", "- ", "..", "-."), True)


def _points(text: str) -> Chars:
    """Code points of a text, blank where it has the empty pattern."""
    return np.array([ord(char) for char in text], np.uint32)


def _braille() -> Chars:
    points = np.arange(0x2800, 0x2900, dtype=np.uint32)
    points[0] = ord(" ")
    return points


BRAILLE = Glyphs(
    "braille",
    2,
    4,
    ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80)),
    _braille(),
    0x01 | 0x04 | 0x10 | 0x80,
    _UNICODE,
)
QUADRANT = Glyphs("quadrant", 2, 2, ((1, 4), (2, 8)), _points(" ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█"), 1 | 8, _UNICODE)
HALF = Glyphs("half", 1, 2, ((1, 2),), _points(" ▀▄█"), 1 | 2, _CONSOLE)
ASCII = Glyphs("ascii", 1, 3, ((1, 2, 4),), _points(" '-:.:;|"), 1 | 4, _PLAIN)

LADDER = (BRAILLE, QUADRANT, HALF, ASCII)
"""Finest first; what a terminal or its font cannot show, the next can."""


def glyphs_named(name: str) -> Glyphs:
    """The rung of that name.

    >>> glyphs_named("half").down
    2
    """
    return _BY_NAME[name]


_BY_NAME = {glyphs.name: glyphs for glyphs in LADDER}


@lru_cache(maxsize=64)
def _fills(glyphs: Glyphs, rows: int) -> Codes:
    """(across, rows * down + 1, rows): codes of a dot column with its k lowest dots set."""
    dots = rows * glyphs.down
    fills = np.zeros((glyphs.across, dots + 1, rows), np.uint8)
    for column, bits in enumerate(glyphs.bits):
        for dot in range(dots):
            row, sub = divmod(dots - 1 - dot, glyphs.down)
            fills[column, dot + 1] = fills[column, dot]
            fills[column, dot + 1, row] |= bits[sub]
    return fills


def spans(glyphs: Glyphs, rows: int, low: Ints, high: Ints) -> Codes:
    """Draw one span of dots a dot column.

    Args:
        glyphs: The rung.
        rows: Cell rows.
        low: (..., dot columns), the lowest dot of each span, 0 at the bottom.
        high: (..., dot columns), one above its highest; equal to `low` where there is nothing.

    Returns:
        (..., columns, rows) of patterns.

    >>> rising = np.arange(8)
    >>> text_of(BRAILLE, spans(BRAILLE, 2, rising, rising + 1))
    ['  ⡠⠊', '⡠⠊']
    """
    fills = _fills(glyphs, rows)
    across = glyphs.across
    codes: Codes = fills[0].take(high[..., ::across], axis=0)
    codes ^= fills[0].take(low[..., ::across], axis=0)
    if across == 2:
        codes ^= fills[1].take(high[..., 1::2], axis=0)
        codes ^= fills[1].take(low[..., 1::2], axis=0)
    return codes


def text_of(glyphs: Glyphs, codes: Codes) -> list[str]:
    """Codes as rows of text, without trailing blanks."""
    return ["".join(map(chr, row)).rstrip() for row in glyphs.chars[codes.T].tolist()]
