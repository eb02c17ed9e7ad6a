"""The charts of a run, laid out for the size at hand."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message

from tuilab.status import Status
from tuilab.ui.screens.run_panels import Panel
from tuilab.ui.widgets.board_layout import arrangement, page, spans
from tuilab.ui.widgets.chart import Chart
from tuilab.ui.widgets.chart_legend import ChartLegend
from tuilab.ui.widgets.chart_overlay import Shown, Source
from tuilab.ui.widgets.chart_pictures import Pictures
from tuilab.ui.widgets.lens import Lens
from tuilab.ui.widgets.lens_keys import LensKeys

_FEWEST = 8
"""Steps that are always in view: their dots can be told apart on any terminal."""


class ChartBoard(LensKeys, can_focus=True):
    """Shows as many of the chosen charts as fit; the others are a key away.

    It has the focus itself and says which chart keys reach: moving Textual's focus repaints whole widgets.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(str(n), f"choose({n - 1})", f"Chart {n}", show=False, tooltip="Chart of that number")
            for n in range(1, 10)
        ),
        Binding("tab", "next(1)", "Next chart", show=False),
        Binding("shift+tab", "next(-1)", "Previous chart", show=False),
        Binding("enter", "maximise", "Maximise"),
        Binding("y", "log", "Log axis", show=False),
        Binding("less_than_sign", "move(-1)", "Move the chart forward", show=False),
        Binding("greater_than_sign", "move(1)", "Move the chart back", show=False),
        Binding("delete,backspace", "remove", "Take the chart away", show=False),
    ]
    DEFAULT_CSS = """
    ChartBoard { layout: grid; grid-gutter: 0 2; height: 1fr; min-height: 2; }
    ChartBoard > Chart { height: 100%; }
    """

    @dataclass
    class Wanted(Message):
        """These metrics are looked at now; nobody needs the others."""

        metrics: tuple[str, ...]

    @dataclass
    class Arranged(Message):
        """Other charts are in sight, or another one is chosen."""

    @dataclass
    class Rearranged(Message):
        """The reader wants these charts, in this order."""

        keys: list[str]

    def __init__(
        self,
        source: Source,
        lens: Lens,
        logarithmic: Collection[str] = (),
        *,
        id: str | None = None,  # noqa: A002
    ) -> None:
        """Make an empty board.

        Args:
            source: Where curves come from.
            lens: How the reader looks at them.
            logarithmic: Keys of the charts with such an axis.
            id: The widget's id.
        """
        super().__init__(id=id)
        self._pictures = Pictures(source)
        self._legend = ChartLegend()
        self._lens = lens
        self._logarithmic = set(logarithmic)
        self._panels: list[Panel] = []
        self._charts: list[Chart] = []
        self._chosen = 0
        self._alone = False
        self._grid = (0, 0)

    @property
    def panels(self) -> Sequence[Panel]:
        """The charts on the board, in order."""
        return self._panels

    @property
    def logarithmic(self) -> Collection[str]:
        """Keys of the charts with a logarithmic axis."""
        return self._logarithmic

    def compare(self, others: Sequence[Shown], name: str) -> None:
        """Draw these runs too from now on, and call the one that is watched so."""
        self._pictures.beside(others, name)
        self._legend.display = bool(others)
        self._arrange()

    @property
    def chosen(self) -> int:
        """The chart that keys reach."""
        return self._chosen

    @property
    def complete(self) -> bool:
        """Whether every chart is in sight."""
        return all(chart.display for chart in self._charts)

    def compose(self) -> ComposeResult:
        """Begin with the row that names the runs; charts come as they are found."""
        yield self._legend

    async def put(self, panels: Sequence[Panel]) -> None:
        """Have these charts on the board."""
        if list(panels) == self._panels:
            return
        spare = self._charts[len(panels) :]
        more = [Chart(self._pictures.source.lock) for _ in panels[len(self._charts) :]]
        for chart in more:
            chart.display = False
        await self.mount_all(more)
        self._charts = [*self._charts[: len(panels)], *more]
        self._panels = list(panels)
        self._chosen = min(self._chosen, max(len(panels) - 1, 0))
        self.post_message(self.Wanted(tuple(dict.fromkeys(m for panel in panels for m in panel.metrics))))
        for chart in spare:
            await chart.remove()
        self._arrange()

    def tell(self, status: Status, flags: Sequence[tuple[int, str]]) -> None:
        """Take in what the run says; `draw` shows it."""
        self._pictures.status, self._pictures.flags = status, flags

    def draw(self) -> None:
        """Draw every chart in sight, and repaint what differs."""
        whole, lens = self.whole(), self._pictures.known(self._lens)
        self._legend.tell(self._pictures.shown)
        for number, (panel, chart) in enumerate(zip(self._panels, self._charts, strict=True)):
            if chart.display:
                picture = self._pictures.picture(
                    panel,
                    lens,
                    whole,
                    number=number + 1,
                    chosen=number == self._chosen,
                    logarithmic=self._logarithmic,
                )
                chart.show(picture, lens)

    def on_resize(self, _: events.Resize) -> None:
        """Lay out anew."""
        self._arrange()

    def _arrange(self) -> None:
        """Show what fits."""
        width, height = self.size
        height -= self._legend.display
        columns, rows = (1, 1) if self._alone else arrangement(width, height, len(self._charts))
        shown = page(self._chosen, len(self._charts), columns * rows)
        for number, chart in enumerate(self._charts):
            if chart.display != (number in shown):
                chart.display = number in shown
        for number, span in zip(shown, spans(len(shown), columns), strict=True):
            if self._charts[number].styles.column_span != span:
                self._charts[number].styles.column_span = span
        if (columns, rows) != self._grid:
            self._grid = self.styles.grid_size_columns, self.styles.grid_size_rows = columns, rows
        self.draw()
        self.post_message(self.Arranged())

    def whole(self) -> tuple[float, float]:
        """Return the run's budget, or the part of it that holds the data."""
        return self._pictures.whole(self._panels, self._lens)

    def newest(self) -> float:
        """Return the x of the newest step."""
        return self._pictures.newest(self._lens)

    def narrowest(self) -> float:
        """Return the extent of a few steps: closer there is nothing to see."""
        return self._pictures.steps_wide(_FEWEST, self._lens)

    @property
    def step_read(self) -> float | None:
        """The step under the cursor; None where there is no cursor."""
        x = self._lens.cursor
        return None if x is None else self._pictures.step_at(x, self._lens)

    def beside(self, x: float, columns: int) -> float:
        """Return the x that lies so many columns beside another in the chosen chart."""
        return self._charts[self._chosen].moved(x, columns) if self._charts else x

    def release(self) -> bool:
        """Take back the last thing the reader did to the view; return whether there was one."""
        if self._lens.cursor is not None:
            self.look(cursor=None)
        elif self._lens.window is not None:
            self.look(window=None)
        elif self._alone:
            self.action_maximise()
        else:
            return False
        return True

    def action_choose(self, number: int) -> None:
        """Go to a chart."""
        if number < len(self._charts):
            self._chosen = number
            self._arrange()

    def action_next(self, by: int) -> None:
        """Go to the next chart, or the one before."""
        if self._charts:
            self.action_choose((self._chosen + by) % len(self._charts))

    def action_maximise(self) -> None:
        """Show the chosen chart alone, or all again."""
        self._alone = not self._alone
        self._arrange()

    def action_log(self) -> None:
        """Make the chosen chart's vertical axis logarithmic, or linear again."""
        if self._panels:
            self._logarithmic ^= {self._panels[self._chosen].key}
            self.look()

    def action_move(self, by: int) -> None:
        """Swap the chosen chart with its neighbour."""
        there = self._chosen + by
        if 0 <= there < len(self._panels):
            keys = [panel.key for panel in self._panels]
            keys[self._chosen], keys[there] = keys[there], keys[self._chosen]
            self._chosen = there
            self.post_message(self.Rearranged(keys))

    def action_remove(self) -> None:
        """Take the chosen chart off the board; the last one stays."""
        if len(self._panels) > 1:
            keys = [panel.key for number, panel in enumerate(self._panels) if number != self._chosen]
            self.post_message(self.Rearranged(keys))

    @on(Chart.Pointed)
    def _point(self, message: Chart.Pointed) -> None:
        self.action_choose(self._charts.index(message.chart))
        self.look(cursor=message.x)

    @on(Chart.Wheeled)
    def _wheel(self, message: Chart.Wheeled) -> None:
        if message.sideways:
            self.action_pan(-0.125 * message.turns)
        else:
            self.zoom_at(message.x, 0.8**message.turns)

    @on(Chart.Maximise)
    def _maximise(self, message: Chart.Maximise) -> None:
        self._chosen = self._charts.index(message.chart)
        self.action_maximise()
