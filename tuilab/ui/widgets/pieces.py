"""Pieces: text with roles, what every row of the screen and of its plain twin is made of."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from tuilab.charts.letters import UNSETTLED
from tuilab.ui.terminal.cells import cells, first_cells, one_cell_each

Piece = tuple[str, str]
"""Text and its role; roles are component classes, so that a theme colours them."""

_WORTH_A_MOVE = 6
"""Unchanged cells that cost less to write again than to jump over."""


def differing(old: Sequence[Piece], new: Sequence[Piece], width: int) -> list[tuple[int, int]]:
    """Return runs of differing cells as (first, width); the whole row where a character may be wide.

    >>> differing([("loss ", "dim"), ("0.51", "")], [("loss ", "dim"), ("0.49", "")], 20)
    [(7, 2)]
    """
    same = 0
    for before, after in zip(old, new, strict=False):
        if before != after:
            break
        same += 1
    if not all(one_cell_each(text) for text, _ in (*new, *old[same:])):
        return [(0, width)]
    start = sum(len(text) for text, _ in new[:same])
    old, new = old[same:], new[same:]
    runs: list[tuple[int, int]] = []
    for x, (before, after) in enumerate(zip_longest(_cells(old), _cells(new), fillvalue=(" ", "")), start):
        if before == after or x >= width:
            continue
        if runs and x - sum(runs[-1]) < _WORTH_A_MOVE:
            runs[-1] = (runs[-1][0], x + 1 - runs[-1][0])
        else:
            runs.append((x, 1))
    return runs


def _cells(pieces: Sequence[Piece]) -> Iterator[Piece]:
    return ((char, role) for text, role in pieces for char in text)


def fitted(text: Piece, after: Piece, width: int) -> list[Piece]:
    """Return a text cut so that what stands after it has room: a hint is worth more than a long reason.

    >>> fitted(("Out of memory. ", "bad"), ("r retries.", "dim"), 20), fitted(("No.", ""), (" r", ""), 9)
    ([('Out of m… ', 'bad'), ('r retries.', 'dim')], [('No.', ''), (' r', '')])
    >>> fitted(("日本語 is gone.", ""), (" r", ""), 9)
    [('日本… ', ''), (' r', '')]
    """
    room = width - cells(after[0])
    if cells(text[0]) > room:
        text = (first_cells(text[0], max(room - 2, 0)).rstrip() + "… ", text[1])
    return [text, after]


def clean(text: str) -> str:
    r"""Return text from elsewhere without anything a terminal would obey, or give cells as no other does.

    >>> clean("a\x1b[2Jb\tc"), clean("👍\U0001f3fd")
    ('a␛[2Jb c', '👍')
    """
    return text if text.isascii() and text.isprintable() else text.translate(_HARMLESS)


_HARMLESS: dict[int, str | None] = {
    **{code: chr(0x2400 + code) for code in range(0x20)},
    **UNSETTLED,
    ord("\t"): " ",
    0x7F: "␡",
    **dict.fromkeys(range(0x80, 0xA0), "·"),
    # Marks that turn the direction of everything after them.
    **dict.fromkeys([0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)], "·"),
}
