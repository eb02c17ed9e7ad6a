"""Data made ready for training: three splits, how rows are parted into them, and the task they pose."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor

from tuilab.errors import TuilabError
from tuilab.zoo.splits import Split, TensorSplit
from tuilab.zoo.tasks.regression import Regression
from tuilab.zoo.tasks.task import Task


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
    """Cut samples in memory into train, eval and test, as the request asks.

    Raises:
        TuilabError: x and y are not of as many rows, or too few.
    """
    if len(x) != len(y):
        raise TuilabError(f"data.name: there are {len(x)} rows of x and {len(y)} of y; each x needs its y.")
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
