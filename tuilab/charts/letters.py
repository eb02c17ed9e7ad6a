"""Letters: names and texts from outside, as cells of a chart.

A wide letter (損, 🙂) takes two cells. The second holds `REST`, so that a text is as many characters long as
it takes cells, and whoever lays it out counts, aligns and cuts it as if all letters were narrow.
"""

import re
import textwrap
from functools import lru_cache
from unicodedata import category, east_asian_width, normalize

REST = "\0"
"""What stands in the second cell of a wide letter; no terminal is sent it."""

UNSETTLED: dict[int, str | None] = dict.fromkeys([0x200D, *range(0xFE00, 0xFE10), *range(0x1F3FB, 0x1F400)])
"""For `str.translate`: joiners, variation selectors and skin tones, which some terminals fold into the letter
before and others give cells of their own. Left out, a text takes as many cells everywhere."""

_MARKS = ("Mn", "Mc", "Me")
"""Categories of characters that stand in the cell of the one before, in this terminal or that."""

_VOWELS = range(0x1160, 0x1200)
"""Hangul that joins the consonant before; what makes up a syllable has been composed already."""

_HALVES = re.compile(f"([^{REST}]){REST}|([^{REST}])|{REST}")


@lru_cache(maxsize=256)
def fitting(text: str, plain: bool) -> str:
    r"""A text of a character a cell; what combines or controls the terminal becomes a question mark.

    Letters and marks that are also one character are shown as that, é as é.

    Args:
        text: A name, which may come from a file.
        plain: Whether only ASCII can be shown.

    >>> fitting("loss\x1b[2J", False), fitting("損失 ä", False), fitting("损失 ä", True)
    ('loss?[2J', '損\x00失\x00 ä', '?? ?')
    """
    return "".join(_cell(char, plain) for char in normalize("NFC", text).translate(UNSETTLED))


def mark(char: str, plain: bool) -> str:
    """A character for one cell, as a curve's letter: what does not fit becomes a question mark.

    >>> mark("a", False), mark("損", False)
    ('a', '?')
    """
    shown = fitting(char, plain)
    return shown if len(shown) == len(char) else "?"


def _cell(char: str, plain: bool) -> str:
    if not char.isprintable() or (plain and not char.isascii()) or category(char) in _MARKS:
        return "?"
    if ord(char) in _VOWELS:
        return "?"
    return char + REST if _wide(char) else char


def _wide(char: str) -> bool:
    return not char.isascii() and east_asian_width(char) in "WF"


@lru_cache(maxsize=256)
def whole(text: str) -> str:
    r"""A text with a blank where it was cut in the middle of a wide letter.

    >>> whole(fitting("損失", False)[1:3]), whole("損\x00x")
    ('  ', '損\x00x')
    """
    if text.isascii() and REST not in text:
        return text
    return _HALVES.sub(lambda found: found[0] if _is_whole(found[0]) else " ", text)


def _is_whole(found: str) -> bool:
    return found != REST and _wide(found[0]) == (len(found) == 2)


def wrapped(text: str, room: int) -> list[str]:
    r"""All of a fitting text in rows of so many cells (two or more), broken between words if it can be.

    Wide letters need no blanks between words: it may be broken after each of them.

    >>> wrapped("one two three", 8), wrapped(fitting("a日本語", False), 4)
    (['one two ', 'three'], ['a日\x00', '本\x00語\x00'])
    """
    if REST not in text:
        return textwrap.wrap(text, room, drop_whitespace=False)
    rows = []
    while len(text) > room:
        end = room - (text[room] == REST)
        end = max(text.rfind(" ", 0, end), text.rfind(REST, 0, end)) + 1 or end
        rows.append(text[:end])
        text = text[end:]
    return [*rows, text]
