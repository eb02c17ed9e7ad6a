"""Discrete outputs: one of several classes.

Accuracy, balanced accuracy and F1 follow from the confusion matrix, so that is
what an evaluation adds up and leaves behind.
"""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from tuilab.zoo.tasks.task import MeanLoss, Score, Task

_TOP = 5
"""Guesses that the true class may be among; as usual since ImageNet."""

_BINS = 15
"""Confidence bins of the calibration error, as in Guo et al. 2017."""


@dataclass(frozen=True, kw_only=True)
class Classification(Task):
    """Scores (batch, classes) against class numbers (batch,).

    Inputs are measurements, or token numbers of texts that are filled up with
    token 0 to the length of `input_shape`.
    """

    name: ClassVar[str] = "classification"
    default_loss: ClassVar[str] = "cross-entropy"
    metrics: ClassVar[tuple[str, ...]] = (
        "accuracy",
        "balanced_accuracy",
        "macro_f1",
        "top5_accuracy",
        "log_loss",
        "calibration_error",
    )
    higher_is_better: ClassVar[bool] = True

    classes: tuple[str, ...]
    """Their names, in the order of the outputs."""

    @property
    def padding(self) -> int | None:
        """Token 0, where the inputs are texts."""
        return 0 if self.tokens else None

    @property
    def labels(self) -> tuple[str, ...]:
        """The classes."""
        return self.classes

    def output_shape(self, targets: Tensor) -> tuple[int, ...]:
        """A score for each class."""
        return (len(targets), self.outputs)

    def score(self, model: nn.Module, device: torch.device) -> Score:
        """Return an empty confusion matrix."""
        return ClassificationScore(self.outputs, device)


class ClassificationScore(Score):
    """Confusion matrix, log loss and calibration over an evaluation."""

    def __init__(self, classes: int, device: torch.device) -> None:
        self._classes = classes
        self.confusion = torch.zeros(classes * classes, dtype=torch.int64, device=device)
        """Flat (target, predicted) counts."""
        self._near = torch.zeros((), dtype=torch.int64, device=device)
        self._loss = MeanLoss(device)
        self._log_loss = MeanLoss(device)
        self._bins = torch.zeros(3, _BINS, dtype=torch.float64, device=device)

    def update(self, outputs: Tensor, targets: Tensor, loss: Tensor) -> None:
        """Count one batch of raw scores (batch, classes)."""
        rows = len(targets)
        self._loss.update(loss, rows)
        self._log_loss.update(functional.cross_entropy(outputs.float(), targets), rows)
        confidence, predicted = outputs.float().softmax(dim=1).max(dim=1)
        cells = targets * self._classes + predicted
        self.confusion.scatter_add_(0, cells, torch.ones_like(cells))
        best = outputs.topk(min(_TOP, self._classes), dim=1).indices
        self._near += (best == targets[:, None]).sum()
        bins = (confidence.nan_to_num() * _BINS).long().clamp_(0, _BINS - 1)
        right = (predicted == targets).double()
        for row, values in enumerate((torch.ones_like(right), right, confidence.double())):
            self._bins[row].scatter_add_(0, bins, values)

    def result(self) -> dict[str, float]:
        """Return the metrics, macro averages over the classes that occur (as scikit-learn does)."""
        matrix = self.confusion.view(self._classes, self._classes).double().cpu()
        hits, actual, guessed = matrix.diagonal(), matrix.sum(dim=1), matrix.sum(dim=0)
        present = actual > 0
        either = present | (guessed > 0)
        f1 = 2 * hits / (actual + guessed).clamp(min=1)
        count, right, confidence = self._bins.cpu()
        gaps = (right - confidence).abs().sum() / count.sum().clamp(min=1)
        return {
            "loss": self._loss.result(),
            "accuracy": float(hits.sum() / matrix.sum().clamp(min=1)),
            "balanced_accuracy": float((hits / actual.clamp(min=1))[present].mean()),
            "macro_f1": float(f1[either].mean()),
            "top5_accuracy": float(self._near) / max(self._loss.rows, 1),
            "log_loss": self._log_loss.result(),
            "calibration_error": float(gaps),
        }

    def tables(self) -> dict[str, Tensor]:
        """Return the confusion matrix, int64 (classes, classes): a row a true class, a column a guess."""
        return {"confusion": self.confusion.view(self._classes, self._classes).cpu()}
