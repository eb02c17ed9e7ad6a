"""Data made ready for training: three splits and the task they pose.

A split is asked for rows by position and gives a batch. That is the whole
interface, so a table in memory, windows over a token stream and a data set
that fits no memory look the same to the trainer.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor

from tuilab.errors import TuilabError
from tuilab.zoo.tasks.regression import Regression
from tuilab.zoo.tasks.task import Task

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


@dataclass(frozen=True, slots=True)
class Data:
    """A data set made ready: what is learned, from what, and how it is tested."""

    task: Task
    train: Split
    eval: Split
    test: Split
    notes: dict[str, str] = field(default_factory=dict)
    """Facts for the preview that only the data can tell: the hash of a text, rows dropped."""

    def split(self, name: str) -> Split:
        """Return a split by its name: train, eval or test."""
        return {"train": self.train, "eval": self.eval, "test": self.test}[name]


@dataclass(frozen=True, slots=True)
class Request:
    """What every data set is asked for, beside its own knobs."""

    seed: int = 0
    """Cuts the splits and draws made-up data; the run's own randomness never does."""
    split: tuple[float, float, float] = (0.72, 0.08, 0.20)
    """Shares of train, eval and test; an official test set stays as it is."""
    path: str = ""
    """A file or folder of the user's in place of the data set's own source."""
    cache: Path = Path()
    """Where fetched files are kept, shared by all runs."""


def three_way(rows: int, seed: int, shares: tuple[float, float, float]) -> tuple[Tensor, Tensor, Tensor]:
    """Cut row numbers into train, eval and test, at random from the seed.

    Args:
        rows: how many there are.
        seed: the same seed gives the same cut, whatever else is random.
        shares: of train, eval and test; they sum to 1. Each gets at least one row.

    Returns:
        Three int64 tensors that together hold every row once.

    Raises:
        TuilabError: the shares are none, or too few rows are left to train on.
    """
    check_shares(shares)
    test = max(1, round(rows * shares[2]))
    held = max(1, round(rows * shares[1]))
    mixed = _mixed(rows, rows - held - test, seed)
    return mixed[: rows - held - test], mixed[rows - held - test : rows - test], mixed[rows - test :]


def two_way(rows: int, seed: int, shares: tuple[float, float, float]) -> tuple[Tensor, Tensor]:
    """Cut row numbers into train and eval, for data whose test set is official.

    The two keep their proportion: 0.72 to 0.08 gives eval a tenth. Arguments
    and errors as for `three_way`.
    """
    check_shares(shares)
    held = max(1, round(rows * shares[1] / (shares[0] + shares[1])))
    mixed = _mixed(rows, rows - held, seed)
    return mixed[: rows - held], mixed[rows - held :]


def cut(x: Tensor, y: Tensor, request: Request) -> tuple[TensorSplit, TensorSplit, TensorSplit]:
    """Cut samples in memory into train, eval and test, as the request asks."""
    train, held, test = three_way(len(x), request.seed, request.split)
    return TensorSplit(x[train], y[train]), TensorSplit(x[held], y[held]), TensorSplit(x[test], y[test])


def regression(
    x: Tensor,
    y: Tensor,
    request: Request,
    *,
    features: tuple[str, ...] = (),
    grades: Mapping[str, tuple[str, ...]] | None = None,
    target: str = "target",
    unit: str = "",
) -> Data:
    """Return a table as a regression whose targets are standardised on train.

    Args:
        x: float32 (rows, features).
        y: float32 (rows, outputs), in its own unit; one mean and scale serve all outputs.
        request: says how to cut.
        features: names of the columns of x.
        grades: words of columns that hold grades, from the worst to the best.
        target: what y is, as a person would say it.
        unit: of y.
    """
    train, held, test = cut(x, y, request)
    mean, scale = float(train.y.double().mean()), float(train.y.double().std(correction=0)) or 1.0
    task = Regression(
        input_shape=tuple(x.shape[1:]),
        outputs=y.shape[1],
        features=features,
        grades=grades or {},
        target=target,
        unit=unit,
        target_mean=mean,
        target_scale=scale,
    )
    train, held, test = (TensorSplit(part.x, (part.y - mean) / scale) for part in (train, held, test))
    return Data(task, train, held, test)


def _mixed(rows: int, left: int, seed: int) -> Tensor:
    if left < 1:
        raise TuilabError(f"data.split: of {rows} rows none is left to train on. Give eval and test less.")
    return torch.randperm(rows, generator=torch.Generator().manual_seed(seed))


def check_shares(shares: tuple[float, float, float]) -> None:
    """Refuse shares that are none.

    Raises:
        TuilabError: they are not three, not positive, or do not sum to 1.
    """
    if len(shares) != 3 or min(shares) <= 0 or abs(sum(shares) - 1) > 1e-6:
        raise TuilabError(
            f"data.split: {list(shares)} is not three positive shares (train, eval, test) that sum to 1."
        )
