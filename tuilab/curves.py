"""Every curve of a run by its name, and where its values lie.

A name tells the table: what a reader types is where the numbers are.

    loss, lr, grad_norm             steps.npy, a row a step
    eval.loss, test.accuracy        evals.npy, a row an evaluation of a split
    probes/sharpness/limit          probes/sharpness.npy, a row a look
    layers/grad_norm/fc1            layers/grad_norm.npy, a row a look and a value a layer

Values stay where they are, memory-mapped; nothing is read before it is asked for.
"""

import os
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tuilab.curve_places import EVALS, LAYERS, PROBES, STEPS, Place, looks, numbers
from tuilab.runs import Run
from tuilab.tables import Rows, Table

Points = tuple[NDArray[np.int64], NDArray[np.float32]]
"""Steps, ascending, and the values there; values may be NaN or infinite."""

_SPLITS = ("eval", "test", "train")

_MEAN_OF = 16
"""Looks that such a mean is over: the noise of one falls to a quarter, and a trend is still seen."""


def is_evaluation(name: str) -> bool:
    """Whether a curve has a value an evaluation, and not one a step or a look.

    >>> [is_evaluation(name) for name in ("loss", "eval.loss", "layers/grad_norm/0.weight")]
    [False, True, False]
    """
    return "." in name and "/" not in name


class Curves:
    """The curves of a run, live or old; `refresh` brings them up to date."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._tables: dict[str, Table] = {STEPS: run.steps, EVALS: run.evals}
        self._meta: Mapping[str, Any] = {}
        self._known: tuple[object, ...] = ()
        self._looked = False
        """Whether what is there has been listed since the last refresh."""
        self._places: dict[str, Place] = {}
        self._splits: tuple[int, list[str]] = (0, [])
        self._folders: dict[str, int] = {}

    def refresh(self) -> tuple[int, int]:
        """See every table at its present length, and tables that are new; return the rows of steps and evals.

        A table is shorter than before where a run was taken up from an earlier step.
        """
        for folder in (PROBES, LAYERS):
            self._list(folder)
        for table in self._tables.values():
            table.refresh()
        self._looked = False
        return len(self._run.steps), len(self._run.evals)

    @property
    def replaced(self) -> int:
        """How often a table has become another one: what was read of it is not true any more."""
        return sum(table.replaced for table in self._tables.values())

    @property
    def meta(self) -> Mapping[str, Any]:
        """What the worker said of the model and the data; empty until it has built them."""
        if not self._meta:
            self._meta = self._run.meta
        return self._meta

    @property
    def steps(self) -> Rows:
        """The rows of the steps table."""
        return self._run.steps.backed()

    def names(self) -> list[str]:
        """Return the names of all curves there are, those of the steps first."""
        return list(self._all())

    def find(self, name: str) -> str | None:
        """Return the curve a person means: `sharpness` for probes/sharpness, `train.loss` for loss."""
        known = self._all()
        for meant in (name, name.removeprefix("train."), PROBES + name, LAYERS + name):
            if meant in known:
                return meant
        return None

    def place(self, name: str) -> Place | None:
        """Return where a curve lies; None where it is not there (yet)."""
        return self._all().get(name)

    def rows(self, name: str) -> int:
        """Return how many rows a curve's table has; 0 where there is none."""
        place = self.place(name)
        return len(self._tables[place.table]) if place else 0

    def points(self, name: str, first: int = 0, last: int | None = None) -> Points:
        """Return a curve between two rows of its table.

        A curve that is not there (yet) has no points. Where a row holds the curve as it
        is the arrays are views of the file.
        """
        place = self.place(name)
        if place is None:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        rows = self._tables[place.table].backed()
        first, last, _ = slice(first, last).indices(len(rows))
        if place.over is not None:
            return rows["step"][first:last], _ratio_of_means(rows, place, first, last)
        block = rows[first:last]
        if place.split:
            block = block[block["split"] == place.split.encode()]
        values = block[place.field]
        return block["step"], values if place.at is None else values[:, place.at]

    def _list(self, folder: str) -> None:
        """See which tables a folder holds, if anything was put into it."""
        path = self._run.path / folder
        try:
            changed = path.stat().st_mtime_ns
        except OSError:
            return  # nothing is measured, or not yet
        if self._folders.get(folder) != changed:
            self._folders[folder] = changed
            for name in sorted(os.listdir(path)):
                if name.endswith(".npy") and not name.startswith("."):
                    key = folder + name.removesuffix(".npy")
                    self._tables.setdefault(key, Table(path / name))

    def _all(self) -> dict[str, Place]:
        if self._looked:
            return self._places
        columns = ((name, table.columns) for name, table in self._tables.items())
        state = (*columns, *self._present_splits(), bool(self.meta))
        if state != self._known:
            self._known = state
            self._places = dict(self._placed())
        self._looked = bool(self._meta)
        return self._places

    def _placed(self) -> Iterator[tuple[str, Place]]:
        for column in numbers(self._run.steps.rows):
            yield column, Place(STEPS, column)
        for split in self._present_splits():
            for column in numbers(self._run.evals.rows):
                yield f"{split}.{column}", Place(EVALS, column, split=split)
        for name, table in self._tables.items():
            if name.startswith((PROBES, LAYERS)):
                yield from looks(name, table.rows, self.meta)

    def _present_splits(self) -> list[str]:
        evals = self._run.evals
        if self._splits[0] != len(evals):
            # Not np.unique: to be asked that, NumPy first imports more than a screen takes to open.
            named = evals["split"] if "split" in evals.columns else np.empty(0, "S5")
            present = [split for split in _SPLITS if np.any(named == split.encode())]
            self._splits = len(evals), present
        return self._splits[1]


def _ratio_of_means(rows: Rows, place: Place, first: int, last: int) -> NDArray[np.float32]:
    """Return one mean over another, each over the last looks; NaN where the lower one is not positive."""
    start = max(first - _MEAN_OF + 1, 0)
    values = np.asarray(rows[place.field][start:last], np.float64)
    counted = np.where(np.isfinite(values), values, 0.0)
    sums = np.cumsum(np.vstack([np.zeros((1, values.shape[1])), counted]), axis=0)
    ends = np.arange(first - start, last - start) + 1
    means = sums[ends] - sums[np.maximum(ends - _MEAN_OF, 0)]
    over, under = means[:, place.at], means[:, place.over]
    ratio = np.full(len(ends), np.nan, np.float32)
    np.divide(over, under, out=ratio, where=under > 0, casting="unsafe")
    return ratio
