"""A run is a directory: who reads one starts here.

Every file has exactly one writer, so reading needs no agreement with anybody.
Whether the worker lives is asked of its lock, never guessed from a clock.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tuilab import commands, locks
from tuilab.errors import TuilabError, UnknownName
from tuilab.events import EventReader
from tuilab.json_files import read_json
from tuilab.spec import Spec, trusted
from tuilab.status import LIVE, Status, status_of

if TYPE_CHECKING:
    from tuilab.tables import Table


class Run:
    """Reads one run directory, live or old."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def id(self) -> str:
        """The directory's name."""
        return self.path.name

    @cached_property
    def spec(self) -> Spec:
        """The whole experiment."""
        return trusted((self.path / "spec.toml").read_text(encoding="utf-8"))

    @property
    def meta(self) -> dict[str, Any]:
        """Versions, device, host, parameters; empty until the worker has built the model."""
        return read_json(self.path / "meta.json")

    @property
    def status(self) -> Status:
        """What the worker last said, with its state derived from the lock where it is gone."""
        status = self._said()
        if status.state in LIVE and not self.alive:
            # It may have had its last word between the two looks.
            status = self._said()
            begun = status.state != "queued" or (self.path / "worker.log").exists()
            if status.state in LIVE and begun:
                return replace(status, state="crashed")
        return status

    def _said(self) -> Status:
        return status_of(read_json(self.path / "status.json"))

    @property
    def alive(self) -> bool:
        """Whether a worker holds the lock."""
        return locks.held(self.path)

    @cached_property
    def steps(self) -> "Table":
        """One row a step."""
        return self._table("steps.npy")

    @cached_property
    def evals(self) -> "Table":
        """One row an evaluation."""
        return self._table("evals.npy")

    def layers(self, name: str) -> "Table":
        """Return a table of per-layer statistics: one row a look, a column a layer."""
        return self._table(f"layers/{name}.npy")

    def _table(self, name: str) -> "Table":
        from tuilab.tables import Table  # loads numpy, which a list of runs and a first paint do without

        return Table(self.path / name)

    def events(self) -> EventReader:
        """Return a reader that starts at the first event."""
        return EventReader(self.path / "events.jsonl")

    def send(self, action: str, **values: Any) -> str:
        """Ask the worker for something: pause, continue, stop, checkpoint, set; return the command's id.

        Raises:
            TuilabError: nobody is there to hear it.
        """
        if not self.alive and self.status.state != "queued":
            over = self.status.state == "finished"
            how = (
                "fork {} --set train.steps=N` goes on as a new run"
                if over
                else "resume {}` takes it up again"
            )
            raise TuilabError(
                f"{self.id} is {self.status.state}: no worker is there to {action} it. "
                f"`tuilab {how.format(self.id)}."
            )
        return commands.send(self.path / "commands", commands.Command(action, values))

    @property
    def checkpoints(self) -> list[Path]:
        """The complete checkpoints, oldest first."""
        return sorted((self.path / "checkpoints").glob("step-*"))

    def _origin(self) -> dict[str, Any]:
        """Return the run whose weights, or whole state, this one began with; nothing where it has none."""
        init = self.spec.tables.get("model", {}).get("init")
        return dict(init) if isinstance(init, dict) else {}

    def summary(self) -> dict[str, Any]:
        """Return what `run --json` and `list runs --json` say of a run."""
        status = self.status
        return {
            "run": self.id,
            "path": str(self.path),
            "preset": self.spec.name,
            "origin": self._origin(),
            "state": status.state,
            "steps": status.step,
            "total": status.total,
            "seconds": round(status.seconds, 3),
            "metrics": dict(status.metrics),
            "best": dict(status.best),
        }


def discard(home: Path, run: Run) -> Path:
    """Move a run to the folder `trash` and return where it lies now; nothing is ever lost.

    Raises:
        TuilabError: a worker trains it, or it cannot be moved.
    """
    if run.alive:
        raise TuilabError(f"{run.id} is {run.status.state}: stop it first.")
    place = home / "trash" / run.id
    try:
        place.parent.mkdir(exist_ok=True)
        run.path.rename(place)
    except OSError as error:
        raise TuilabError(f"{run.id} cannot be moved to {place.parent} ({error.strerror}).") from error
    return place


def all_runs(home: Path) -> list[Run]:
    """Return every run, oldest first."""
    found = [(spec.parent.name[:_STAMP], spec.stat().st_mtime_ns, spec.parent) for spec in _specs(home)]
    return [Run(path) for _, _, path in sorted(found)]


_STAMP = len("yyyymmdd-hhmmss")
"""Runs made within one second are told apart by their files' times."""


def _specs(home: Path) -> Iterator[Path]:
    return (home / "runs").glob("[!.]*/spec.toml")


def find(home: Path, reference: str) -> Run:
    """Return the run that is meant: a directory, an id, an unambiguous part of one, or "last".

    Raises:
        TuilabError: none or several fit.
    """
    if Path(reference, "spec.toml").is_file():
        return Run(Path(reference).absolute())
    runs = all_runs(home)
    if not runs:
        raise TuilabError(f"There are no runs under {home} yet. `tuilab run digits-mlp` makes one.")
    if reference == "last":
        return runs[-1]
    fitting = [run for run in runs if reference in run.id]
    exact = [run for run in fitting if run.id == reference]
    if len(exact or fitting) == 1:
        return (exact or fitting)[0]
    if not fitting:
        raise UnknownName("run", reference, [run.id for run in runs[-8:]])
    shown = ", ".join(run.id for run in fitting[-8:])
    raise TuilabError(f"{reference!r} fits {len(fitting)} runs: {shown}. Give more of the name.")


def step_of(checkpoint: Path) -> int:
    """Return the steps done when a checkpoint was written."""
    return int(checkpoint.name.removeprefix("step-"))
