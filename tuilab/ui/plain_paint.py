"""Rows of pieces as text for a terminal or a pipe: cut to a width, in colours where they are wanted."""

import re
from collections.abc import Iterable, Mapping

from tuilab.charts.frame import HEAT_LEVELS, SLOTS
from tuilab.ui.terminal.cells import cells, first_cells
from tuilab.ui.widgets.pieces import Piece

_SLOTS = ("36", "33", "32", "31", "35", "0", "96", "37")
"""Of the curves, in the order of their slots: the theme's colours among those that every terminal has."""

_HEAT = ("2;34", "34", "34", "94", "94", "33", "33", "93")
"""From cold to hot."""

_CODES: Mapping[str, str] = {
    "painted--dim": "2",
    "painted--rest": "2",
    "painted--strong": "1",
    "painted--accent": "36",
    "painted--good": "32",
    "painted--warn": "33",
    "painted--bad": "1;31",
    "chart--axis": "2",
    "chart--tick": "2",
    "chart--planned": "2",
    "chart--flag": "2",
    "chart--focused": "1",
    **{f"chart--line-{slot}": _SLOTS[slot % len(_SLOTS)] for slot in range(SLOTS)},
    **{f"chart--band-{slot}": f"2;{_SLOTS[slot % len(_SLOTS)]}" for slot in range(SLOTS)},
    **{f"chart--heat-{level}": _HEAT[level % len(_HEAT)] for level in range(HEAT_LEVELS)},
}
"""Select Graphic Rendition of each role; the eight colours that every terminal's theme sets."""


def row_text(pieces: Iterable[Piece], width: int, plain: Mapping[int, str], colour: bool) -> str:
    r"""Return a row as text of at most so many cells.

    Args:
        pieces: What it says; what does not fit is cut where it ends, with an ellipsis.
        width: Cells there are.
        plain: What to write for characters that the terminal lacks.
        colour: Whether escape codes for colours may be used.

    >>> row_text([("loss ", "painted--strong"), ("rises without end", "")], 10, {}, colour=False)
    'loss rise…'
    >>> row_text([("x", "painted--bad"), ("  ", "")], 10, {}, colour=True)
    '\x1b[1;31mx\x1b[0m'
    """
    fitting = _fitting([(text.translate(plain), role) for text, role in pieces], width, plain)
    text = "".join(part for part, _ in fitting)
    if not colour:
        return text.rstrip(" ")
    return _coloured(fitting, len(text.rstrip(" ")))


def _fitting(pieces: list[Piece], width: int, plain: Mapping[int, str]) -> list[Piece]:
    """Return as much of the pieces as fits; the last cell of what was cut is an ellipsis."""
    if sum(cells(text) for text, _ in pieces) <= width:
        return pieces
    mark, kept, room = "…".translate(plain), list[Piece](), width - 1
    for text, role in pieces:
        shown = first_cells(text, room)
        room -= cells(shown)
        kept.append((shown, role))
        if shown != text:
            break
    return [*kept, (mark, kept[-1][1] if kept else "")] if width > 0 else []


def _coloured(pieces: Iterable[Piece], length: int) -> str:
    """Return the first so many characters with their colours; one that stays is not set again."""
    parts, now = [], ""
    for text, role in pieces:
        text = text[:length]
        length -= len(text)
        if not text:
            continue
        code = _CODES.get(role, "")
        if code != now and text.strip(" "):
            parts.append(f"\x1b[{code or 0}m" if not now or not code else f"\x1b[0;{code}m")
            now = code
        parts.append(text)
    return "".join(parts) + ("\x1b[0m" if now else "")


_ESCAPE = re.compile("\x1b\\[[0-9;]*m")


def bare(text: str) -> str:
    r"""Return a text without its colours.

    >>> bare("\x1b[1;31mx\x1b[0m")
    'x'
    """
    return _ESCAPE.sub("", text)
