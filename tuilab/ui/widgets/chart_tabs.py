"""All charts in one row with their newest values, where not all of them are in sight."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual import events
from textual.message import Message

from tuilab.charts.series import Series
from tuilab.ui.screens.run_panels import Panel
from tuilab.ui.widgets.painted import Lines
from tuilab.ui.widgets.tab_text import tab_entries


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
        entries = tab_entries(panels, chosen, series, self.size.width)
        lengths = [sum(len(text) for text, _ in entry) for entry in entries]
        self._starts = [sum(lengths[:number]) for number in range(len(lengths))]
        self.show([[piece for entry in entries for piece in entry]])

    def on_click(self, event: events.Click) -> None:
        """Choose the chart under the pointer."""
        if self._starts:
            self.post_message(self.Chosen(sum(start <= event.x for start in self._starts) - 1))
