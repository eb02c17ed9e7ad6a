"""Which characters surely take one cell of a terminal."""

import re

_ONE_CELL = re.compile("[ -ʯ‐-⋿\u2400-\u243f─-◿✀-➿⠀-⣿]*")
"""Latin, punctuation, arrows, mathematics, boxes, blocks, dingbats, braille: no terminal draws these wide."""


def one_cell_each(text: str) -> bool:
    """Whether every character surely takes one cell, so that cells can be cut out of the text itself.

    >>> one_cell_each("a│⣿ ✓"), one_cell_each("日"), one_cell_each("e\u0301")
    (True, False, False)
    """
    return _ONE_CELL.fullmatch(text) is not None
