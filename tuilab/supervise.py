"""Starting workers and talking to the one in standby.

A worker lives in a session of its own: killing the screen, dropping the SSH
link or closing the terminal does not reach it. One in standby has torch
imported already; it answers questions about the zoo as JSON lines over a pipe
until it is told to become a run's worker.
"""

import contextlib
import itertools
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import IO, Any

from tuilab import commands, locks
from tuilab.errors import TuilabError
from tuilab.events import Event, EventWriter
from tuilab.json_files import write_json
from tuilab.runs import Run
from tuilab.status import LIVE
from tuilab.words import counted

Reply = Callable[[dict[str, Any]], None]
"""Called from a thread with {"answer": ...}, or {"error": text, "problems": [[key, message], ...]}."""


def start(run: Run, home: Path, own_files: Sequence[Path] = ()) -> "subprocess.Popen[bytes]":
    """Start a worker on a run and return at once.

    Raises:
        TuilabError: a worker trains it already.
        OSError: the run's directory cannot be written.
    """
    with locks.acquire(run.path) as lock, (run.path / "worker.log").open("ab") as log:
        commands.take(
            run.path / "commands"
        )  # what was asked of a worker that is gone is not asked of this one
        # What the last worker said of its rate and of the time left is not so any more.
        # Its process number may be another program's by now.
        said = replace(run.status, state="starting", rate=0.0, samples_rate=0.0, eta=None, doing="", pid=0)
        write_json(run.path / "status.json", asdict(replace(said, heartbeat=time.time())))
        arguments = ["--run", str(run.path), "--lock", str(lock.fileno())]
        return _spawn(arguments, home, own_files, subprocess.DEVNULL, log, log, [lock.fileno()])


def fetch(name: str, home: Path, own_files: Sequence[Path] = ()) -> "subprocess.Popen[bytes]":
    """Start a worker that brings a data set to this machine, and says on its stdout how far it is.

    Each line is {"done": bytes, "total": bytes or 0, "source": text}; the last may be {"error": text}.
    SIGTERM stops it; what has come is kept.
    """
    return _spawn(["--fetch", name], home, own_files, subprocess.DEVNULL, subprocess.PIPE, subprocess.DEVNULL)


def kill(run: Run, worker: "subprocess.Popen[bytes] | None" = None) -> None:
    """End a run's worker without a last word; what is on disk stays readable and resumable.

    Args:
        run: whose worker.
        worker: its process where this one started it; it may not have said its number yet.

    Raises:
        TuilabError: it runs on another machine, where its process number means nothing here.
    """
    pid, host = (worker.pid, "") if worker else (run.status.pid, run.meta.get("host", ""))
    if not (run.alive and pid):
        return
    if host not in ("", os.uname().nodename):
        raise TuilabError(f"{run.id} runs on {host}: kill it there, or stop it from here.")
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    with contextlib.suppress(TuilabError), locks.acquire(run.path):  # it writes no more: who killed it does
        _say_killed(run)


def _say_killed(run: Run) -> None:
    """Have the last word for a worker that cannot: its run did not end by accident."""
    status = run.status
    if status.state not in LIVE:
        return  # it ended by itself, just before
    saved = [path.name for path in run.checkpoints]
    text = f"killed by request after {counted(status.step, 'step')}; " + (
        f"resume goes on from {saved[-1]}" if saved else "no checkpoint was saved yet"
    )
    events = EventWriter(run.path / "events.jsonl")
    events.write(Event("stopped", status.step, text))
    events.close()
    over = replace(status, state="stopped", eta=None, doing="", heartbeat=time.time())
    write_json(run.path / "status.json", asdict(over))


class Standby:
    """A worker that waits with torch imported."""

    def __init__(self, home: Path, own_files: Sequence[Path] = ()) -> None:
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  what it printed, should it die; it closes with us
        self._process = _spawn(["--standby"], home, own_files, subprocess.PIPE, subprocess.PIPE, self._log)
        self._numbers = itertools.count(1)
        self._replies: dict[int, Reply] = {}
        self._lock = threading.Lock()
        threading.Thread(target=self._listen, daemon=True, name="standby").start()

    @property
    def alive(self) -> bool:
        """Whether it can still be asked."""
        return self._process.poll() is None and not self._closed

    _closed = False

    @property
    def process(self) -> "subprocess.Popen[bytes]":
        """The process itself, which becomes a run's worker."""
        return self._process

    def ask(self, question: str, reply: Reply, **values: Any) -> None:
        """Ask describe, check, preview or run; the reply comes in a thread, also where it is an error."""
        number = next(self._numbers)
        with self._lock:
            self._replies[number] = reply
        line = json.dumps({"id": number, "ask": question, **values}) + "\n"
        try:
            assert self._process.stdin is not None
            self._process.stdin.write(line.encode())
            self._process.stdin.flush()
        except (OSError, ValueError):
            self._fail_all()

    def close(self) -> None:
        """Let it go: it exits unless it has become a worker."""
        self._closed = True
        if self._process.stdin is not None:
            self._process.stdin.close()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                message = json.loads(line)
                with self._lock:
                    reply = self._replies.pop(message.pop("id"), None)
                if reply is not None:
                    reply(message)
        self._fail_all()
        self._log.close()
        self._process.wait()  # as a run's worker it may live long; once it ends it is not left a zombie

    def _fail_all(self) -> None:
        """Answer whoever still waits: nobody is there any more."""
        self._closed = True
        with self._lock:
            waiting, self._replies = self._replies, {}
        gone = f"The worker in standby is gone{self._last_printed()}. `tuilab doctor` may tell more."
        for reply in waiting.values():
            reply({"error": gone})

    def _last_printed(self) -> str:
        """Return the last line the worker printed, for whoever wonders why it is gone."""
        if self._log.closed:
            return ""
        lines = os.pread(self._log.fileno(), 1 << 16, 0).decode(errors="replace").strip().splitlines()
        return f": {lines[-1]}" if lines else ""


def _spawn(
    arguments: list[str],
    home: Path,
    own_files: Sequence[Path],
    stdin: int | IO[bytes],
    stdout: int | IO[bytes],
    stderr: int | IO[bytes],
    handed_down: Sequence[int] = (),
) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        worker_command(home, own_files, *arguments),
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        start_new_session=True,
        pass_fds=handed_down,
        env=worker_environment(),
    )


def worker_command(home: Path, own_files: Sequence[Path], *arguments: str) -> list[str]:
    """Return what starts a worker.

    It imports nothing from the folder that one happens to be in: a `random.py` there is not Python's.
    """
    command = [sys.executable, "-P", "-m", "tuilab.worker", "--home", str(home), *arguments]
    for path in own_files:
        command += ["--zoo", str(path.absolute())]
    return command


def worker_environment() -> dict[str, str]:
    """Return this process' environment with what training wants.

    Large activations freed at every step are otherwise given back to the system and
    faulted in anew: glibc keeps them with these thresholds. Another C library ignores them.
    Threads that wait for each other spin only briefly: on a box that others use too, the one
    they wait for may have lost its core (small steps were measured up to ten times slower).
    """
    keep = str(1 << 30)
    tuned = {
        "MALLOC_MMAP_THRESHOLD_": keep,
        "MALLOC_TRIM_THRESHOLD_": keep,
        "GOMP_SPINCOUNT": "2000",
        "PYTHONUNBUFFERED": "1",
    }
    # The package is found even where it was started from a checkout that is not installed.
    here = str(Path(__file__).parent.parent)
    paths = [here, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    return {**tuned, **os.environ, "PYTHONPATH": os.pathsep.join(paths)}
