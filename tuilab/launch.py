"""From a spec to a run that trains, refusing what cannot work before there is a run.

One worker does both: it imports torch, builds what the spec names, says what is
wrong with it, and where nothing is becomes the new run's worker. So the check
costs one forward pass, and no second import.
"""

import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from tuilab import new_run, supervise
from tuilab.errors import Problem, SpecError
from tuilab.origins import pinned
from tuilab.runs import Run
from tuilab.spec import Spec, dumps

Worker = subprocess.Popen[bytes]

_PATIENCE = 10.0
"""Seconds for a worker to take up a run: it takes a lock and opens a log."""


class Launch:
    """A worker on its way to a run. It imports torch while its owner does something else."""

    def __init__(self, home: Path, own_files: Sequence[Path], spec: Spec) -> None:
        """Start a worker and have it check a spec.

        Raises:
            OSError: no process can be started.
            TuilabError: the run that it is to start from is not there.
        """
        spec = pinned(spec, home)
        self._home, self._own_files, self._spec = home, own_files, spec
        self._standby = supervise.Standby(home, own_files)
        self._checked: SimpleQueue[dict[str, Any]] = SimpleQueue()
        self._standby.ask("check", self._checked.put, spec=dumps(spec))

    def check(self) -> str:
        """Wait for the verdict; return what is to be known before the run, such as that data are fetched.

        A worker that died without a verdict is no fault of the spec's: the run tells of it.

        Raises:
            SpecError: the parts do not fit each other.
        """
        said = self._checked.get()
        problems = [Problem(key, message) for key, message in said.get("problems", ())]
        if problems:
            self._standby.close()
            raise SpecError(problems)
        return str(said.get("answer", {}).get("note", ""))

    def begin(self, name: str) -> tuple[Run, Worker]:
        """Make a run's directory and have the worker take it up; return both.

        Raises:
            TuilabError: the home cannot be written, or the name cannot be a directory's.
        """
        run = new_run.create(self._home, self._spec, name)
        taken: SimpleQueue[dict[str, Any]] = SimpleQueue()
        self._standby.ask("run", taken.put, path=str(run.path))
        taken_up = "answer" in taken.get()
        self._standby.close()  # whichever it was, nothing more is asked of it
        if not taken_up:
            return run, supervise.start(run, self._home, self._own_files)
        worker = self._standby.process
        deadline = time.monotonic() + _PATIENCE
        while not run.alive and worker.poll() is None and time.monotonic() < deadline:
            time.sleep(0.005)
        return run, worker
