"""The row above a chart: what it shows, and the values at its newest step or under the cursor."""

import math
from collections.abc import Sequence

from tuilab.charts.canvas import glyphs_named
from tuilab.charts.frame import Frame, Reading
from tuilab.charts.line import Curve
from tuilab.ui.widgets.figures import count, duration, figure
from tuilab.ui.widgets.lens import Lens
from tuilab.ui.widgets.pieces import Piece

_WIDEST = 7
"""Room for a value, so that what follows it does not move."""


def header(
    title: str,
    number: int,
    curves: Sequence[Curve],
    frame: Frame | None,
    lens: Lens,
    marks: str,
    focused: bool,
    width: int,
) -> list[Piece]:
    """Return the row, cut where the width ends.

    Args:
        title: What the chart shows.
        number: The key that chooses it; 0 for none.
        curves: Its curves.
        frame: The chart as drawn; it holds what is under the cursor.
        lens: How the reader looks at it.
        marks: What differs from the usual view, such as "log".
        focused: Whether keys reach it.
        width: Cells there are.
    """
    pieces: list[Piece] = []
    if number:
        pieces.append((f"{number} ", "painted--accent" if focused else "painted--dim"))
    pieces.append((title, "chart--focused" if focused else "painted--strong"))
    if marks:
        pieces.append((f"  {marks}", "painted--dim"))
    readings = {reading.name: reading for reading in frame.readings} if frame else {}
    if lens.cursor is not None and readings:
        pieces.append((f"   {_place(lens, next(iter(readings.values())))}", "painted--accent"))
    dashes = glyphs_named(lens.glyphs).marks.dashes
    for curve in curves:
        if not len(curve.series):
            continue
        value, extent = _value(curve, readings if lens.cursor is not None else None)
        entry: list[Piece] = [
            (f"   {dashes[curve.dash % len(dashes)]} ", f"chart--line-{curve.style}"),
            (f"{curve.name} " if len(curves) > 1 or curve.name != "train" else "", "painted--dim"),
            (value, "painted--bad" if value in ("nan", "inf", "-inf") else ""),
        ]
        if _length(pieces) + _length(entry) + len(extent) <= width:
            entry.append((extent, "painted--dim"))
        if _length(pieces) + _length(entry) > width:
            break
        pieces += entry
    return pieces


def _value(curve: Curve, readings: dict[str, Reading] | None) -> tuple[str, str]:
    """Return a curve's value, and the extent of its column where the cursor reads one."""
    if readings is None:
        return f"{figure(curve.series.last_value):<{_WIDEST}}", ""
    reading = readings.get(curve.name)
    if reading is None:
        return "no value", ""
    if reading.count == 1:
        return figure(reading.last), ""
    if math.isnan(reading.mean):
        return "nan", f"  {count(reading.bad)} not finite"
    extent = f"  {figure(reading.low)} to {figure(reading.high)}"
    if reading.bad:
        extent += f", {count(reading.bad)} not finite"
    return figure(reading.mean), extent


def _place(lens: Lens, reading: Reading) -> str:
    """Return where the cursor is."""
    steps = (
        count(reading.start)
        if reading.start == reading.stop
        else f"{count(reading.start)} to {count(reading.stop)}"
    )
    if lens.x_mode == "epoch":
        return f"epoch {lens.cursor:.2f}, step {steps}"
    if lens.x_mode == "time":
        return f"{duration(lens.cursor or 0)}, step {steps}"
    return f"step {steps}"


def _length(pieces: Sequence[Piece]) -> int:
    return sum(len(text) for text, _ in pieces)
