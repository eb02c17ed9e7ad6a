"""The characters that are drawings, as rectangles in a cell."""

from functools import lru_cache

CELL = 10.0, 20.0
"""Width and height in pixels: the dots of braille, two by four, then lie on a square grid."""

Rectangle = tuple[float, float, float, float]
"""Left, top, right, bottom, in parts of a cell."""

_DOT = 3.0
"""Pixels across a dot of braille, of 5 that it has."""

_THIN, _THICK = 1.0, 3.0
"""Pixels across a line."""

_BITS = ((0, 1, 2, 6), (3, 4, 5, 7))
"""Of each braille dot, by column and row: six dots first, then the last row."""

_ARMS = {
    "left right": "─╌┄┈",
    "up down": "│╎┆┊",
    "right down": "┌╭",
    "left down": "┐╮",
    "right up": "└╰",
    "left up": "┘╯",
    "up down right": "├",
    "up down left": "┤",
    "left right down": "┬",
    "left right up": "┴",
    "left right up down": "┼",
    "left": "╴",
    "up": "╵",
    "right": "╶",
    "down": "╷",
}
_THICK_ARMS = {
    "left right": "━╍┅┉",
    "up down": "┃╏┇┋",
    "right down": "┏",
    "left down": "┓",
    "right up": "┗",
    "left up": "┛",
    "left right up down": "╋",
    "left": "╸",
    "up": "╹",
    "right": "╺",
    "down": "╻",
}
_DASHES = {**dict.fromkeys("╌╎╍╏", 2), **dict.fromkeys("┄┆┅┇", 3), **dict.fromkeys("┈┊┉┋", 4)}

_QUADRANTS = {
    "▖": "c", "▗": "d", "▘": "a", "▝": "b", "▚": "ad", "▞": "bc",
    "▙": "acd", "▛": "abc", "▜": "abd", "▟": "bcd",
}  # fmt: skip
"""Which quarters are filled: a b above c d."""

_SHADES = {"░": 0.25, "▒": 0.5, "▓": 0.75, "█": 1.0}


@lru_cache(maxsize=1024)
def rectangles(char: str) -> tuple[tuple[Rectangle, ...], float] | None:
    """Return what a character fills of its cell, and how opaque; None for what is a letter.

    >>> rectangles("▄"), rectangles("a")
    ((((0.0, 0.5, 1.0, 1.0),), 1.0), None)
    """
    code = ord(char)
    if 0x2800 <= code < 0x2900:
        return tuple(_dots(code - 0x2800)), 1.0
    if char in _SHADES:
        return ((0.0, 0.0, 1.0, 1.0),), _SHADES[char]
    if char in _QUADRANTS:
        return tuple(_quarter(name) for name in _QUADRANTS[char]), 1.0
    if block := _block(code):
        return (block,), 1.0
    for arms, width in ((_ARMS, _THIN), (_THICK_ARMS, _THICK)):
        for names, chars in arms.items():
            if char in chars:
                return tuple(_lines(names, width, _DASHES.get(char, 1))), 1.0
    return None


def _dots(bits: int) -> list[Rectangle]:
    width, height = _DOT / CELL[0] / 2, _DOT / CELL[1] / 2
    centres = [
        ((column + 0.5) / 2, (row + 0.5) / 4)
        for column in range(2)
        for row in range(4)
        if bits >> _BITS[column][row] & 1
    ]
    return [(x - width, y - height, x + width, y + height) for x, y in centres]


def _quarter(name: str) -> Rectangle:
    left, top = ("ac".find(name) < 0) / 2, ("ab".find(name) < 0) / 2
    return left, top, left + 0.5, top + 0.5


def _block(code: int) -> Rectangle | None:
    """Return one of the blocks that grow from an edge."""
    if code == 0x2580:
        return 0.0, 0.0, 1.0, 0.5
    if 0x2581 <= code <= 0x2588:
        return 0.0, 1 - (code - 0x2580) / 8, 1.0, 1.0
    if 0x2589 <= code <= 0x258F:
        return 0.0, 0.0, 1 - (code - 0x2588) / 8, 1.0
    return {
        0x2590: (0.5, 0.0, 1.0, 1.0),
        0x2594: (0.0, 0.0, 1.0, 1 / 8),
        0x2595: (7 / 8, 0.0, 1.0, 1.0),
    }.get(code)


def _lines(names: str, width: float, dashes: int) -> list[Rectangle]:
    """Return arms from the middle of the cell to its edges; a dashed line goes all the way."""
    across, down = width / CELL[0] / 2, width / CELL[1] / 2
    arms = {
        "left": (0.0, 0.5 - down, 0.5 + across, 0.5 + down),
        "right": (0.5 - across, 0.5 - down, 1.0, 0.5 + down),
        "up": (0.5 - across, 0.0, 0.5 + across, 0.5 + down),
        "down": (0.5 - across, 0.5 - down, 0.5 + across, 1.0),
    }
    if dashes == 1:
        return [arms[name] for name in names.split()]
    edges = [((part + 0.2) / dashes, (part + 0.8) / dashes) for part in range(dashes)]
    if "left" in names:
        return [(begin, 0.5 - down, end, 0.5 + down) for begin, end in edges]
    return [(0.5 - across, begin, 0.5 + across, end) for begin, end in edges]
