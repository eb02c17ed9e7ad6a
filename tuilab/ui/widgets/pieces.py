"""Pieces: text with roles, what every row of the screen and of its plain twin is made of."""

from collections.abc import Sequence

from tuilab.ui.terminal.cells import one_cell_each

Piece = tuple[str, str]
"""Text and its role; roles are component classes, so that a theme colours them."""

_WORTH_A_MOVE = 6
"""Unchanged cells that cost less to write again than to jump over."""


def differing(old: Sequence[Piece], new: Sequence[Piece], width: int) -> list[tuple[int, int]]:
    """Return runs of differing cells as (first, width); the whole row where a character may be wide."""
    if not all(one_cell_each(text) for pieces in (old, new) for text, _ in pieces):
        return [(0, width)]
    before = [(char, role) for text, role in old for char in text]
    after = [(char, role) for text, role in new for char in text]
    blank = [(" ", "")]
    before += blank * (width - len(before))
    after += blank * (width - len(after))
    runs: list[tuple[int, int]] = []
    for x in range(min(width, len(after), len(before))):
        if before[x] == after[x]:
            continue
        if runs and x - sum(runs[-1]) < _WORTH_A_MOVE:
            runs[-1] = (runs[-1][0], x + 1 - runs[-1][0])
        else:
            runs.append((x, 1))
    return runs


def fitted(text: Piece, after: Piece, width: int) -> list[Piece]:
    """Return a text cut so that what stands after it has room: a hint is worth more than a long reason.

    >>> fitted(("Out of memory. ", "bad"), ("r retries.", "dim"), 20), fitted(("No.", ""), (" r", ""), 9)
    ([('Out of m… ', 'bad'), ('r retries.', 'dim')], [('No.', ''), (' r', '')])
    """
    room = width - len(after[0])
    if len(text[0]) > room:
        text = (text[0][: max(room - 2, 0)].rstrip() + "… ", text[1])
    return [text, after]


def clean(text: str) -> str:
    r"""Return text from elsewhere without anything a terminal would obey.

    >>> clean("a\x1b[2Jb\tc")
    'a␛[2Jb c'
    """
    return text.translate(_HARMLESS)


_HARMLESS = {code: chr(0x2400 + code) for code in range(0x20)} | {
    ord("\t"): " ",
    0x7F: "␡",
    **dict.fromkeys(range(0x80, 0xA0), "·"),
    # Marks that turn the direction of everything after them.
    **dict.fromkeys([0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)], "·"),
}
