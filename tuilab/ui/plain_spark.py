"""A column of a table as one line of characters, without NumPy.

It is a glimpse: of each part of the run a few rows are read, so that a run of a
billion steps costs what one of a thousand does. Charts show every point. As in a
chart, the line is as long as the budget, or as the smallest part of it by halves that
holds the data: what was drawn stays where it is until the line is halved.
"""

import math
import os
import re
import struct
from collections.abc import Sequence
from pathlib import Path

_BARS, _PLAIN_BARS = "▁▂▃▄▅▆▇█", "_.-=+*#@"

_PARTS = 24
"""Characters of a sparkline at most."""

_ROWS = 16
"""Rows read of each part, its newest."""

_DECADE = 10.0

_LONGEST = 1 << 20
"""Bytes of a header that are read at most."""

_COLUMN = re.compile(r"""\((?:'([^']*)'|"[^"]*"), '([<>|])(\w)(\d+)'(?:, \(([\d, ]+)\))?""")
"""Name, byte order, kind, width and shape in a header."""


Course = tuple[float | None, ...]
"""A value for each part of a run; None where it is still to come."""


def glimpse(path: Path, column: str, total: int = 0, parts: int = _PARTS) -> Course:
    """Return a column's course in at most so many parts, from a few rows of each.

    Args:
        path: of the table.
        column: which one, of floats.
        total: rows that the run will have; 0 where nobody knows.
        parts: of the line.
    """
    try:
        with path.open("rb") as file:
            return _glimpse(file.fileno(), column, total, parts)
    except (OSError, struct.error):
        return ()


def _glimpse(file: int, column: str, total: int, parts: int) -> Course:
    start = os.pread(file, 12, 0)
    wide = start[6:7] > b"\x01"  # the version for names that are not ASCII
    before = 12 if wide else 10
    length = int.from_bytes(start[8:before], "little") + before
    text = os.pread(file, min(length, _LONGEST), 0).decode("utf-8" if wide else "latin1", "replace")
    offset, size, form = _place(text, column)
    counted = re.search(r"'shape': \((\d+)", text)
    if not form or counted is None:
        return ()
    rows = min(int(counted[1]), (os.fstat(file).st_size - length) // size)
    span = _span(rows, total)
    parts = min(parts, span)
    values: list[float | None] = [None] * parts
    for part in range(parts):
        begin, end = part * span // parts, min((part + 1) * span // parts, rows)
        if begin >= end:
            break
        first = max(end - _ROWS, begin)
        block = os.pread(file, (end - first) * size, length + first * size)
        found = [struct.unpack_from(form, block, at + offset)[0] for at in range(0, len(block), size)]
        values[part] = sum(found) / len(found)
    return tuple(values)


def _span(rows: int, total: int) -> int:
    """Return how many rows the line stands for.

    >>> _span(300, 1000), _span(200, 1000), _span(1000, 1000), _span(5, 0)
    (500, 250, 1000, 8)
    """
    if rows > total:
        return 1 << max(rows - 1, 0).bit_length()
    halvings = (total // max(rows, 1)).bit_length() - 1
    return max(-(-total // (1 << max(halvings, 0))), 1)


def _place(header: str, column: str) -> tuple[int, int, str]:
    """Return a column's offset in a row, the row's size, and how to unpack a value, "" if it is not there."""
    size = offset = 0
    form = ""
    for name, order, kind, width, shape in _COLUMN.findall(header):
        if name == column and kind == "f":
            offset, form = size, ("<" if order == "<" else ">") + {"4": "f", "8": "d"}.get(width, "")
        each = int(width) * (4 if kind == "U" else 1)
        size += each * math.prod(int(part) for part in re.findall(r"\d+", shape))
    return offset, size, form


def spark(course: Sequence[float | None], width: int, ascii_only: bool = False) -> str:
    """Return a course as bars, by the logarithm if it spans a decade; a part that was not finite is a cross.

    >>> spark([0, 1, 2, math.nan, 4, 5, 6, None], 8), spark([3, 1], 4, ascii_only=True)
    ('▁▂▃×▆▇█ ', '@@__')
    """
    if not course:
        return " " * width
    bars = _PLAIN_BARS if ascii_only else _BARS
    finite = [value for value in course if value is not None and math.isfinite(value)]
    # Losses fall fast and then slowly: the slow part would be one flat line.
    height = math.log if finite and 0 < min(finite) * _DECADE < max(finite) else float
    low, high = (height(min(finite)), height(max(finite))) if finite else (0.0, 0.0)
    cells = []
    for cell in range(width):
        first = cell * len(course) // width
        part = course[first : max((cell + 1) * len(course) // width, first + 1)]
        known = [value for value in part if value is not None]
        if not known:
            cells.append(" ")
        elif not all(map(math.isfinite, known)):
            cells.append("x" if ascii_only else "×")
        else:
            value = sum(map(height, known)) / len(known)
            share = (value - low) / (high - low) if high > low else 0.5
            cells.append(bars[int(share * (len(bars) - 1) + 0.5)])
    return "".join(cells)
