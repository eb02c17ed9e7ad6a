"""All charts in one row with their newest values, where not all of them are in sight."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual import events
from textual.message import Message

from tuilab.charts.series import Series
from tuilab.ui.screens.run_panels import Panel
from tuilab.ui.widgets.figures import figure
from tuilab.ui.widgets.painted import Lines
from tuilab.ui.widgets.pieces import Piece

_ROOMS = ((True, True), (False, True), (False, False))
"""Whole titles and values, short titles and values, short titles alone."""


class ChartTabs(Lines):
    """A number, a name and a value for each chart; a click chooses."""

    DEFAULT_CSS = "ChartTabs { height: 1; display: none; }"

    @dataclass
    class Chosen(Message):
        """The reader wants this chart."""

        number: int

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._starts: list[int] = []
        self._told: tuple[Sequence[Panel], int, Callable[[str], Series]] | None = None

    def on_resize(self, _: events.Resize) -> None:
        """Choose anew what there is room for."""
        if self._told is not None:
            self.tell(*self._told)

    def tell(self, panels: Sequence[Panel], chosen: int, series: Callable[[str], Series]) -> None:
        """Show these charts."""
        self._told = panels, chosen, series
        for whole, valued in _ROOMS:
            entries = [
                _entry(number, panel, number == chosen, series, whole, valued)
                for number, panel in enumerate(panels)
            ]
            lengths = [sum(len(text) for text, _ in entry) for entry in entries]
            if sum(lengths) <= self.size.width:
                break
        self._starts = [sum(lengths[:number]) for number in range(len(lengths))]
        self.show([[piece for entry in entries for piece in entry]])

    def on_click(self, event: events.Click) -> None:
        """Choose the chart under the pointer."""
        if self._starts:
            self.post_message(self.Chosen(sum(start <= event.x for start in self._starts) - 1))


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
