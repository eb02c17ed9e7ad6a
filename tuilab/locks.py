"""Who trains a run holds its lock, so that a worker that is gone is recognised at once and surely.

Whoever starts a worker takes the lock for it and hands it down: the lock belongs to
the open file, which the worker inherits. So there is no moment in which a run that was
started is nobody's, and no run has two workers.
"""

import fcntl
import time
from pathlib import Path
from typing import IO

from tuilab.errors import TuilabError

_PATIENCE = 1.0
"""Seconds to try: a reader holds the lock for an instant to see whether anyone does."""


def acquire(run: Path) -> IO[bytes]:
    """Return a run's lock file, locked for as long as it is open anywhere.

    Raises:
        TuilabError: a worker has it.
        OSError: the run's directory cannot be written.
    """
    lock = (run / "lock").open("ab")
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return lock
        except BlockingIOError:
            if time.monotonic() > deadline:
                lock.close()
                raise TuilabError(f"{run.name} is being trained by a worker already.") from None
            time.sleep(0.02)


def held(run: Path) -> bool:
    """Return whether a worker holds a run's lock."""
    try:
        with (run / "lock").open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False
