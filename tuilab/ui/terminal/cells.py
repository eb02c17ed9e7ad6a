"""How many cells of a terminal characters take."""

import re
import textwrap

from tuilab.words import cells_of

_ONE_CELL = re.compile("[ -ʯ‐-⋿\u2400-\u243f─-◿✀-➿⠀-⣿]*")
"""Latin, punctuation, arrows, mathematics, boxes, blocks, dingbats, braille: no terminal draws these wide."""


def one_cell_each(text: str) -> bool:
    """Whether every character surely takes one cell, so that cells can be cut out of the text itself.

    >>> one_cell_each("a│⣿ ✓"), one_cell_each("日"), one_cell_each("e\u0301")
    (True, False, False)
    """
    return _ONE_CELL.fullmatch(text) is not None


def cells(text: str) -> int:
    """Return how many cells a terminal gives a text.

    >>> cells("loss"), cells("損失"), cells("e\u0301")
    (4, 4, 1)
    """
    if one_cell_each(text):
        return len(text)
    return cells_of(text)


def first_cells(text: str, room: int) -> str:
    """Return as much of the beginning of a text as fits so many cells.

    >>> first_cells("abcd", 3), first_cells("日本語", 5)
    ('abc', '日本')
    """
    if one_cell_each(text):
        return text[:room]
    end = 0
    for char in text:
        room -= cells(char)
        if room < 0:
            break
        end += 1
    return text[:end]


def cut(text: str, room: int) -> str:
    """Return a text that fits so many cells, with an ellipsis where something is missing.

    >>> cut("accuracy", 5), cut("loss", 5), cut("日本語", 5)
    ('accu…', 'loss', '日本…')
    """
    return text if cells(text) <= room else first_cells(text, room - 1) + "…"[: max(room, 0)]


def filled(text: str, room: int) -> str:
    """Return a text cut or filled with blanks to so many cells.

    >>> filled("loss", 6), filled("日本語", 6), filled("日本語", 4)
    ('loss  ', '日本語', '日… ')
    """
    shown = cut(text, room)
    return shown + " " * (room - cells(shown))


def wrapped(text: str, room: int) -> list[str]:
    """Return a text in rows of at most so many cells, at least one row; broken between words where there are.

    Wide letters need no blanks between words: it may be broken after each of them.

    >>> wrapped("one two three", 8), wrapped("日本語", 4), wrapped("a 日本語", 6)
    (['one two ', 'three'], ['日本', '語'], ['a 日本', '語'])
    """
    rows = textwrap.wrap(text, room, drop_whitespace=False) or [""]
    if all(map(one_cell_each, rows)):
        return rows
    found = []
    while text:
        row = first_cells(text, room) or text[0]
        at = _last_break(row) if len(row) < len(text) else 0
        found.append(row[: at or len(row)])
        text = text[len(found[-1]) :]
    return found


def _last_break(row: str) -> int:
    """Return how many characters stand before the last place where a row may end; 0 where there is none."""
    places = (end for end in range(len(row), 0, -1) if row[end - 1] == " " or cells_of(row[end - 1]) == 2)
    return next(places, 0)
