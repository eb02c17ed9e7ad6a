"""Features brought to one scale, with figures taken from the training split alone.

Figures fitted on all the data would let the test set into training. They are
part of what was learned: they are saved beside the weights and applied to
whatever the model is later asked about.
"""

from dataclasses import dataclass
from typing import Literal, get_args

import torch
from torch import Tensor

from tuilab.errors import TuilabError, nearest
from tuilab.zoo.splits import Batch, Split, TensorSplit
from tuilab.zoo.tasks.task import Task

Kind = Literal["none", "standard", "minmax"]

_UNSCALED = {"surface": "a surface's positions", "reinforcement": "the states an episode starts from"}
"""Tasks whose inputs are no measurements, and what they are."""

_CHUNK = 4096
"""Rows looked at together while fitting: data larger than memory is fitted too."""


@dataclass(frozen=True, slots=True)
class Normalizer:
    """Subtracts a shift and divides by a scale: per column of a table, per channel of an image."""

    shift: Tensor
    """Broadcasts against one sample: (features,) or (channels, 1, 1); (0,) where nothing is done."""
    scale: Tensor

    def apply(self, x: Tensor) -> Tensor:
        """Return a batch of inputs, brought to scale."""
        if not len(self.shift):
            return x
        return (x - self.shift.to(x.device)) / self.scale.to(x.device)

    def to(self, device: torch.device) -> "Normalizer":
        """Return it with its figures on a device: a step must not wait for them there."""
        return Normalizer(self.shift.to(device), self.scale.to(device))

    def split(self, split: Split) -> Split:
        """Return the split with its inputs brought to scale: at once where it lies in memory."""
        if not len(self.shift):
            return split
        if isinstance(split, TensorSplit):
            return TensorSplit(self.apply(split.x), split.y)
        return _Normalized(split, self)

    def state_dict(self) -> dict[str, Tensor]:
        """Return what a prediction needs, as tensors."""
        return {"shift": self.shift, "scale": self.scale}

    @classmethod
    def from_state_dict(cls, state: dict[str, Tensor]) -> "Normalizer":
        """Rebuild a normalizer from `state_dict`."""
        return cls(state["shift"], state["scale"])


@dataclass(frozen=True, slots=True)
class _Normalized:
    """A split that does not lie in memory, brought to scale batch by batch."""

    inner: Split
    normalizer: Normalizer

    @property
    def rows(self) -> int:
        return self.inner.rows

    @property
    def device(self) -> torch.device | None:
        return self.inner.device

    @property
    def bytes(self) -> int:
        return self.inner.bytes

    def order(self, generator: torch.Generator | None) -> Tensor:
        return self.inner.order(generator)

    def take(self, positions: Tensor) -> Batch:
        x, y = self.inner.take(positions)
        return self.normalizer.apply(x), y

    def to(self, device: torch.device) -> Split:
        moved = self.inner.to(device)
        return _Normalized(moved, self.normalizer.to(moved.device or torch.device("cpu")))

    def limited(self, rows: int) -> Split:
        return _Normalized(self.inner.limited(rows), self.normalizer)


def fit(kind: str, train: Split, task: Task) -> Normalizer:
    """Measure the training split.

    Args:
        kind: "none"; "standard" for mean 0 and spread 1; "minmax" for 0 to 1.
        train: the split whose figures are taken. A column that never varies
            becomes 0 and stays finite.
        task: says whether the inputs are measurements at all.

    Raises:
        TuilabError: the inputs are token numbers or a surface's noise.
    """
    if kind not in get_args(Kind):
        raise TuilabError(f"data.normalize: there is no {kind!r} here. {nearest(kind, get_args(Kind))}")
    if kind == "none":
        return Normalizer(torch.zeros(0), torch.zeros(0))
    if task.tokens or task.name in _UNSCALED:
        inputs = "token numbers" if task.tokens else _UNSCALED[task.name]
        raise TuilabError(f'data.normalize: {inputs} are not measurements to be scaled. Leave it at "none".')
    shift, scale = _figures(kind, train)
    scale = torch.where(scale > 0, scale, torch.ones_like(scale))
    shape = (-1,) + (1,) * (len(task.input_shape) - 1)
    return Normalizer(shift.float().reshape(shape), scale.float().reshape(shape))


def _figures(kind: str, train: Split) -> tuple[Tensor, Tensor]:
    """Return shift and scale, float64 (channels,)."""
    origin = _columns(train, 0)[0]
    low = high = total = squares = torch.zeros_like(origin)
    count = 0
    for start in range(0, train.rows, _CHUNK):
        # Measured from the first row, so that large values with a small spread keep their digits.
        values = _columns(train, start) - origin
        low, high = torch.minimum(low, values.amin(dim=0)), torch.maximum(high, values.amax(dim=0))
        total, squares = total + values.sum(dim=0), squares + values.square().sum(dim=0)
        count += len(values)
    if kind == "minmax":
        return origin + low, high - low
    mean = total / count
    return origin + mean, (squares / count - mean.square()).clamp(min=0).sqrt()


def _columns(split: Split, start: int) -> Tensor:
    """Return a chunk of inputs as float64 (values, channels)."""
    x, _ = split.take(torch.arange(start, min(start + _CHUNK, split.rows)))
    return x.double().transpose(0, 1).flatten(1).T
