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
    """Return each chart's part of the row, as long as the width allows."""
    entries: list[list[Piece]] = []
    for whole, valued in _ROOMS:
        entries = [
            _entry(number, panel, number == chosen, series, whole, valued)
            for number, panel in enumerate(panels)
        ]
        if sum(len(text) for entry in entries for text, _ in entry) <= width:
            break
    return entries


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
