"""A worker that trains nothing and writes what one that trains would: `python idle_worker.py RUN ENDING`.

For tests of whatever starts, follows and interrupts a run. It loads no torch, so it is there at once.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from tuilab import launch, locks, new_run, supervise
from tuilab.commands import take
from tuilab.events import Event, EventWriter
from tuilab.json_files import write_json
from tuilab.runs import Run
from tuilab.spec import Spec
from tuilab.status import Status
from tuilab.tables import TableWriter

STEPS = 40
_COLUMNS = ("step", "time", "epoch", "loss", "lr", "grad_norm")
_ROWS = np.dtype([(name, "<i8" if name == "step" else "<f4") for name in _COLUMNS])
_EVALS = np.dtype([("step", "<i8"), ("split", "S5"), ("loss", "<f4"), ("accuracy", "<f4")])


def start(run: Run, ending: str) -> "subprocess.Popen[bytes]":
    """Start one that holds the run's lock, in a session of its own as a real one."""
    with locks.acquire(run.path) as lock, (run.path / "worker.log").open("ab") as log:
        command = [sys.executable, __file__, str(run.path), ending]
        return subprocess.Popen(
            command, stdout=log, stderr=log, pass_fds=[lock.fileno()], start_new_session=True
        )


class Unchecked:
    """In place of a launch: no worker says what is wrong, and `supervise.start` begins the run."""

    def __init__(self, home: Path, own_files: Sequence[Path], spec: Spec) -> None:
        self._home, self._spec = home, spec

    def check(self) -> str:
        return "a note"

    def begin(self, name: str) -> "tuple[Run, subprocess.Popen[bytes]]":
        run = new_run.create(self._home, self._spec, name)
        return run, supervise.start(run, self._home)


def main_with(ending: str, arguments: Sequence[str]) -> int:
    """Be `tuilab`, for a process of its own whose workers end so."""
    from tuilab.cli import main

    def begin(run: Run, home: Path, own_files: Sequence[Path] = ()) -> "subprocess.Popen[bytes]":
        return start(run, ending)

    supervise.start = begin
    launch.Launch = Unchecked  # type: ignore[assignment,misc]  # all that the command line asks of one
    return main(arguments)


def work(run: Path, ending: str) -> None:
    """Write a run's tables, events and status, a step every 5 ms, and end as is asked for.

    Args:
        run: its directory.
        ending: "finished", "failed", "diverged"; "crashed", without a last word; "silent", before
            the first; or "endless", until it is stopped.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if ending == "silent":
        print("ImportError: torch is broken", file=sys.stderr)
        sys.exit(1)
    steps, evals = TableWriter(run / "steps.npy", _ROWS), TableWriter(run / "evals.npy", _EVALS)
    events = EventWriter(run / "events.jsonl")
    write_json(run / "meta.json", {"metric": "accuracy"})
    _tell(run, "starting", 0)
    events.write(Event("started", 0, "a run of nothing"))
    step = 0
    for step in range(10_000 if ending == "endless" else STEPS):
        if any(command.action == "stop" for command in take(run / "commands")):
            ending = "stopped"
            break
        steps.append(np.array([(step, 0.0, step / 10, 1 / (step + 1), 0.001, 0.0)], _ROWS))
        if step % 10 == 9:
            evals.append(np.array([(step + 1, b"eval", 0.5, step / 40)], _EVALS))
        _tell(run, "running", step + 1, {"train.loss": 1 / (step + 1)})
        time.sleep(0.005)
    if ending == "diverged":
        events.write(Event("diverged", STEPS, f"the loss left the numbers at step {STEPS}"))
        _tell(run, "diverged", STEPS, {"train.loss": float("nan")})
        sys.exit(1)
    if ending == "crashed":
        os.kill(os.getpid(), signal.SIGKILL)
    events.write(Event("sample", step + 1, "first line\nsecond line"))
    events.write(Event(ending, step + 1, ending))
    _tell(run, ending, step + 1, {"train.loss": 0.025, "eval.accuracy": 0.9, "test.accuracy": 0.97})


def _tell(run: Path, state: str, step: int, metrics: dict[str, float] | None = None) -> None:
    status = Status(
        state,
        step,
        STEPS,
        metrics=metrics or {},
        rate=200.0,
        eta=0.1,
        seconds=step / 200,
        heartbeat=time.time(),
    )
    write_json(run / "status.json", asdict(status))


if __name__ == "__main__":
    work(Path(sys.argv[1]), sys.argv[2])
