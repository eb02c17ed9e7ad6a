"""What a list of runs says of each: read in a fraction of a millisecond, without NumPy."""

import contextlib
import math
import re
import time
from dataclasses import dataclass
from pathlib import Path

from tuilab.runs import Run
from tuilab.ui.plain_spark import Course, glimpse, spark
from tuilab.ui.plain_text import SIGNS
from tuilab.ui.terminal.cells import cells, filled, first_cells
from tuilab.ui.widgets.figures import figure

_PRESET = re.compile(r'\A\[preset\]\n(?:[^\[\n].*\n)*?name = "([^"\\]*)"', re.MULTILINE)
"""The preset's name in a spec that was written for a run: parsing 500 whole ones takes a second."""

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
    losses: Course
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
        glimpse(run.path / "steps.npy", "loss", status.total),
        _began(run),
    )


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
    named = [
        ("state" if columns.age else "", columns.state),
        ("run", columns.name),
        ("preset", columns.preset),
        ("done", columns.progress),
        ("loss", columns.spark),
        ("best", columns.best),
    ]
    text = " ".join(name[:width].ljust(width) for name, width in named if width)
    return text + (f" {'age':>{columns.age}}" if columns.age else "")


def run_row(line: RunLine, columns: Columns, now: float, ascii_only: bool = False) -> list[Piece]:
    """Return a run's row."""
    sign, role = SIGNS.get(line.state, ("?", ""))
    state = f"{sign} {line.state}"[: columns.state].ljust(columns.state)
    pieces: list[Piece] = [(state, role), (f" {_cut_middle(line.name, columns.name)}", "strong")]
    if columns.preset:
        pieces.append((f" {filled(line.preset, columns.preset)}", "dim"))
    pieces.append((f" {progress(line, columns.progress)}", role if line.state == "running" else "dim"))
    if columns.spark:
        pieces.append((f" {spark(line.losses, columns.spark, ascii_only)}", "curve"))
    if columns.best:
        pieces.append((f" {filled(_best(line, columns.best), columns.best)}", ""))
    if columns.age:
        pieces.append((f" {age(now - line.began):>{columns.age}}", "dim"))
    return pieces


def _best(line: RunLine, width: int) -> str:
    if not line.metric:
        return ""
    long, short = line.metric, line.metric.rpartition(".")[2]
    value = figure(line.best)
    return f"{long if len(long) + len(value) < width else short} {value}"


def _cut_middle(text: str, width: int) -> str:
    """Cut where it tells least: a run's name ends with what tells it from its like."""
    end = text[-5:] if width > 12 else ""
    if cells(text) <= width or cells(end) > width // 2:
        return filled(text, width)
    return filled(f"{first_cells(text, width - 1 - cells(end))}…{end}", width)


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
