"""An exponential moving average of the weights (Polyak and Juditsky 1992), used to evaluate."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn


class WeightAverage:
    """Follows a model's parameters at a distance."""

    def __init__(self, model: nn.Module, decay: float) -> None:
        self.decay = decay
        trained = {name: p for name, p in model.named_parameters() if p.requires_grad}
        self.names = list(trained)
        """Of the trained parameters, in the order of the average."""
        self._parameters = list(trained.values())
        self.average: list[Tensor] = [parameter.detach().clone() for parameter in self._parameters]
        """One tensor a trained parameter."""

    @torch.no_grad()
    def update(self) -> None:
        """Take one step towards the weights as they are."""
        torch._foreach_lerp_(self.average, [p.detach() for p in self._parameters], 1 - self.decay)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Put the average into the model for the length of a block."""
        kept = [parameter.detach().clone() for parameter in self._parameters]
        self._write(self.average)
        try:
            yield
        finally:
            self._write(kept)

    def load(self, average: list[Tensor]) -> None:
        """Go on from a saved average."""
        for own, saved in zip(self.average, average, strict=True):
            own.copy_(saved)

    def settle(self) -> None:
        """Take the weights as they are for the average: a run went back to its best ones."""
        self.load([parameter.detach() for parameter in self._parameters])

    @torch.no_grad()
    def _write(self, values: list[Tensor]) -> None:
        for parameter, value in zip(self._parameters, values, strict=True):
            parameter.copy_(value)
