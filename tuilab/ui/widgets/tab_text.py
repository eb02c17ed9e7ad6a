"""All charts in one row, with their newest values where there is room."""

from collections.abc import Callable, Sequence

from tuilab.charts.series import Series
from tuilab.ui.screens.run_panels import Panel
from tuilab.ui.widgets.figures import figure
from tuilab.ui.widgets.pieces import Piece

_ROOMS = ((True, True), (False, True), (False, False))
"""Whole titles and values, short titles and values, short titles alone."""


def tab_entries(
    panels: Sequence[Panel], chosen: int, series: Callable[[str], Series], width: int
) -> list[list[Piece]]:
    """Return each chart's part of the row; where they are many, those far from the chosen one are numbers.

    Where even the numbers are too many, the parts that come first are empty: what is chosen is in sight.
    """
    entries: list[list[Piece]] = []
    for whole, valued in _ROOMS:
        entries = [
            _entry(number, panel, number == chosen, series, whole, valued)
            for number, panel in enumerate(panels)
        ]
        if sum(map(_length, entries)) <= width:
            return entries
    too_much = sum(map(_length, entries)) - width
    for keep in (1, 0):  # pieces of an entry: its number alone, and nothing
        for number in sorted(range(len(panels)), key=lambda number: -abs(number - chosen)):
            if too_much > 0 and number != chosen:
                before = _length(entries[number])
                entries[number] = [(f"{number + 1}  ", "painted--dim")] * keep
                too_much -= before - _length(entries[number])
    return entries


def _length(entry: Sequence[Piece]) -> int:
    return sum(len(text) for text, _ in entry)


def _entry(
    number: int, panel: Panel, chosen: bool, series: Callable[[str], Series], whole: bool, valued: bool
) -> list[Piece]:
    """Return one chart's part of the row."""
    values = series(panel.metrics[0])
    value = f" {figure(values.last_value):<7}" if valued and len(values) and not panel.heat else ""
    return [
        (f"{number + 1} ", "painted--accent" if chosen else "painted--dim"),
        (panel.title if whole else panel.short, "painted--strong" if chosen else "painted--dim"),
        (f"{value}  ", "" if chosen else "painted--dim"),
    ]
