"""What a run leaves behind beside numbers, in `tables/`: what an evaluation found, and what it moves on.

`<split>-<name>.npy` is the newest of an evaluation, such as a confusion matrix; `surface.npy` the heights
a point rolls on. Each file is replaced as a whole, so a reader never sees half of it.
"""

import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from torch import Tensor

from tuilab.zoo.tasks.surface import Surface
from tuilab.zoo.tasks.task import Task

_MOST_CELLS = 1 << 20
"""A thousand classes against each other: more nobody can look at, and every evaluation would write it."""

_GRID = (161, 97)
"""Columns and rows of a surface: as fine as the cells of a large terminal."""


def write(folder: Path, split: str, tables: Mapping[str, Tensor]) -> None:
    """Replace a split's tables; one of more than a million cells is left out.

    Raises:
        OSError: the disk is full.
    """
    for name, table in tables.items():
        if table.numel() > _MOST_CELLS:
            continue
        _save(folder / "tables" / f"{split}-{name}.npy", table)


def write_surface(folder: Path, task: Task) -> None:
    """Write the heights of the part of a surface that is worth drawing, once: they never change.

    Raises:
        OSError: the disk is full.
    """
    if isinstance(task, Surface):
        _save(folder / "tables" / "surface.npy", task.heights(*_GRID).float())


def _save(path: Path, table: Tensor) -> None:
    path.parent.mkdir(exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    with aside.open("wb") as file:
        np.save(file, table.cpu().numpy())
    aside.rename(path)


def take_back(folder: Path, split: str) -> None:
    """Remove a split's tables: the evaluation they are of is to come again."""
    for path in (folder / "tables").glob(f"{split}-*.npy"):
        path.unlink(missing_ok=True)
