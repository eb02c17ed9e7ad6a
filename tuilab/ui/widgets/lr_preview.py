"""The learning rate that a run will have, as a chart.

The same function that the worker calls is sampled at the middle of every step, so
the picture is what happens. NumPy and the charts are imported when there is
something to draw, never before the screen is painted.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.content import Content
from textual.widget import Widget

if TYPE_CHECKING:
    from tuilab.charts.frame import Frame

_MOST_SAMPLES = 2000
"""Steps that are looked at: several for each dot of the widest screen."""


class LrPreview(Widget):
    """Draws rate x schedule over the steps of a run."""

    DEFAULT_CSS = """
    LrPreview { height: 1fr; min-height: 4; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._rate = 0.0
        self._schedule: Callable[[float], float] | None = None
        self._steps = 0
        self._ready = False

    def load(self) -> None:
        """Draw from now on: the charts are imported."""
        self._ready = True
        self.refresh()

    def show(self, rate: float | None, schedule: Callable[[float], float] | None, steps: int) -> None:
        """Draw this schedule; with no steps known yet, over a hundred percent of the run."""
        asked = (rate or 0.0, schedule, steps)
        if asked != (self._rate, self._schedule, self._steps):
            self._rate, self._schedule, self._steps = asked
            self.refresh()

    def render(self) -> Content:
        """Return the chart as styled rows."""
        width, height = self.size
        if not self._ready or self._schedule is None or width < 16 or height < 3:
            return Content("")
        return _content(self._drawn(width, height))

    def _drawn(self, width: int, height: int) -> "Frame":
        import numpy as np

        from tuilab.charts.line import Curve, View, draw
        from tuilab.charts.series import Series
        from tuilab.ui.terminal.abilities import glyphs

        assert self._schedule is not None
        steps = self._steps or 100
        at = np.linspace(0, steps - 1, min(steps, _MOST_SAMPLES)).astype(np.int64)
        rates = np.array([self._rate * self._schedule((step + 0.5) / steps) for step in at.tolist()])
        series = Series()
        series.extend(at, rates)
        top = float(rates.max(initial=0.0)) or 1.0
        view = View(
            width, height, 0, max(steps - 1, 1), y_limits=(0.0, 1.05 * top), glyphs=glyphs(), legend=False
        )
        return draw(view, [Curve("lr", series)])


def _content(frame: "Frame") -> Content:
    """Return a frame as text: curves in the accent, axes quiet."""
    from tuilab.charts.frame import Style

    rows = []
    for y in range(len(frame.chars)):
        pieces = frame.pieces(y)
        parts = [(text, "$accent" if style >= Style.SERIES else "$text-muted") for text, style in pieces]
        rows.append(Content.assemble(*parts))
    return Content("\n").join(rows)
