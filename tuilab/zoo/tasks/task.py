"""What a data set asks of a model: shapes, the default loss and the metrics.

The trainer knows no task by name. It asks for `forward` in a step and for a
`Score` in an evaluation; everything that differs between learning a class, a
number or the next letter stands in the task's own file.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from tuilab.zoo.tasks.sample import Sample

IGNORED = -100
"""A target that neither loss nor metric counts: what cross-entropy leaves out by PyTorch's own default."""


class Score(ABC):
    """Sums over the batches of one evaluation, kept on the device until asked for."""

    @abstractmethod
    def update(self, outputs: Tensor, targets: Tensor, loss: Tensor) -> None:
        """Add one batch; `loss` is its mean. Must not wait for the device."""

    @abstractmethod
    def result(self) -> dict[str, float]:
        """Return "loss" and the task's metrics over all that was added."""

    def tables(self) -> dict[str, Tensor]:
        """Return what an evaluation leaves behind beside numbers, by name: a confusion matrix."""
        return {}


@dataclass(frozen=True, kw_only=True)
class Task(ABC):
    """What goes in, what comes out, and how good it is."""

    name: ClassVar[str]
    """Among regression, classification, language-model, masked-model, seq2seq, autoencoder, surface and
    reinforcement."""
    default_loss: ClassVar[str]
    metrics: ClassVar[tuple[str, ...]]
    """What a `Score` gives beside the loss, the one people quote first."""
    higher_is_better: ClassVar[bool]
    """Of the first metric."""
    poses_on: ClassVar[tuple[str, ...]] = ()
    """Tasks whose data can be given this one in place of theirs (`zoo/posed.py`)."""

    repeatable: ClassVar[bool] = True
    """Whether the same batch, asked twice, is the same work: what looks twice at a batch needs that."""

    input_shape: tuple[int, ...]
    """Of one sample, without the batch."""
    outputs: int
    """Numbers a model gives for one sample (for one position, of a sequence)."""
    tokens: int = 0
    """Size of the vocabulary where inputs are token numbers; 0 where they are measurements."""
    features: tuple[str, ...] = ()
    """Names of the input columns of a table."""
    grades: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Words that stand in a column of grades, from the worst to the best: a word is its number, from 0."""

    @property
    def padding(self) -> int | None:
        """The token that fills short inputs up to full length; None where every token counts."""
        return None

    @property
    def labels(self) -> tuple[str, ...]:
        """What each output stands for, where it stands for something that has a name."""
        return ()

    def begin(self) -> "Task":
        """Return the task as a run begins it; one that remembers anything forgets it."""
        return self

    def state(self) -> dict[str, Any]:
        """Return what a checkpoint must keep of the task itself: tensors and plain values."""
        return {}

    def restore(self, state: dict[str, Any]) -> None:  # noqa: B027  # most tasks remember nothing
        """Go on from a saved state."""

    def forward(self, model: nn.Module, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """Run the model on a batch and return what a loss compares: outputs and targets."""
        return model(x), y

    def output_shape(self, targets: Tensor) -> tuple[int, ...] | None:
        """Return the shape of outputs beside these targets; None where that is the model's own affair."""
        return None

    def counted(self, targets: Tensor) -> Tensor | int:
        """Return how many targets the mean loss of a batch is over, without waiting for the device."""
        return len(targets)

    @abstractmethod
    def score(self, model: nn.Module, device: torch.device) -> Score:
        """Return an empty score."""

    def sample(self, model: nn.Module, device: torch.device) -> list[Sample]:
        """Return what the model makes of fixed prompts; empty where there is nothing to show.

        Must draw from a generator of its own: sampling never changes a run.
        """
        return []

    def step_values(self, model: nn.Module) -> dict[str, Tensor]:
        """Return further scalars that are worth a column at every step, on the device.

        Called once before the first step to learn the names.
        """
        return {}


class MeanLoss:
    """The running mean of a loss over batches of unequal size."""

    def __init__(self, device: torch.device) -> None:
        self._sum = torch.zeros((), dtype=torch.float64, device=device)
        self.rows = 0
        """Samples added so far."""

    def update(self, loss: Tensor, rows: int) -> None:
        """Add a batch's mean loss, weighted by its rows."""
        self._sum += loss.detach().double() * rows
        self.rows += rows

    def result(self) -> float:
        """Return the mean, or NaN over nothing."""
        return float(self._sum) / self.rows if self.rows else float("nan")
