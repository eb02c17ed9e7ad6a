"""Users' own files: imported one by one, and what they register looked over before anything is made of it.

Whoever writes such a file has read an example and nothing else: every mistake is told with
its file and line, and with what to do about it.
"""

import hashlib
import importlib.util
import inspect
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tuilab.errors import TuilabError, nearest
from tuilab.registry import Entry, RegistrationError, Registry
from tuilab.schedules import schedules
from tuilab.spec import COMPONENTS, OPTIONS
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

_FIRST = {"datasets": "request", "models": "task", "losses": "task", "optimizers": "parameters"}
"""What each kind is given before its knobs."""

_EXAMPLE = '@models.register("my-model", source="where it is from")'


def load(path: Path) -> None:
    """Import a user's file, once.

    Raises:
        TuilabError: it is not there, it fails while it is imported, it registers nothing, or what
            it registers lacks what every component of its kind must have.
    """
    # By its place, not by its name: two folders may each hold a zoo.py.
    name = f"{_OWN}{path.stem}_{hashlib.sha256(str(path.absolute()).encode()).hexdigest()[:8]}"
    if name in sys.modules:
        return
    spec = importlib.util.spec_from_file_location(name, path)
    if not path.is_file() or spec is None or spec.loader is None:
        raise TuilabError(f"--zoo {path}: there is no such Python file.")
    folder = str(path.absolute().parent)
    if folder not in sys.path:
        sys.path.append(folder)  # at the end: its neighbours can be imported, and cover nothing
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    before = {id(entry) for registry in REGISTRIES.values() for entry in registry}
    try:
        spec.loader.exec_module(module)
        new = [
            (kind, entry) for kind, known in REGISTRIES.items() for entry in known if id(entry) not in before
        ]
        if not new:
            raise RegistrationError(
                f"nothing is registered in it. Each model, data set, optimizer ... needs {_EXAMPLE} above it."
            )
        for kind, entry in new:
            try:
                _look_over(kind, entry)
            except RegistrationError as error:
                line = inspect.getsourcelines(entry.build)[1]
                raise RegistrationError(f"{error} ({path.name}, line {line})") from error
    except (Exception, SystemExit) as error:
        told = _told(error)
        del sys.modules[name]
        raise TuilabError(f"--zoo {path}: {told}") from error


def is_own(build: Callable[..., Any]) -> bool:
    """Whether a component comes from a user's file."""
    return build.__module__.startswith(_OWN)


def place(error: BaseException) -> str:
    """Return where in a user's file an error came up, as " (mine.py, line 9, in forward)"; else nothing."""
    own = {module.__file__ for name, module in sys.modules.items() if name.startswith(_OWN)}
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename in own:
            where = "" if frame.name == "<module>" else f", in {frame.name}"
            return f" ({Path(frame.filename).name}, line {frame.lineno}{where})"
    return ""


def _told(error: BaseException) -> str:
    """Return what is wrong with a file, where, and what may help."""
    if isinstance(error, RegistrationError):
        return f"{error}{place(error)}"
    said = f"{type(error).__name__}: {error}"
    if isinstance(error, SyntaxError):
        return f"{said}: {error.text.strip()}" if error.text else said
    said += place(error)
    if isinstance(error, ModuleNotFoundError):
        return f"{said}. It must be installed where tuilab is: {sys.executable} -m pip install ..."
    if isinstance(error, NameError):
        return f"{said}. Is its import missing at the top of the file?"
    return said


def _look_over(kind: str, entry: Entry[Any]) -> None:
    """Refuse a component that lacks what every one of its kind must have.

    Raises:
        RegistrationError: says what.
    """
    card, what = entry.card, f"the {REGISTRIES[kind].kind} {entry.name!r}"
    if (first := _FIRST.get(kind)) and not _takes_one(entry.build):
        raise RegistrationError(f"{what} must take one argument before its knobs: ({first}, *, knobs ...).")
    table = next(table for table, kinds in COMPONENTS.items() if kinds == kind)
    taken = {"name", *(option.name for option in OPTIONS.get(table, ()))}
    for knob in card.fields:
        where = f"{what} has a knob {knob.name!r}"
        if knob.name in taken:
            raise RegistrationError(f"{where}, which [{table}] has for itself. Give it another name.")
        if knob.low is not None and knob.high is not None and knob.low > knob.high:
            raise RegistrationError(f"{where} whose range is upside down: Knob(about, least, most).")
        try:
            knob.check(knob.default)
        except TuilabError as error:
            raise RegistrationError(f"{where} with a default that does not fit: {error}") from error
    if kind == "optimizers" and "lr" not in {knob.name for knob in card.fields}:
        raise RegistrationError(f"{what} needs a knob lr: schedules multiply it.")
    _look_over_tasks(kind, what, card.facts)


def _look_over_tasks(kind: str, what: str, facts: Any) -> None:
    tasks = sorted(task.name for task in all_tasks(Task) if "name" in vars(task))  # type: ignore[type-abstract]
    if kind == "datasets":
        if facts.get("task") not in tasks:
            raise RegistrationError(f"{what} must be registered with task= one of {', '.join(tasks)}.")
        return
    given = facts.get("tasks", [])
    if "task" in facts or isinstance(given, str):
        raise RegistrationError(
            f'{what} must be registered with a list of tasks, as tasks=["classification"].'
        )
    for task in given:
        if task not in tasks:
            raise RegistrationError(f"{what} is for a task {task!r}. {nearest(task, tasks)}")


def _takes_one(build: Callable[..., Any]) -> bool:
    try:
        inspect.signature(build).bind(None)
    except TypeError:
        return False
    return True


def all_tasks(task: type[Task]) -> Iterator[type[Task]]:
    """Yield every kind of task there is below one."""
    for child in task.__subclasses__():
        yield child
        yield from all_tasks(child)
