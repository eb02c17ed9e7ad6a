"""Who holds a run's lock, and what becomes of it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tuilab import locks
from tuilab.errors import TuilabError


def test_a_second_worker_is_turned_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "_PATIENCE", 0.05)
    with locks.acquire(tmp_path):
        with pytest.raises(TuilabError, match="by a worker already"):
            locks.acquire(tmp_path)
        assert locks.held(tmp_path)
    assert not locks.held(tmp_path)
    locks.acquire(tmp_path).close()


def test_a_lock_that_is_handed_down_lives_as_long_as_the_worker(tmp_path: Path) -> None:
    with locks.acquire(tmp_path) as lock:
        worker = subprocess.Popen(
            [sys.executable, "-c", "import signal; signal.pause()"], pass_fds=[lock.fileno()]
        )
    assert locks.held(tmp_path)
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    assert not locks.held(tmp_path)


def test_a_run_nobody_ever_trained_is_not_held(tmp_path: Path) -> None:
    assert not locks.held(tmp_path)
