"""What can be chosen: datasets, models, losses, optimizers; one thing a file.

A file enters itself with `@models.register("name", source=...)`. Nothing else
has to know of it: `load` imports every file of these folders, and a user's own.
"""

import importlib
import pkgutil
from collections.abc import Iterable
from pathlib import Path

from tuilab.catalog import Catalog, TaskCard
from tuilab.zoo import own
from tuilab.zoo.own import REGISTRIES
from tuilab.zoo.tasks.task import Task

__all__ = ["REGISTRIES", "describe", "load"]


def load(own_files: Iterable[Path] = ()) -> None:
    """Import every component of the package, then the user's own files.

    Raises:
        TuilabError: a user's file is not there or fails while it is imported.
    """
    for folder in ("datasets", "models", "losses", "optimizers"):
        package = importlib.import_module(f"tuilab.zoo.{folder}")
        for module in pkgutil.iter_modules(package.__path__):
            importlib.import_module(f"tuilab.zoo.{folder}.{module.name}")
    for path in own_files:
        own.load(path)


def describe() -> Catalog:
    """Return the cards of everything registered, and what the screen must know of each task."""
    cards = {kind: {entry.name: entry.card for entry in registry} for kind, registry in REGISTRIES.items()}
    tasks = {
        task.name: TaskCard(task.name, task.default_loss, task.metrics, task.higher_is_better, task.poses_on)
        for task in own.all_tasks(Task)  # type: ignore[type-abstract]
    }
    return Catalog(cards, tasks)
