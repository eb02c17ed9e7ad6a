"""One chart of 120x30 on a terminal, extended frame by frame; `screen.py` counts what it writes.

AXIS=fixed: the axis holds the whole budget. AXIS=growing: it ends at the newest step.
"""

import os
from contextlib import nullcontext

import numpy as np
from textual.app import App, ComposeResult

from tuilab.charts.series import Series
from tuilab.charts.view import Curve
from tuilab.ui.terminal import updates
from tuilab.ui.terminal.driver import LabDriver
from tuilab.ui.widgets.chart import Chart
from tuilab.ui.widgets.lens import Lens
from tuilab.ui.widgets.picture import Picture

FRAMES = 100
START, EACH, TOTAL = 50_000, 107, 128_000
"""Steps at the start, steps a frame, and those of the budget: a run of ten minutes, two frames a second."""


class OneChart(App[None]):
    """Draws, waits, draws again, and leaves."""

    CSS = "Chart { width: 120; height: 31; }"

    def __init__(self) -> None:
        super().__init__(driver_class=LabDriver)
        self._series = Series()
        self._frame = 0
        self._noise = np.random.default_rng(0)

    def compose(self) -> ComposeResult:
        """Lay out the chart."""
        yield Chart(nullcontext())

    def on_mount(self) -> None:
        """Draw what there is, and begin when that has been counted."""
        updates.shorten()
        self._extend(START)
        self._show()
        self.set_timer(3.0, self._begin)

    def _begin(self) -> None:
        self.set_interval(0.1, self._step)

    def _step(self) -> None:
        self._frame += 1
        if self._frame > FRAMES:
            self.exit()
            return
        self._extend(EACH)
        self._show()

    def _extend(self, count: int) -> None:
        first = len(self._series)
        steps = np.arange(first, first + count)
        loss = (2 * np.exp(-steps / 30_000) + 0.1) * (1 + 0.1 * self._noise.standard_normal(count))
        self._series.extend(steps, loss)

    def _show(self) -> None:
        end = TOTAL if os.environ.get("AXIS") == "fixed" else float(self._series.last_step or 1)
        curves = [Curve("train", self._series)]
        self.query_one(Chart).show(Picture("loss", curves, (0.0, end)), Lens())


if __name__ == "__main__":
    OneChart().run()
