"""From a run's curves and the reader's lens to what each chart is to show."""

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tuilab.charts.series import Series
from tuilab.charts.view import Curve
from tuilab.charts.xmap import STEPS, Elapsed, Linear, XMap
from tuilab.runs import LIVE, Status
from tuilab.ui.screens.run_panels import Panel, curve_name
from tuilab.ui.widgets.lens import Lens, budget
from tuilab.ui.widgets.picture import Picture

_CALM = 20.0
"""Seconds that an axis should last: each time it doubles everything is painted anew."""

_FEW = 200
"""Values up to which each is marked: more would hide the line."""

Span = tuple[float, float]


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


class Pictures:
    """Makes the picture of any chart; remembers how far the axis has grown."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.status = Status()
        """What the run last said."""
        self.flags: Sequence[tuple[int, str]] = ()
        """Steps at which something happened, and what."""
        self._reached = 0
        self._end = 0.0

    def picture(
        self,
        panel: Panel,
        lens: Lens,
        whole: Span,
        *,
        number: int,
        chosen: bool,
        logarithmic: Collection[str],
    ) -> Picture:
        """Return what a chart is to show."""
        return Picture(
            panel.title,
            [self._curve(metric, slot, panel, lens) for slot, metric in enumerate(panel.metrics)],
            whole,
            planned=self.source.planned_lr if panel.key == "lr" and self.status.total else None,
            flags=self.flags,
            number=number,
            heat=panel.heat,
            logarithmic=panel.key in logarithmic,
            chosen=chosen,
        )

    def _curve(self, metric: str, slot: int, panel: Panel, lens: Lens) -> Curve:
        series = self.source.series(metric)
        of_evaluations = "." in metric and not panel.heat
        return Curve(
            curve_name(metric),
            series,
            style=slot,
            dash=slot,
            smoothing=0.0 if of_evaluations else lens.smoothing,
            kind="points" if of_evaluations and len(series) <= _FEW else "line",
            xmap=self.xmap(lens),
        )

    def xmap(self, lens: Lens) -> XMap:
        """Return the way from steps to what the axis shows."""
        if lens.x_mode == "time":
            return self.source.elapsed
        if lens.x_mode == "epoch" and self.status.steps_per_epoch:
            return Linear(1 / self.status.steps_per_epoch)
        return STEPS

    def x_of(self, step: float, lens: Lens) -> float:
        """Return where a step is on the axis."""
        return float(self.xmap(lens).x(np.array([float(step)]))[0])

    def whole(self, panels: Sequence[Panel], lens: Lens) -> Span:
        """Return the run's budget, or the part of it that holds the data."""
        if lens.x_mode == "time":
            return 0.0, budget(0, self.source.elapsed.newest, 8.0)
        last = [self.source.series(metric).last_step for panel in panels for metric in panel.metrics]
        reached = max([step for step in last if step is not None], default=0)
        if reached < self._reached:
            self._end = 0.0  # taken up from an earlier step
        self._reached = reached
        ahead = self.status.rate * _CALM if self.status.state in LIVE else 0
        end = budget(self.status.total, max(reached, self.status.step), max(ahead, 16))
        # It only grows: a rate that falls must not take the axis back.
        self._end = max(end, self._end) if self._end <= max(self.status.total, end) else end
        return 0.0, self.x_of(self._end, lens)
