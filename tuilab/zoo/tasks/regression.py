"""Continuous outputs.

Targets may be standardised for training; every metric is in the target's own
unit all the same, because that is what a person can judge.
"""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from tuilab.zoo.tasks.task import MeanLoss, Score, Task


@dataclass(frozen=True, kw_only=True)
class Regression(Task):
    """Numbers (batch, outputs) against numbers of the same shape."""

    name: ClassVar[str] = "regression"
    default_loss: ClassVar[str] = "mse"
    metrics: ClassVar[tuple[str, ...]] = ("r2", "mse", "mae", "rmse")
    higher_is_better: ClassVar[bool] = True

    target: str = "target"
    """What is predicted, as a person would say it."""
    unit: str = ""
    target_mean: float = 0.0
    """Subtracted from the targets before training; fitted on train."""
    target_scale: float = 1.0
    """The targets were divided by this before training; fitted on train."""

    def forward(self, model: nn.Module, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """Run the model; a model's single output may lack the last axis."""
        outputs = model(x)
        return outputs.reshape(y.shape), y

    def score(self, model: nn.Module, device: torch.device) -> Score:
        """Return empty sums."""
        return RegressionScore(self.target_scale, device)


class RegressionScore(Score):
    """Squared and absolute errors, and the targets' spread, in the target's unit."""

    def __init__(self, scale: float, device: torch.device) -> None:
        self._scale = scale
        self._loss = MeanLoss(device)
        self._numbers = 0
        self._sums = torch.zeros(4, dtype=torch.float64, device=device)

    def update(self, outputs: Tensor, targets: Tensor, loss: Tensor) -> None:
        """Add one batch."""
        self._loss.update(loss, len(targets))
        self._numbers += targets.numel()
        y = targets.double() * self._scale
        error = outputs.double() * self._scale - y
        # y is still centred by the train mean, which keeps the spread's sum exact.
        self._sums += torch.stack([error.square().sum(), error.abs().sum(), y.sum(), y.square().sum()])

    def result(self) -> dict[str, float]:
        """Return the metrics; R2 is against the evaluated targets' own mean."""
        squared, absolute, total, squares = (float(value) for value in self._sums)
        count = max(self._numbers, 1)
        spread = squares - total * total / count
        mse = squared / count
        return {
            "loss": self._loss.result(),
            "r2": 1 - squared / spread if spread > 0 else float("nan"),
            "mse": mse,
            "mae": absolute / count,
            "rmse": mse**0.5,
        }
