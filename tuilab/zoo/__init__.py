"""What can be chosen: datasets, models, losses, optimizers; one thing a file.

A file enters itself with `@models.register("name", source=...)`. Nothing else
has to know of it: `load` imports every file of these folders, and a user's own.
"""

import hashlib
import importlib
import importlib.util
import pkgutil
import sys
import traceback
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tuilab.catalog import Catalog, TaskCard
from tuilab.errors import TuilabError, nearest
from tuilab.registry import Registry
from tuilab.schedules import schedules
from tuilab.zoo.registries import datasets, losses, models, optimizers
from tuilab.zoo.tasks.task import Task

REGISTRIES: dict[str, Registry[Any]] = {
    "datasets": datasets,
    "models": models,
    "losses": losses,
    "optimizers": optimizers,
    "schedules": schedules,
}


_OWN = "tuilab_own_"
"""How the modules of users' own files begin."""


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
        _load_own(path)


def place_in_own(error: BaseException) -> str:
    """Return where in a user's file an error came up, as " (mine.py, line 9, in forward)"; else nothing."""
    own = {module.__file__ for name, module in sys.modules.items() if name.startswith(_OWN)}
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename in own:
            return f" ({Path(frame.filename).name}, line {frame.lineno}, in {frame.name})"
    return ""


def _load_own(path: Path) -> None:
    # By its place, not by its name: two folders may each hold a zoo.py.
    name = f"{_OWN}{path.stem}_{hashlib.sha256(str(path.absolute()).encode()).hexdigest()[:8]}"
    if name in sys.modules:
        return
    spec = importlib.util.spec_from_file_location(name, path)
    if not path.is_file() or spec is None or spec.loader is None:
        raise TuilabError(f"--zoo {path}: there is no such Python file.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
        _check_cards()
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise TuilabError(f"--zoo {path}: {type(error).__name__}: {error}") from error


def _check_cards() -> None:
    """Raise ValueError where a component lacks what every one of its kind must have."""
    for optimizer in REGISTRIES["optimizers"]:  # by the table: importing its folder takes the name over
        if "lr" not in {knob.name for knob in optimizer.card.fields}:
            raise ValueError(f"the optimizer {optimizer.name!r} needs a knob lr: schedules multiply it.")
    tasks = sorted(task.name for task in _all_tasks(Task) if "name" in vars(task))  # type: ignore[type-abstract]
    for dataset in REGISTRIES["datasets"]:
        if dataset.card.facts.get("task") not in tasks:
            raise ValueError(
                f"the dataset {dataset.name!r} must be registered with task= one of {', '.join(tasks)}."
            )
    for kind in ("models", "losses"):
        for entry in REGISTRIES[kind]:
            for task in entry.card.facts.get("tasks", []):
                if task not in tasks:
                    raise ValueError(f"{entry.name!r} is for a task {task!r}. {nearest(task, tasks)}")


def describe() -> Catalog:
    """Return the cards of everything registered, and what the screen must know of each task."""
    cards = {kind: {entry.name: entry.card for entry in registry} for kind, registry in REGISTRIES.items()}
    tasks = {
        task.name: TaskCard(task.name, task.default_loss, task.metrics, task.higher_is_better, task.poses_on)
        for task in _all_tasks(Task)  # type: ignore[type-abstract]
    }
    return Catalog(cards, tasks)


def _all_tasks(task: type[Task]) -> Iterator[type[Task]]:
    for child in task.__subclasses__():
        yield child
        yield from _all_tasks(child)
