"""A column of a table as one line of characters, without NumPy.

It is a glimpse: of each part of the run a few rows are read, so that a run of a
billion steps costs what one of a thousand does. Charts show every point.
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

_COLUMN = re.compile(r"\('(\w+)', '([<>|])(\w)(\d+)'")


def glimpse(path: Path, column: str, parts: int = _PARTS) -> tuple[float, ...]:
    """Return a column's course in at most so many parts, from a few rows of each."""
    try:
        with path.open("rb") as file:
            return _glimpse(file.fileno(), column, parts)
    except (OSError, struct.error):
        return ()


def _glimpse(file: int, column: str, parts: int) -> tuple[float, ...]:
    start = os.pread(file, 4096, 0)
    length = int.from_bytes(start[8:10], "little") + 10
    text = start[:length].decode("latin1")
    offset, size, form = _place(text, column)
    counted = re.search(r"'shape': \((\d+)", text)
    if not form or counted is None:
        return ()
    rows = min(int(counted[1]), (os.fstat(file).st_size - length) // size)
    parts = min(parts, rows)
    values = []
    for part in range(parts):
        end = (part + 1) * rows // parts
        first = max(end - _ROWS, part * rows // parts)
        block = os.pread(file, (end - first) * size, length + first * size)
        found = [struct.unpack_from(form, block, at + offset)[0] for at in range(0, len(block), size)]
        values.append(sum(found) / len(found))
    return tuple(values)


def _place(header: str, column: str) -> tuple[int, int, str]:
    """Return a column's offset in a row, the row's size, and how to unpack a value, "" if it is not there."""
    size = offset = 0
    form = ""
    for name, order, kind, width in _COLUMN.findall(header):
        if name == column and kind == "f":
            offset, form = size, ("<" if order == "<" else ">") + {"4": "f", "8": "d"}.get(width, "")
        size += int(width)
    return offset, size, form


def spark(values: Sequence[float], width: int, ascii_only: bool = False) -> str:
    """Return values as bars, by their logarithm if they span a decade; a part that was not finite is a cross.

    >>> spark([0, 1, 2, math.nan, 4, 5, 6, 7], 8), spark([3, 1], 4, ascii_only=True)
    ('▁▂▃×▅▆▇█', '@@__')
    """
    if not values:
        return " " * width
    bars = _PLAIN_BARS if ascii_only else _BARS
    finite = [value for value in values if math.isfinite(value)]
    if finite and 0 < min(finite) * _DECADE < max(finite):
        # Losses fall fast and then slowly: the slow part would be one flat line.
        values = [math.log(value) if math.isfinite(value) else value for value in values]
        finite = [math.log(value) for value in finite]
    low, high = (min(finite), max(finite)) if finite else (0.0, 0.0)
    cells = []
    for cell in range(width):
        first = cell * len(values) // width
        part = values[first : max((cell + 1) * len(values) // width, first + 1)]
        value = sum(part) / len(part)
        if not math.isfinite(value):
            cells.append("x" if ascii_only else "×")
        else:
            share = (value - low) / (high - low) if high > low else 0.5
            cells.append(bars[int(share * (len(bars) - 1) + 0.5)])
    return "".join(cells)
