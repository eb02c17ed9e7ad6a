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
        return RegressionScore(self.outputs, self.target_scale, device)


class RegressionScore(Score):
    """Squared and absolute errors, and the targets' spread, in the target's unit."""

    def __init__(self, outputs: int, scale: float, device: torch.device) -> None:
        self._outputs = outputs
        self._scale = scale
        self._loss = MeanLoss(device)
        self._sums = torch.zeros(4, outputs, dtype=torch.float64, device=device)
        self._origin: Tensor | None = None
        """The first target: measured from it, targets that do not vary have exactly no spread."""

    def update(self, outputs: Tensor, targets: Tensor, loss: Tensor) -> None:
        """Add one batch."""
        self._loss.update(loss, len(targets))
        y = targets.double().reshape(-1, self._outputs) * self._scale
        error = outputs.double().reshape(-1, self._outputs) * self._scale - y
        if self._origin is None:
            self._origin = y[0].clone()
        away = y - self._origin
        self._sums += torch.stack([error.square(), error.abs(), away, away.square()]).sum(dim=1)

    def result(self) -> dict[str, float]:
        """Return the metrics, averaged over the outputs as scikit-learn does.

        R2 is against the evaluated targets' own mean; NaN where they do not vary.
        """
        squared, absolute, total, squares = self._sums.cpu() / max(self._loss.rows, 1)
        spread = squares - total.square()
        r2 = torch.where(spread > 0, 1 - squared / spread, torch.nan)
        return {
            "loss": self._loss.result(),
            "r2": float(r2.mean()),
            "mse": float(squared.mean()),
            "mae": float(absolute.mean()),
            "rmse": float(squared.sqrt().mean()),
        }
