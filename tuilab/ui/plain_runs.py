"""What a list of runs says of each: read in a fraction of a millisecond, without NumPy.

The curve of the loss is a glimpse: of each part of the run a few rows are read, so
that a run of a billion steps costs what one of a thousand does. Charts show all.
"""

import contextlib
import math
import os
import re
import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tuilab.runs import Run
from tuilab.ui.plain_text import SIGNS
from tuilab.ui.widgets.figures import figure

_BARS, _PLAIN_BARS = "▁▂▃▄▅▆▇█", "_.-=+*#@"

_PARTS = 24
"""Characters of a sparkline at most."""

_ROWS = 16
"""Rows read of each part, its newest."""

_DECADE = 10.0

_PRESET = re.compile(r'\A\[preset\]\n(?:[^\[\n].*\n)*?name = "([^"\\]*)"', re.MULTILINE)
"""The preset's name in a spec that was written for a run: parsing 500 whole ones takes a second."""

_COLUMN = re.compile(r"\('(\w+)', '([<>|])(\w)(\d+)'")

Piece = tuple[str, str]
"""Text and its role: good, warn, bad, accent, dim, strong, curve or none."""


@dataclass(frozen=True, slots=True)
class RunLine:
    """A run as a list shows it."""

    path: Path
    preset: str
    state: str
    step: int
    total: int
    metric: str
    """Of the best evaluation, as "eval.accuracy"; empty before the first."""
    best: float
    losses: tuple[float, ...]
    """The loss along the run; not finite where a row of that part was not."""
    began: float
    """Seconds since 1970."""

    @property
    def id(self) -> str:
        """The directory's name."""
        return self.path.name

    @property
    def name(self) -> str:
        """The id without the time it begins with."""
        return self.id[16:] if self.id[:8].isdigit() and len(self.id) > 16 else self.id

    @property
    def share(self) -> float:
        """How much of the budget is done."""
        return self.step / self.total if self.total else 0.0


def look(run: Run) -> RunLine:
    """Read what a list says of a run."""
    status = run.status
    best = dict(status.best)
    value = best.get("value")
    return RunLine(
        run.path,
        _preset(run),
        status.state,
        status.step,
        status.total,
        str(best.get("metric", "")),
        float(value) if isinstance(value, int | float) else math.nan,
        glimpse(run.path / "steps.npy", "loss"),
        _began(run),
    )


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


def age(seconds: float) -> str:
    """Return how long ago something was.

    >>> [age(s) for s in (-3, 42, 130, 7300, 200_000, 4e7)]
    ['now', '42 s', '2 min', '2 h', '2 d', '1 y']
    """
    if seconds < 1:
        return "now"
    for unit, length in (("y", 31_557_600), ("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{int(seconds / length)} {unit}"
    return f"{int(seconds)} s"


def progress(line: RunLine, width: int) -> str:
    """Return how far a run is: a bar where there is room, and the share."""
    if not line.total:
        return " " * width
    percent = f"{math.floor(line.share * 100)} %"
    bar = width - 6
    if bar < 4:
        return percent.rjust(width)
    done = min(int(line.share * bar), bar)
    return "━" * done + "─" * (bar - done) + percent.rjust(6)


@dataclass(frozen=True, slots=True)
class Columns:
    """How wide each column is; 0 leaves it out."""

    name: int
    preset: int
    progress: int
    spark: int
    best: int
    age: int

    @classmethod
    def fitting(cls, width: int) -> "Columns":
        """Return the columns for a list of that width; the name gets what is left."""
        if width < 40:
            return cls(max(width - 9, 4), 0, 5, 0, 0, 0)
        if width < 76:
            return cls(width - 12 - 6 - 12 - 7, 0, 5, 11, 0, 6)
        if width < 110:
            return cls(width - 12 - 12 - 13 - 18 - 7, 0, 11, 12, 17, 6)
        if width < 140:
            return cls(width - 12 - 19 - 21 - 27 - 7, 0, 18, 20, 26, 6)
        return cls(width - 12 - 21 - 19 - 25 - 29 - 7, 20, 18, 24, 28, 6)

    @property
    def state(self) -> int:
        """A sign alone where there is little room."""
        return 11 if self.age else 1


def headings(columns: Columns) -> str:
    """Return the names of the columns."""
    cells = [
        ("state" if columns.age else "", columns.state),
        ("run", columns.name),
        ("preset", columns.preset),
        ("done", columns.progress),
        ("loss", columns.spark),
        ("best", columns.best),
    ]
    text = " ".join(name[:width].ljust(width) for name, width in cells if width)
    return text + (f" {'age':>{columns.age}}" if columns.age else "")


def cells(line: RunLine, columns: Columns, now: float, ascii_only: bool = False) -> list[Piece]:
    """Return a run's row."""
    sign, role = SIGNS.get(line.state, ("?", ""))
    state = f"{sign} {line.state}"[: columns.state].ljust(columns.state)
    pieces: list[Piece] = [(state, role), (f" {_cut_middle(line.name, columns.name)}", "strong")]
    if columns.preset:
        pieces.append((f" {_cut(line.preset, columns.preset)}", "dim"))
    pieces.append((f" {progress(line, columns.progress)}", role if line.state == "running" else "dim"))
    if columns.spark:
        pieces.append((f" {spark(line.losses, columns.spark, ascii_only)}", "curve"))
    if columns.best:
        pieces.append((f" {_cut(_best(line, columns.best), columns.best)}", ""))
    if columns.age:
        pieces.append((f" {age(now - line.began):>{columns.age}}", "dim"))
    return pieces


def _best(line: RunLine, width: int) -> str:
    if not line.metric:
        return ""
    long, short = line.metric, line.metric.rpartition(".")[2]
    value = figure(line.best)
    return f"{long if len(long) + len(value) < width else short} {value}"


def _cut(text: str, width: int) -> str:
    return (text if len(text) <= width else text[: width - 1] + "…").ljust(width)


def _cut_middle(text: str, width: int) -> str:
    """Cut where it tells least: a run's name ends with what tells it from its like."""
    kept = 5 if width > 12 else 0
    return (
        _cut(text, width) if len(text) <= width else text[: width - 1 - kept] + "…" + text[len(text) - kept :]
    )


def _preset(run: Run) -> str:
    """Return the preset's name from the first lines of the spec, or "own"."""
    with contextlib.suppress(OSError), (run.path / "spec.toml").open(encoding="utf-8") as spec:
        if found := _PRESET.match(spec.read(4096)):
            return found[1]
    return "own"


def _began(run: Run) -> float:
    try:
        return (run.path / "spec.toml").stat().st_mtime
    except OSError:
        return time.time()
