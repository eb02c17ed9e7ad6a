"""The parts of a data set: samples in memory, or windows over a stream of tokens.

A split is asked for rows by position and gives a batch. That is the whole
interface, so a table in memory, windows over a token stream and a data set
that fits no memory look the same to the trainer.
"""

from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor

Batch = tuple[Tensor, Tensor]
"""Inputs and targets, rows first."""


@runtime_checkable
class Split(Protocol):
    """One part of a data set."""

    @property
    def rows(self) -> int:
        """How many samples one epoch visits."""

    @property
    def device(self) -> torch.device | None:
        """Where samples lie and `take` wants positions; None where they are read from disk, to the CPU."""

    @property
    def bytes(self) -> int:
        """Memory that `to` would take on the device."""

    def order(self, generator: torch.Generator | None) -> Tensor:
        """Return the positions of one epoch, int64 (rows,): shuffled, or in order without a generator."""

    def take(self, positions: Tensor) -> Batch:
        """Return the samples at these positions, on the split's device."""

    def to(self, device: torch.device) -> "Split":
        """Return the split with its tensors on a device, or as it is where it has none to move."""

    def limited(self, rows: int) -> "Split":
        """Return the first `rows` samples only; all of them where there are fewer."""


@dataclass(frozen=True, slots=True)
class TensorSplit:
    """Samples that fit in memory: row i of x belongs to row i of y."""

    x: Tensor
    y: Tensor

    @property
    def rows(self) -> int:
        """The number of samples."""
        return len(self.x)

    @property
    def device(self) -> torch.device:
        """Where the samples lie."""
        return self.x.device

    @property
    def bytes(self) -> int:
        """Of both tensors."""
        return self.x.nbytes + self.y.nbytes

    def order(self, generator: torch.Generator | None) -> Tensor:
        """Return every row once."""
        if generator is None:
            return torch.arange(self.rows)
        return torch.randperm(self.rows, generator=generator)

    def take(self, positions: Tensor) -> Batch:
        """Gather rows."""
        return self.x.index_select(0, positions), self.y.index_select(0, positions)

    def to(self, device: torch.device) -> "TensorSplit":
        """Move both tensors."""
        return TensorSplit(self.x.to(device), self.y.to(device))

    def limited(self, rows: int) -> "TensorSplit":
        """Keep the first rows."""
        return TensorSplit(self.x[:rows], self.y[:rows])


@dataclass(frozen=True, slots=True)
class TokenSplit:
    """Windows over one long stream of tokens; the target is the window moved by one.

    A position is the offset of a window's first token. An epoch is a shuffled
    tiling of the stream that starts at a random phase, so that every token is
    seen once per epoch and window borders differ between epochs.
    """

    stream: Tensor
    """int64 (tokens,)"""
    context: int
    """Tokens in a window."""

    @property
    def rows(self) -> int:
        """The windows of a tiling that holds for every phase."""
        return (len(self.stream) - 1) // self.context - 1

    @property
    def device(self) -> torch.device:
        """Where the stream lies."""
        return self.stream.device

    @property
    def bytes(self) -> int:
        """Of the stream."""
        return self.stream.nbytes

    def order(self, generator: torch.Generator | None) -> Tensor:
        """Return the offsets of one tiling."""
        if generator is None:
            return torch.arange(self.rows) * self.context
        phase = torch.randint(self.context, (1,), generator=generator)
        return torch.randperm(self.rows, generator=generator) * self.context + phase

    def take(self, positions: Tensor) -> Batch:
        """Cut windows out of the stream."""
        span = torch.arange(self.context + 1, device=positions.device)
        windows = self.stream[positions[:, None] + span]  # (batch, context + 1)
        return windows[:, :-1], windows[:, 1:]

    def to(self, device: torch.device) -> "TokenSplit":
        """Move the stream."""
        return replace(self, stream=self.stream.to(device))

    def limited(self, rows: int) -> "TokenSplit":
        """Keep the first windows."""
        return replace(self, stream=self.stream[: (rows + 1) * self.context + 1])
