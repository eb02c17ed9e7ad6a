"""How the pictures of a run that are not curves are drawn."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tuilab.charts.axes import Scale
from tuilab.charts.confusion import ConfusionView, confusion
from tuilab.charts.contour import ContourView, contour
from tuilab.charts.frame import Frame
from tuilab.charts.spread import Look, SpreadView, spread
from tuilab.ui.screens.run_sight import Asked


@dataclass(frozen=True, slots=True, eq=False)
class SpreadSight:
    """How a layer's weights or gradients were spread at each look."""

    steps: NDArray[np.int64]
    looks: Sequence[Look]

    def drawn(self, asked: Asked) -> Frame:
        """Draw histograms over steps."""
        lens = asked.lens
        view = SpreadView(
            *asked.size, *asked.span, lens.x_mode, asked.xmap, asked.held, lens.glyphs, lens.cursor
        )
        return spread(view, self.steps, self.looks)


@dataclass(frozen=True, slots=True, eq=False)
class ConfusionSight:
    """What samples of each class were taken for at the newest evaluation."""

    counts: NDArray[np.int64]
    names: Sequence[str]

    def drawn(self, asked: Asked) -> Frame:
        """Draw the matrix."""
        return confusion(ConfusionView(*asked.size, asked.lens.glyphs), self.counts, self.names)


@dataclass(frozen=True, slots=True, eq=False)
class PathSight:
    """The way of a point over a surface."""

    heights: NDArray[np.float64]
    """(rows, columns), the top row first."""
    window: tuple[float, float, float, float]
    """Left, right, bottom and top."""
    minima: Sequence[tuple[float, float]]
    path: NDArray[np.float64]
    """(points, 2)."""

    def drawn(self, asked: Asked) -> Frame:
        """Draw the surface in bands and the path on it."""
        left, right, bottom, top = self.window
        view = ContourView(
            *asked.size, (left, right), (bottom, top), glyphs=asked.lens.glyphs, minima=self.minima
        )
        return contour(view, self._height, self.path)

    def _height(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the height at the nearest point that is known."""
        rows, columns = self.heights.shape
        left, right, bottom, top = self.window
        across = Scale(left, right, False).dots(x, columns)
        down = rows - 1 - Scale(bottom, top, False).dots(y, rows)
        found: NDArray[np.float64] = self.heights[down, across]
        return found
