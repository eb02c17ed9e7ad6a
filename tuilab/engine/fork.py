"""Going on from another run's checkpoint: its state, made to fit what was changed.

Where nothing was changed nothing is touched, so that a fork's steps are those that the
other run would have made, bit for bit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tuilab import forks, origins, zoo
from tuilab.engine import checkpoint
from tuilab.engine.build import Built
from tuilab.errors import Problem, SpecError, TuilabError
from tuilab.knobs import Value
from tuilab.runs import Run, step_of
from tuilab.spec import Spec
from tuilab.tables import Table, TableWriter
from tuilab.words import counted
from tuilab.zoo.optimizers.groups import change


@dataclass(frozen=True, slots=True)
class Fork:
    """Where a run goes on from, and what it does otherwise."""

    run: Run
    checkpoint: Path
    before: Spec
    """The other run's, as it was at the checkpoint."""
    changed: Mapping[str, Value]
    """By dotted key."""

    @property
    def step(self) -> int:
        """Steps done there."""
        return step_of(self.checkpoint)

    @property
    def text(self) -> str:
        """What to tell a person."""
        return (
            f"goes on from {self.run.id} after {counted(self.step, 'step')}, with its weights, optimizer "
            f"state, position and random numbers; {forks.told(self.changed)}"
        )

    def to_json(self) -> dict[str, Any]:
        """Return all of it as plain values."""
        return {
            "run": self.run.id,
            "checkpoint": self.checkpoint.name,
            "state": True,
            "changed": dict(self.changed),
        }


def find(spec: Spec, home: Path) -> Fork | None:
    """Return where a run goes on from, or None where it is no fork.

    Raises:
        TuilabError: there is no such run or checkpoint, or what differs cannot be changed.
    """
    spec = origins.pinned(spec, home)
    init = origins.origin_of(spec)
    if init is None or not init.get("state"):
        return None
    run = origins.origin_run(home, init["from"])
    folder = origins.checkpoint_of(run, init["checkpoint"])
    before = forks.as_it_was(run, folder, zoo.describe())
    return Fork(run, folder, before, forks.changes(before, spec))


def take_over(fork: Fork, built: Built) -> dict[str, Any]:
    """Put the weights into the model and return the rest of the state, as a checkpoint of the fork has it.

    Raises:
        TuilabError: the weights do not fit, a knob cannot be changed in mid-run, or nothing is left to do.
    """
    try:
        state = checkpoint.load(fork.checkpoint, built.model)
    except RuntimeError as error:
        key = next((key for key in fork.changed if key.startswith("model.")), "model.name")
        raise TuilabError(
            f"{key}: the weights of {fork.run.id} do not fit any more. Leave the model's shape as it was."
        ) from error
    trainer = state["trainer"]
    _optimizer(fork, built, trainer)
    _position(fork, built, trainer)
    _average(built, trainer)
    _patience(fork, built, state["evaluations"])
    ended = ("test.", "int8.")
    state["metrics"] = {name: value for name, value in state["metrics"].items() if not name.startswith(ended)}
    state["settings"] = {}  # they stand in the fork's own spec
    return state


def copy_tables(fork: Fork, folder: Path) -> None:
    """Write what the other run had measured up to the fork, so that curves have their past.

    Raises:
        OSError: the disk is full.
    """
    for path in (*fork.run.path.glob("*.npy"), *fork.run.path.glob("*/*.npy")):
        if path.parent.name == "tables":
            continue  # of an evaluation: the next one writes them
        table = Table(path)
        # A step's row is numbered by the steps before it, an evaluation's by those behind it.
        last = fork.step if path.name == "evals.npy" else fork.step - 1
        rows = table.rows[: int(np.searchsorted(table["step"], last, side="right"))]
        target = folder / path.relative_to(fork.run.path)
        target.parent.mkdir(exist_ok=True)
        target.unlink(missing_ok=True)  # of a worker that was killed while it did this
        writer = TableWriter(target, rows.dtype)
        writer.append(rows)
        writer.close()


def _optimizer(fork: Fork, built: Built, trainer: dict[str, Any]) -> None:
    """Bring the optimizer's memory and knobs together; another optimizer begins with none."""
    if "optimizer.name" not in fork.changed:
        built.optimizer.load_state_dict(trainer["optimizer"])
        for key, value in fork.changed.items():
            table, _, knob = key.partition(".")
            if table != "optimizer" or knob == "lr":  # the rate is set at every step
                continue
            try:
                change(built.optimizer, knob, value)  # type: ignore[arg-type]  # of another type is refused too
            except (KeyError, TypeError) as error:
                raise TuilabError(
                    f"{key}: this optimizer's memory depends on it. Leave it, or choose another optimizer, "
                    "which begins with none."
                ) from error
    trainer["optimizer"] = built.optimizer.state_dict()


def _position(fork: Fork, built: Built, trainer: dict[str, Any]) -> None:
    """Go on at the same sample with batches of another size, and say when it ends."""
    rows = built.data.train.rows
    asked = fork.before.data.batch_size
    size = rows if asked == "full" else min(int(asked), rows)
    epoch, number = divmod(trainer["position"], -(-rows // size))
    per_epoch = -(-rows // built.batch_size)
    done = epoch + number * size / rows
    if size != built.batch_size:
        trainer["position"] = epoch * per_epoch + number * size // built.batch_size
    total, key = built.steps, "train.steps"
    if not built.spec.train.steps:
        key = "train.epochs"
        if {"data.batch_size", "train.accumulate"} & {*fork.changed}:  # so many steps were not of this length
            left = built.spec.train.epochs - done
            total = fork.step + round(left * built.steps_per_epoch)
    if total <= fork.step:
        raise TuilabError(
            f"{key}: {fork.run.id} had done {counted(fork.step, 'step')} there, so nothing is left to train. "
            "Give more, or an earlier checkpoint."
        )
    trainer["total"] = total


def _average(built: Built, trainer: dict[str, Any]) -> None:
    """Begin an average with the weights as they are, or leave one that is not wanted any more."""
    if built.spec.train.ema == "off":
        trainer["average"] = []
    elif not trainer["average"]:
        trainer["average"] = [p.detach().clone() for p in built.model.parameters() if p.requires_grad]


def _patience(fork: Fork, built: Built, evaluations: dict[str, Any]) -> None:
    """Begin to count evaluations, or go on with it, or stop."""
    patience = built.spec.train.early_stop
    if patience == "off":
        evaluations["best_weights"] = None
    elif fork.before.train.early_stop == "off":
        evaluations |= {"lowest": float("inf"), "waited": 0}
    elif evaluations["waited"] >= patience:
        raise SpecError(
            [
                Problem(
                    "train.early_stop",
                    f"{fork.run.id} had run out of patience there ({evaluations['waited']} evaluations). "
                    'Give more, or "off", or an earlier checkpoint.',
                )
            ]
        )
