"""From the curves of a run, and of others beside it, and the reader's lens to what each chart shows."""

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tuilab.charts.xmap import STEPS
from tuilab.status import LIVE, Status
from tuilab.ui.screens.run_panels import Panel
from tuilab.ui.widgets.chart_overlay import LETTERS, Shown, Source, curves, whole, x_mode
from tuilab.ui.widgets.lens import Lens
from tuilab.ui.widgets.picture import Picture

Span = tuple[float, float]


class Pictures:
    """Makes the picture of any chart; remembers how far the axis has grown."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.flags: Sequence[tuple[int, str]] = ()
        """Steps at which something happened, and what."""
        self.others: Sequence[Shown] = ()
        """Runs drawn beside this one."""
        self._own = Shown(source)

    @property
    def status(self) -> Status:
        """What the run last said."""
        return self._own.status

    @status.setter
    def status(self, status: Status) -> None:
        self._own.status = status

    def beside(self, others: Sequence[Shown], name: str) -> None:
        """Draw these runs too, and call the one that is watched so."""
        self.others, self._own.name = others, name

    @property
    def shown(self) -> Sequence[Shown]:
        """All runs in the charts, the one that is watched first."""
        return [self._own, *self.others]

    def known(self, lens: Lens) -> Lens:
        """Return the lens with an axis that every run can be drawn on."""
        return replace(lens, x_mode=x_mode(self.shown, lens.x_mode))

    def picture(
        self,
        panel: Panel,
        lens: Lens,
        span: Span,
        *,
        number: int,
        chosen: bool,
        logarithmic: Collection[str],
    ) -> Picture:
        """Return what a chart is to show."""
        # One picture has room for one run: it says which, where several are compared.
        title = f"{panel.title}, {LETTERS[0]} alone" if panel.sight and self.others else panel.title
        return Picture(
            title,
            curves(panel, self.shown, lens),
            span,
            planned=self._planned if panel.key == "lr" and self.status.state in LIVE else None,
            flags=self.flags,
            number=number,
            heat=panel.heat,
            logarithmic=panel.key in logarithmic,
            chosen=chosen,
            sight=self.source.sight(panel.metrics[0]) if panel.sight else None,
            xmap=self._own.xmap(lens.x_mode) or STEPS,
        )

    def _planned(self, steps: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the learning rate at steps to come; none after the last, where the axis is another run's."""
        return np.where(steps < self.status.total, self.source.planned_lr(steps), np.nan)

    def x_of(self, step: float, lens: Lens) -> float:
        """Return where a step of the watched run is on the axis."""
        xmap = self._own.xmap(x_mode(self.shown, lens.x_mode))
        assert xmap is not None  # `x_mode` gives none that is unknown
        return float(xmap.x(np.array([float(step)]))[0])

    def step_at(self, x: float, lens: Lens) -> float:
        """Return the step of the watched run that is there on the axis."""
        xmap = self._own.xmap(x_mode(self.shown, lens.x_mode))
        assert xmap is not None
        return float(xmap.steps(np.array([x]))[0])

    def steps_wide(self, steps: int, lens: Lens) -> float:
        """Return how much of the axis so many steps of the watched run take."""
        newest = max(self.status.step, steps)
        return self.x_of(newest, lens) - self.x_of(newest - steps, lens)

    def whole(self, panels: Sequence[Panel], lens: Lens) -> Span:
        """Return each run's budget, or the part of it that holds the data: the longest of them."""
        return whole(panels, self.shown, x_mode(self.shown, lens.x_mode))

    def newest(self, lens: Lens) -> float:
        """Return the x of the newest step of any run."""
        mode = x_mode(self.shown, lens.x_mode)
        ends = []
        for run in self.shown:
            xmap = run.xmap(mode)
            assert xmap is not None
            ends.append(float(xmap.x(np.array([max(run.status.step - 1.0, 0.0)]))[0]))
        return max(ends)
