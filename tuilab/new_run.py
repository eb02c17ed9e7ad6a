"""A run begins as a directory that says what is to be done, whole or not at all."""

import errno
import os
import re
import secrets
import shutil
import time
from dataclasses import asdict
from pathlib import Path

from tuilab.errors import TuilabError
from tuilab.json_files import write_json
from tuilab.origins import pinned
from tuilab.runs import Run
from tuilab.spec import Spec, dumps
from tuilab.status import Status

RESERVE = ".reserve"
RESERVE_BYTES = 1 << 16
"""Kept aside in a run's directory so that a full disk still has room for the last word."""

_NAME = re.compile(r"\w[\w.-]{0,79}")
"""It becomes part of a directory's name, and of what people type."""


def create(home: Path, spec: Spec, name: str = "") -> Run:
    """Make a run's directory and write what it is to do; where it starts from is made definite.

    Raises:
        TuilabError: the home cannot be written, the name cannot be a directory's, or the run
            that it is to start from is not there.
    """
    check_name(name or spec.name)
    spec = pinned(spec, home)
    stamp = time.strftime("%Y%m%d-%H%M%S")
    path = home / "runs" / f"{stamp}-{name or spec.name}-{secrets.token_hex(2)}"
    check_writable(home)
    aside = path.with_name(f".{path.name}")
    try:
        aside.mkdir(parents=True)
        (aside / "spec.toml").write_text(dumps(spec), encoding="utf-8")
        (aside / RESERVE).write_bytes(b"\0" * RESERVE_BYTES)
        (aside / "commands").mkdir()
        (aside / "checkpoints").mkdir()
        write_json(aside / "status.json", asdict(Status(heartbeat=time.time())))
        aside.rename(path)
    except OSError as error:
        shutil.rmtree(aside, ignore_errors=True)  # half a run is none, and a full disk needs the room
        raise _unwritable(home, error) from error
    return Run(path)


def check_name(name: str) -> None:
    """Refuse what cannot be part of a directory's name.

    Raises:
        TuilabError: it cannot.
    """
    if not _NAME.fullmatch(name):
        raise TuilabError(f"A run cannot be called {name!r}: use up to 80 letters, digits and . _ - only.")


def check_writable(home: Path) -> None:
    """Make the folder of runs, or say why that cannot be.

    Raises:
        TuilabError: the home cannot be written.
    """
    folder = home / "runs"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(home, error) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise _unwritable(home, PermissionError(errno.EACCES, os.strerror(errno.EACCES)))


def _unwritable(home: Path, error: OSError) -> TuilabError:
    return TuilabError(
        f"{home / 'runs'} cannot be written ({error.strerror}). "
        "Choose another place with --home DIR or TUILAB_HOME."
    )
