"""All charts in one row with their newest values, where not all of them are in sight."""

from collections.abc import Callable, Sequence

from textual import events

from tuilab.charts.series import Series
from tuilab.ui.screens.run_panels import Panel
from tuilab.ui.widgets.figures import figure
from tuilab.ui.widgets.painted import Lines, Piece


class ChartTabs(Lines):
    """A number, a name and a value for each chart; a click chooses."""

    DEFAULT_CSS = "ChartTabs { height: 1; display: none; }"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._starts: list[int] = []

    def tell(self, panels: Sequence[Panel], chosen: int, series: Callable[[str], Series]) -> None:
        """Show these charts."""
        width = self.size.width
        rows = [self._row(panels, chosen, series, titles) for titles in (True, False)]
        fitting = next((row for row in rows if sum(len(text) for text, _ in row) <= width), rows[-1])
        self._starts, at = [], 0
        for text, role in fitting:
            if role.startswith("painted--accent") or text[:1].isdigit():
                self._starts.append(at)
            at += len(text)
        self.show([fitting])

    def on_click(self, event: events.Click) -> None:
        """Choose the chart under the pointer."""
        passed = sum(start <= event.x for start in self._starts)
        if passed:
            from tuilab.ui.widgets.chart_board import ChartBoard

            self.screen.query_one(ChartBoard).action_choose(passed - 1)

    def _row(
        self, panels: Sequence[Panel], chosen: int, series: Callable[[str], Series], titles: bool
    ) -> list[Piece]:
        row: list[Piece] = []
        for number, panel in enumerate(panels):
            here = number == chosen
            values = series(panel.key)
            value = f"{figure(values.last_value):<7}" if len(values) else " " * 7
            title = panel.title if titles else panel.short
            row += [
                (f"{number + 1} ", "painted--accent" if here else "painted--dim"),
                (title, "painted--strong" if here else "painted--dim"),
                (f" {value}  ", "" if here else "painted--dim"),
            ]
        return row
