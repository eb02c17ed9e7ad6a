"""The rows above a chart: what it shows, and the values at the newest step or under the cursor.

Without a cursor that is one row, and more where curves and height are many. Under the cursor stands a table
where the height allows: first, last, smallest, largest and mean value of each curve in that column, and how
many were not finite. How many rows there are hangs on the curves and the size alone, so a chart does not jump
with its values.
"""

import itertools
import math
from collections.abc import Sequence

from tuilab.charts.canvas import glyphs_named
from tuilab.charts.frame import Frame, Reading
from tuilab.charts.line import Curve
from tuilab.ui.terminal.cells import cells, filled
from tuilab.ui.widgets.figures import count, figure, moment
from tuilab.ui.widgets.lens import Lens
from tuilab.ui.widgets.pieces import Piece

_WIDEST = 7
"""Room for a value, so that what follows it does not move."""

_GAPS = (3, 2)
"""Cells between two entries."""

_LEAST_PLOT = 5
"""Rows of a chart that values never take."""

_NAME = 20
"""Cells a name may take in the table."""

_COLUMNS = ("first", "last", "min", "max", "mean", "steps", "NaN/inf")
_DROPPED = ("steps", "mean", "first")
"""What the table does without where it is narrow, in this order."""

_CELL = 9
"""Cells a column of the table takes."""


def header_rows(title: Sequence[Piece], curves: Sequence[Curve], lens: Lens, width: int, height: int) -> int:
    """Return how many rows of a chart the header takes."""
    known = [curve for curve in curves if len(curve.series)]
    spare = height - 1 - _LEAST_PLOT
    if lens.cursor is None:
        return min(
            len(_flowed(title, [_entry(curve, len(curves), lens) for curve in known], width)),
            1 + max(spare, 0),
        )
    return 2 + len(known) if known and len(known) + 1 <= spare else 1


def heading(title: str, number: int, marks: str, focused: bool) -> list[Piece]:
    """Return what stands at the beginning of the first row.

    Args:
        title: What the chart shows.
        number: The key that chooses it; 0 for none.
        marks: What differs from the usual view, such as "log".
        focused: Whether keys reach it.
    """
    pieces: list[Piece] = []
    if number:
        pieces.append((f"{number} ", "painted--accent" if focused else "painted--dim"))
    pieces.append((title, "chart--focused" if focused else "painted--strong"))
    if marks:
        pieces.append((f"  {marks}", "painted--dim"))
    return pieces


def header(
    title: Sequence[Piece],
    curves: Sequence[Curve],
    frame: Frame | None,
    lens: Lens,
    width: int,
    rows: int = 1,
) -> list[list[Piece]]:
    """Return the rows above a chart; the last is cut where the width ends.

    Args:
        title: What `heading` gives.
        curves: The chart's curves.
        frame: The chart as drawn; it holds what is under the cursor.
        lens: How the reader looks at it.
        width: Cells there are.
        rows: What `header_rows` gives.
    """
    known = [curve for curve in curves if len(curve.series)]
    if lens.cursor is None:
        found = _flowed(title, [_entry(curve, len(curves), lens) for curve in known], width)[:rows]
        return found + [[] for _ in range(rows - len(found))]
    readings = {reading.name: reading for reading in frame.readings} if frame else {}
    first = list(title)
    first.append((f"   {_place(lens, next(iter(readings.values()), None), _span(frame))}", "painted--accent"))
    if rows > 1:
        return [first, *_table(known, readings, lens, width)]
    for curve in known:
        entry, extent = _read_entry(curve, len(curves), readings.get(curve.name), lens)
        if _length(first) + _length(entry) > width:
            break
        first += entry
        if _length(first) + len(extent) <= width:
            first.append((extent, "painted--dim"))
    return [first]


def _entry(curve: Curve, curves: int, lens: Lens) -> list[Piece]:
    """Return a curve's sample, name and newest value."""
    return [
        *_label(curve, curves, lens),
        _value(curve.series.last_value, f"{figure(curve.series.last_value):<{_WIDEST}}"),
    ]


def _label(curve: Curve, curves: int, lens: Lens) -> list[Piece]:
    dashes = glyphs_named(lens.glyphs).marks.dashes
    named = curves > 1 or curve.name != "train"
    return [
        (f"   {dashes[curve.dash % len(dashes)]} ", f"chart--line-{curve.style % 8}"),
        (f"{curve.name} " if named else "", "painted--dim"),
    ]


