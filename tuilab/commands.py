"""Commands from screens to a worker: a maildir of small JSON files.

Any number of screens may write, each file aside and then renamed in, so that
the worker never sees half a command. It takes them in the order of their names,
which begin with the time they were sent.
"""

import itertools
import json
import os
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

_count = itertools.count()

ACTIONS = ("pause", "continue", "stop", "checkpoint", "set")


@dataclass(frozen=True, slots=True)
class Command:
    """What someone wants of a running worker."""

    action: str
    """One of `ACTIONS`."""
    values: Mapping[str, Any] = field(default_factory=dict)
    """For "set": dotted keys and their new values."""
    id: str = ""
    """Given when it is sent: the event that answers bears it."""


def send(folder: Path, command: Command) -> str:
    """Put a command where the worker will find it, and return the id that its answer will bear.

    Raises:
        OSError: the run's directory cannot be written.
    """
    folder.mkdir(exist_ok=True)
    name = f"{time.time_ns():020d}-{os.getpid()}-{next(_count):06d}"
    aside = folder / f".{name}"
    aside.write_text(json.dumps({**asdict(command), "id": name}), encoding="utf-8")
    aside.rename(folder / f"{name}.json")
    return name


def take(folder: Path) -> list[Command]:
    """Return the commands that wait, oldest first, and remove them.

    A file that holds no command is put aside as `.bad`: it must not end a run.
    """
    try:
        found = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except FileNotFoundError:
        return []
    commands = []
    for entry in found:
        path = folder / entry.name
        if path.suffix != ".json":
            continue
        command = _read(path) if entry.is_file(follow_symlinks=False) else None
        if command is None:
            path.rename(path.with_suffix(".bad"))
            continue
        path.unlink()
        commands.append(command)
    return commands


def _read(path: Path) -> Command | None:
    """Return the command in a file, or None where it holds none."""
    try:
        command = Command(**json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError, RecursionError):
        return None
    return command if command.action in ACTIONS and isinstance(command.values, dict) else None
