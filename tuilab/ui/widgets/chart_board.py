"""The charts of a run, laid out for the size at hand, and the keys that look at them."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray
from textual import events, on
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.message import Message

from tuilab.charts.series import Series
from tuilab.charts.view import Curve
from tuilab.charts.xmap import STEPS, Elapsed, Linear, XMap
from tuilab.runs import LIVE, Status
from tuilab.ui.screens.run_panels import Panel, curve_name
from tuilab.ui.terminal.abilities import LADDER
from tuilab.ui.widgets.board_layout import arrangement, page
from tuilab.ui.widgets.chart import Chart, Picture
from tuilab.ui.widgets.lens import SMOOTHINGS, X_MODES, Lens, budget, fitted, zoomed


class Source(Protocol):
    """Where curves come from."""

    @property
    def lock(self) -> AbstractContextManager[object]:
        """Held while series are read."""

    @property
    def elapsed(self) -> Elapsed:
        """Seconds at each step."""

    def series(self, metric: str) -> Series:
        """Return a metric's values."""

    def planned_lr(self, steps: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the learning rate at steps to come."""


class ChartBoard(Container, can_focus=True):
    """Shows as many of the chosen charts as fit; the others are a key away.

    It has the focus itself and says which chart keys reach: moving Textual's focus repaints whole widgets.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(str(n), f"choose({n - 1})", f"Chart {n}", show=False) for n in range(1, 10)),
        Binding("tab", "next(1)", "Next chart", show=False),
        Binding("shift+tab", "next(-1)", "Previous chart", show=False),
        Binding("enter", "maximise", "Maximise"),
        Binding("left", "cursor(-1)", "Cursor", key_display="←→"),
        Binding("right", "cursor(1)", "Cursor right", show=False),
        Binding("shift+left", "cursor(-10)", "Cursor ten left", show=False),
        Binding("shift+right", "cursor(10)", "Cursor ten right", show=False),
        Binding("home", "cursor(-100000)", "First column", show=False),
        Binding("end", "cursor(100000)", "Newest column", show=False),
        Binding("plus,equals_sign", "zoom(0.5)", "Zoom in", show=False),
        Binding("minus", "zoom(2.0)", "Zoom out", show=False),
        Binding("left_square_bracket", "pan(-0.25)", "Earlier", show=False),
        Binding("right_square_bracket", "pan(0.25)", "Later", show=False),
        Binding("f", "follow", "Follow the run", show=False),
        Binding("y", "log", "Log"),
        Binding("x", "x_mode", "Step/epoch/time", show=False),
        Binding("z", "smooth", "Smooth"),
        Binding("b", "robust", "Limits without outliers", show=False),
        Binding("g", "glyphs", "Glyphs", show=False),
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
    class LensChanged(Message):
        """The reader looks at the charts in another way."""

        lens: Lens

    def __init__(self, source: Source, lens: Lens, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._source = source
        self._lens = lens
        self._panels: list[Panel] = []
        self._charts: list[Chart] = []
        self._status = Status()
        self._flags: Sequence[tuple[int, str]] = ()
        self._chosen = 0
        self._alone = False
        self._grid = (0, 0)
        self._reached = 0
        self._end = 0.0

    @property
    def lens(self) -> Lens:
        """How the reader looks at all charts."""
        return self._lens

    @property
    def panels(self) -> Sequence[Panel]:
        """The charts on the board, in order."""
        return self._panels

    @property
    def chosen(self) -> int:
        """The chart that keys reach."""
        return self._chosen

    @property
    def alone(self) -> bool:
        """Whether the reader has maximised one chart."""
        return self._alone

    @property
    def complete(self) -> bool:
        """Whether every chart is in sight."""
        return all(chart.display for chart in self._charts)

    async def put(self, panels: Sequence[Panel]) -> None:
        """Have these charts on the board."""
        if list(panels) == self._panels:
            return
        spare = self._charts[len(panels) :]
        more = [Chart(self._source.lock) for _ in panels[len(self._charts) :]]
        for chart in more:
            chart.display = False
        await self.mount_all(more)
        self._charts = [*self._charts[: len(panels)], *more]
        self._panels = list(panels)
        self._chosen = min(self._chosen, max(len(panels) - 1, 0))
        self._arrange()
        self.post_message(self.Wanted(tuple(dict.fromkeys(m for panel in panels for m in panel.metrics))))
        for chart in spare:
            await chart.remove()

    def tell(self, status: Status, flags: Sequence[tuple[int, str]]) -> None:
        """Take in what the run says; `draw` shows it."""
        self._status, self._flags = status, flags

    def draw(self) -> None:
        """Draw every chart in sight, and repaint what differs."""
        whole = self._whole()
        for number, (panel, chart) in enumerate(zip(self._panels, self._charts, strict=True)):
            if chart.display:
                chart.show(self._picture(number, panel, whole), self._lens)

    def on_resize(self, _: events.Resize) -> None:
        """Lay out anew."""
        self._arrange()

    def _arrange(self) -> None:
        """Show what fits."""
        columns, rows = (1, 1) if self._alone else arrangement(*self.size, len(self._charts))
        shown = page(self._chosen, len(self._charts), columns * rows)
        for number, chart in enumerate(self._charts):
            if chart.display != (number in shown):
                chart.display = number in shown
        if (columns, rows) != self._grid:
            self._grid = self.styles.grid_size_columns, self.styles.grid_size_rows = columns, rows
        self.draw()

    def _picture(self, number: int, panel: Panel, whole: tuple[float, float]) -> Picture:
        xmap = self._xmap()
        curves = []
        for slot, metric in enumerate(panel.metrics):
            series = self._source.series(metric)
            few = "." in metric and len(series) <= _FEW
            curves.append(
                Curve(
                    curve_name(metric),
                    series,
                    style=slot,
                    dash=slot,
                    smoothing=0.0 if "." in metric else self._lens.smoothing,
                    kind="points" if few else "line",
                    xmap=xmap,
                )
            )
        planned = self._source.planned_lr if panel.key == "lr" and self._status.total else None
        return Picture(panel.title, curves, whole, planned, self._flags, number + 1, number == self._chosen)

    def _xmap(self) -> XMap:
        if self._lens.x_mode == "time":
            return self._source.elapsed
        if self._lens.x_mode == "epoch" and self._status.steps_per_epoch:
            return Linear(1 / self._status.steps_per_epoch)
        return STEPS

    def _whole(self) -> tuple[float, float]:
        """Ends of the x axis: the run's budget, or the part of it that holds the data."""
        if self._lens.x_mode == "time":
            return 0.0, budget(0, self._source.elapsed.newest, 8.0)
        newest = [self._source.series(metric).last_step for panel in self._panels for metric in panel.metrics]
        reached = max([step + 1 for step in newest if step is not None], default=0)
        if reached < self._reached:
            self._end = 0.0  # taken up from an earlier step
        self._reached = reached
        ahead = self._status.rate * _CALM if self._status.state in LIVE else 0
        end = budget(self._status.total, max(reached, self._status.step), max(ahead, 16))
        end = self._end = max(end, self._end) if self._end <= max(self._status.total, end) else end
        per_epoch = self._status.steps_per_epoch
        return 0.0, end / per_epoch if self._lens.x_mode == "epoch" and per_epoch else end

    def look(self, **changes: object) -> None:
        """Change how the reader looks, and show it."""
        self._lens = replace(self._lens, **changes)  # type: ignore[arg-type]
        self.draw()
        self.post_message(self.LensChanged(self._lens))

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

    def action_cursor(self, columns: int) -> None:
        """Move the cursor; it begins at the newest step."""
        if not self._charts:
            return
        chart = self._charts[self._chosen]
        if self._lens.cursor is None:
            reached = float(max(self._status.step - 1, 0))
            at = float(self._xmap().x(np.array([reached]))[0])
            left, right = self._lens.window or self._whole()
            self.look(cursor=min(max(at, left), right))
        else:
            self.look(cursor=chart.moved(self._lens.cursor, columns))

    def action_zoom(self, factor: float) -> None:
        """Zoom about the cursor, or the middle."""
        window = self._lens.window or self._whole()
        at = self._lens.cursor if self._lens.cursor is not None else sum(window) / 2
        self._zoom(at, factor)

    def _zoom(self, at: float, factor: float) -> None:
        whole = self._whole()
        window = zoomed(self._lens.window or whole, at, factor, whole)
        self.look(window=None if window == whole else window)

    def action_pan(self, share: float) -> None:
        """Move the window by a share of itself."""
        if self._lens.window is not None:
            left, right = self._lens.window
            by = (right - left) * share
            self.look(window=fitted((left + by, right + by), self._whole()))

    def action_follow(self) -> None:
        """Show the whole run again."""
        self.look(window=None, cursor=None)

    def action_log(self) -> None:
        """Make the chosen chart's vertical axis logarithmic, or linear again."""
        if self._charts:
            chart = self._charts[self._chosen]
            chart.log_scale = not chart.log_scale
            self.draw()

    def action_x_mode(self) -> None:
        """Go on to the next horizontal axis."""
        mode = X_MODES[(X_MODES.index(self._lens.x_mode) + 1) % len(X_MODES)]
        self.look(x_mode=mode, window=None, cursor=None)

    def action_smooth(self) -> None:
        """Smooth more, or not at all again."""
        known = SMOOTHINGS.index(self._lens.smoothing) if self._lens.smoothing in SMOOTHINGS else 0
        self.look(smoothing=SMOOTHINGS[(known + 1) % len(SMOOTHINGS)])

    def action_robust(self) -> None:
        """Leave outliers outside the limits, or take them in again."""
        self.look(robust=not self._lens.robust)

    def action_glyphs(self) -> None:
        """Go on to the next way of drawing dots."""
        self.look(glyphs=LADDER[(LADDER.index(self._lens.glyphs) + 1) % len(LADDER)])

    @on(Chart.Pointed)
    def _point(self, message: Chart.Pointed) -> None:
        self._chosen = self._charts.index(message.chart)
        self.look(cursor=message.x)

    @on(Chart.Wheeled)
    def _wheel(self, message: Chart.Wheeled) -> None:
        if message.sideways:
            self.action_pan(-0.125 * message.turns)
        else:
            self._zoom(message.x, 0.8**message.turns)

    @on(Chart.Maximise)
    def _maximise(self, message: Chart.Maximise) -> None:
        self._chosen = self._charts.index(message.chart)
        self.action_maximise()


_CALM = 20.0
"""Seconds that an axis should last: each time it doubles everything is painted anew."""

_FEW = 200
"""Values up to which each is marked: more would hide the line."""