def _value(value: float, text: str) -> Piece:
    return text, "" if math.isfinite(value) else "painted--bad"


def _flowed(title: Sequence[Piece], entries: Sequence[list[Piece]], width: int) -> list[list[Piece]]:
    """Return entries after the title: closer together where that saves a row, else going on in a new one."""
    for gap in _GAPS:
        near = [[(f"{' ' * gap}{first.lstrip()}", role), *rest] for (first, role), *rest in entries]
        if _length(title) + sum(map(_length, near)) <= width:
            return [[*title, *itertools.chain.from_iterable(near)]]
    rows = [list(title)]
    for entry in entries:
        if _length(rows[-1]) + _length(entry) > width and (len(rows) == 1 or rows[-1]):
            rows.append([])
        rows[-1] += entry
    return rows


def _read_entry(curve: Curve, curves: int, reading: Reading | None, lens: Lens) -> tuple[list[Piece], str]:
    """Return what a curve has under the cursor in a few words, and the extent of its column."""
    label = _label(curve, curves, lens)
    if reading is None:
        return [*label, ("no value", "painted--dim")], ""
    if reading.count == 1:
        return [*label, _value(reading.last, figure(reading.last))], ""
    if math.isnan(reading.mean):
        return [*label, _value(math.nan, "nan")], f"  {count(reading.bad)} not finite"
    extent = f"  {figure(reading.low)} to {figure(reading.high)}"
    if reading.bad:
        extent += f", {count(reading.bad)} not finite"
    return [*label, (figure(reading.mean), "")], extent


def _table(
    curves: Sequence[Curve], readings: dict[str, Reading], lens: Lens, width: int
) -> list[list[Piece]]:
    """Return what every curve has under the cursor, a row each, below the names of the columns."""
    name_width = min(max(cells(curve.name) for curve in curves) + 7, _NAME)
    columns = list(_COLUMNS)
    for dropped in _DROPPED:
        if name_width + _CELL * len(columns) > width:
            columns.remove(dropped)
    rows: list[list[Piece]] = [
        [(" " * name_width + "".join(f"{name:<{_CELL}}" for name in columns), "painted--dim")]
    ]
    dashes = glyphs_named(lens.glyphs).marks.dashes
    for curve in curves:
        row: list[Piece] = [
            (f"  {dashes[curve.dash % len(dashes)]} ", f"chart--line-{curve.style % 8}"),
            (f"{filled(curve.name, name_width - 7)}  ", ""),
        ]
        reading = readings.get(curve.name)
        if reading is None:
            row.append(("no value here", "painted--dim"))
        else:
            row += [_cell(reading, column) for column in columns]
        rows.append(row)
    return rows


def _cell(reading: Reading, column: str) -> Piece:
    if column == "steps":
        return f"{count(reading.count):<{_CELL}}", ""
    if column == "NaN/inf":
        return f"{count(reading.bad):<{_CELL}}", "painted--bad" if reading.bad else "painted--dim"
    value = {
        "first": reading.first,
        "last": reading.last,
        "min": reading.low,
        "max": reading.high,
        "mean": reading.mean,
    }[column]
    return _value(value, f"{figure(value):<{_CELL}}")


def _span(frame: Frame | None) -> float:
    """Return how much of the x axis is in view."""
    return frame.plot.x1 - frame.plot.x0 if frame else 0.0


def _place(lens: Lens, reading: Reading | None, span: float) -> str:
    """Return where the cursor is; where no curve has a value, as far as the axis tells."""
    at = lens.cursor or 0.0
    where = {
        "epoch": f"epoch {at:.2f}",
        "samples": f"{count(int(at))} samples",
        "time": moment(at, span),
    }.get(lens.x_mode)
    if reading is None:
        return where or f"step {count(int(at))}"
    steps = count(reading.start)
    if reading.start < reading.stop:
        steps += f" to {count(reading.stop)}"
    return f"{where}, step {steps}" if where else f"step {steps}"


def _length(pieces: Sequence[Piece]) -> int:
    return sum(cells(text) for text, _ in pieces)
