"""A point rolling on a 2-D loss surface: the optimizer made visible.

There is nothing to learn but where to stand. The model is the point, the
loss its height, and every step's position is worth a column.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from tuilab.zoo.tasks.task import MeanLoss, Score, Task


@dataclass(frozen=True, kw_only=True)
class Surface(Task):
    """Positions (batch, 2) of a point, turned into heights (batch,)."""

    name: ClassVar[str] = "surface"
    default_loss: ClassVar[str] = "height"
    metrics: ClassVar[tuple[str, ...]] = ("distance", "height")
    higher_is_better: ClassVar[bool] = False

    input_shape: tuple[int, ...] = (2,)
    outputs: int = 2
    height: Callable[[Tensor], Tensor]
    """Positions (..., 2) to heights (...)."""
    minima: tuple[tuple[float, float], ...]
    """Where it is lowest."""
    start: tuple[float, float]
    window: tuple[float, float, float, float]
    """Left, right, bottom and top of the part worth drawing."""

    def forward(self, model: nn.Module, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """Return the heights where the point stands, moved by the batch's noise x (batch, 2)."""
        return self.height(model(x)), y

    def score(self, model: nn.Module, device: torch.device) -> Score:
        """Return a score that knows where the point stands."""
        return SurfaceScore(self, _position(model), device)

    def heights(self, columns: int, rows: int) -> Tensor:
        """Return the heights of the part worth drawing, (rows, columns): the top row first."""
        left, right, bottom, top = self.window
        y, x = torch.meshgrid(
            torch.linspace(top, bottom, rows), torch.linspace(left, right, columns), indexing="ij"
        )
        return self.height(torch.stack([x, y], dim=-1))

    @property
    def landmarks(self) -> dict[str, Any]:
        """What stands on a map of it: its window, the start and the lowest points."""
        return {
            "window": list(self.window),
            "start": list(self.start),
            "minima": [list(minimum) for minimum in self.minima],
        }

    def step_values(self, model: nn.Module) -> dict[str, Tensor]:
        """Return the position, so that the trajectory is in the table."""
        position = _position(model).clone()  # the optimizer moves the point in place
        return {"x": position[0], "y": position[1]}


class SurfaceScore(Score):
    """Where the point stands: how high, and how far from the nearest minimum."""

    def __init__(self, task: Surface, position: Tensor, device: torch.device) -> None:
        self._task = task
        self._position = position
        self._loss = MeanLoss(device)

    def update(self, outputs: Tensor, targets: Tensor, loss: Tensor) -> None:
        """Add the heights of one batch."""
        self._loss.update(loss, len(targets))

    def result(self) -> dict[str, float]:
        """Return loss, distance and height, the last two free of the data's noise."""
        minima = torch.tensor(self._task.minima, device=self._position.device)
        distance = (minima - self._position).norm(dim=1).min()
        height = self._task.height(self._position)
        return {"loss": self._loss.result(), "distance": float(distance), "height": float(height)}


def _position(model: nn.Module) -> Tensor:
    """Return where the point stands, (2,)."""
    position = model.position
    assert isinstance(position, Tensor)
    return position.detach()
