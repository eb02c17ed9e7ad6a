"""All that a run is made of, as one thing that is saved and restored.

The trainer and what hangs on it: tables, clock, intervals, the best evaluation.
The session decides when; here stands how.
"""

import contextlib
import os
import platform
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

import tuilab
from tuilab import zoo
from tuilab.engine import checkpoint, devices
from tuilab.engine.build import Built, build
from tuilab.engine.evaluate import evaluate
from tuilab.engine.layers import LayerNorms
from tuilab.engine.progress import Progress
from tuilab.engine.recorder import Clock, Recorder
from tuilab.engine.trainer import Trainer
from tuilab.events import Event, EventReader
from tuilab.runs import Run
from tuilab.tables import TableWriter

Tell = Callable[..., None]
"""Writes an event: kind, text, and data by name."""

_AUTO_EVALS = 50
_AUTO_CHECKPOINTS = 10
_AUTO_SAMPLES = 10


@dataclass
class Best:
    """The evaluations so far, as early stopping sees them."""

    loss: float = float("inf")
    waited: int = 0
    """Evaluations since the loss was lowest."""
    weights: dict[str, torch.Tensor] | None = None
    """Of that evaluation; kept only where the run will go back to them."""


class Training:
    """A built experiment with its tables, ready to be pulled step by step."""

    def __init__(self, run: Run, home: Path, progress: Progress) -> None:
        """Build everything the run's spec names and open its tables.

        Raises:
            TuilabError: the parts do not fit each other, or the data are not to be had.
        """
        self._run = run
        self._progress = progress
        self.spec = run.spec
        self.catalog = zoo.describe()
        self.built: Built = build(self.spec, home / "data")
        self.trainer = Trainer(self.built)
        self.clock = Clock()
        self.settings: dict[str, Any] = {}
        """What was changed while the run went on, by dotted key."""
        self._replay: deque[Event] = deque()
        self._best = Best()
        task, device = self.built.data.task, self.built.device
        every = self.spec.probes.layers
        self._layers = None if every == "off" else LayerNorms(run.path, self.built.model, every, device)
        names = list(task.step_values(self.built.model))
        self._recorder = Recorder(run.path, names, device, self.clock, self._layers)
        columns = [
            ("step", "<i8"),
            ("split", "S5"),
            ("loss", "<f4"),
            *((name, "<f4") for name in task.metrics),
        ]
        self._evals = TableWriter(run.path / "evals.npy", np.dtype(columns))
        train, total = self.spec.train, self.built.steps
        self._eval_every = _interval(train.eval_every, total, _AUTO_EVALS)
        self._checkpoint_every = _interval(train.checkpoint_every, total, _AUTO_CHECKPOINTS)
        self._sample_every = _interval(train.sample_every, total, _AUTO_SAMPLES)
        self._evaluated_at = self._sampled_at = self._saved_at = -1

    # -- pulled by the session ------------------------------------------------

    @property
    def step(self) -> int:
        """Steps done."""
        return self.trainer.step

    @property
    def diverged_at(self) -> int | None:
        """The first step whose loss was not finite, once it is known."""
        return self._recorder.diverged_at

    @property
    def out_of_patience(self) -> bool:
        """Whether early stopping has seen enough."""
        patience = self.spec.train.early_stop
        return patience != "off" and self._best.waited >= patience

    def steps(self) -> Iterator[int]:
        """Train, yielding after each step."""
        return self.trainer.steps(self._recorder)

    @property
    def flush_due(self) -> bool:
        """Whether readers have waited long enough."""
        return self._recorder.due

    def flush(self, wait: bool = False) -> None:
        """Bring the tables up to date."""
        self._recorder.flush(wait)
        if self._recorder.last:
            newest = self._recorder.last
            self._progress.metrics.update({"train.loss": newest["loss"], "grad_norm": newest["grad_norm"]})
            self._progress.metrics["lr"] = newest["lr"]

    @property
    def evaluation_due(self) -> bool:
        """Whether the split "eval" is to be looked at now."""
        return self.step != self._evaluated_at and _is_due(self._eval_every, self.step)

    @property
    def sample_due(self) -> bool:
        """Whether the model is to be asked for samples now."""
        return self.step != self._sampled_at and _is_due(self._sample_every, self.step)

    @property
    def checkpoint_due(self) -> bool:
        """Whether everything is to be saved now."""
        return self.step != self._saved_at and _is_due(self._checkpoint_every, self.step)

    def evaluate(self, split: str) -> dict[str, float]:
        """Look at a split, write it down, and keep the best."""
        self._evaluated_at = self.step if split == "eval" else self._evaluated_at
        task, average = self.built.data.task, self.trainer.average
        with average.in_place() if average is not None else contextlib.nullcontext():
            metrics = evaluate(
                self.built.model,
                task,
                self.built.loss_fn,
                self.built.data.split(split),
                self.built.eval_batch_size,
                self.built.device,
            )
        row = np.zeros(1, dtype=self._evals.dtype)
        row["step"], row["split"] = self.step, split.encode()
        for name, value in metrics.items():
            row[name] = value
        self._evals.append(row)
        self._progress.metrics.update({f"{split}.{name}": value for name, value in metrics.items()})
        if split == "eval":
            self._keep_best(metrics)
        return metrics

    def sample(self, tell: Tell) -> None:
        """Let the model show what it has learned, where its task knows how."""
        self._sampled_at = self.step
        for text in self.built.data.task.sample(self.built.model, self.built.device):
            tell("sample", text)

    def finish(self, tell: Tell) -> str:
        """Look a last time, at the test split too, save, and return what to say of it."""
        if self._eval_every and self._evaluated_at != self.step:
            self.evaluate("eval")
        if self._best.weights is not None:
            self.built.model.load_state_dict(self._best.weights)
        metrics = self.evaluate("test")
        if self._sample_every and self._sampled_at != self.step:
            self.sample(tell)
        if self._checkpoint_every:
            self.save()
        name = self.built.data.task.metrics[0]
        early = " early" if self.step < self.trainer.total else ""
        return (
            f"finished{early} after {self.step} steps in {self.clock.seconds:.1f} s: "
            f"test loss {metrics['loss']:.4g}, {name} {metrics[name]:.4g}"
        )

    # -- saved and restored ---------------------------------------------------

    def save(self) -> Path:
        """Write a checkpoint.

        Raises:
            OSError: the disk is full.
        """
        self._saved_at = self.step
        return checkpoint.save(self._run.path / "checkpoints", self.step, self.built.model, self._state())

    def restore(self) -> bool:
        """Go on where the run was left; return whether it had begun at all.

        Tables are taken back to the checkpoint, and what was changed after it is
        noted, to be changed again at the same step: so the run becomes what it
        would have been.
        """
        saved = checkpoint.latest(self._run.path / "checkpoints")
        if saved is not None:
            self._load(checkpoint.load(saved, self.built.model))
        began = self._recorder.rewind(self.step)
        self._evals.rewind(self.step + 1 if saved else 0)
        events = EventReader(self._run.path / "events.jsonl").read(limit=sys.maxsize)
        later = [event for event in events if event.kind == "command" and event.step >= self.step]
        self._replay = deque(sorted(later, key=lambda event: event.step))
        return began or saved is not None

    def replay(self) -> Iterator[dict[str, Any]]:
        """Yield the changes that were made at this step before the run was interrupted."""
        while self._replay and self._replay[0].step <= self.step:
            yield dict(self._replay.popleft().data)

    def _state(self) -> dict[str, Any]:
        return {
            "trainer": self.trainer.state(),
            "random": devices.random_state(),
            "seconds": self.clock.seconds,
            "settings": self.settings,
            "metrics": self._progress.metrics,
            "best": self._progress.best,
            "best_loss": self._best.loss,
            "waited": self._best.waited,
            "best_weights": self._best.weights,
            "evaluated_at": self._evaluated_at,
            "sampled_at": self._sampled_at,
            "normalizer": self.built.prepared.normalizer.state_dict(),
        }

    def _load(self, state: dict[str, Any]) -> None:
        from tuilab.engine.commands import restore_settings

        self.trainer.restore(state["trainer"])
        restore_settings(self.trainer, state["settings"])
        self.settings = state["settings"]
        devices.restore_random_state(state["random"])
        self.clock = Clock(state["seconds"])
        self._recorder.set_clock(self.clock)
        self._progress.metrics.update(state["metrics"])
        self._progress.best.update(state["best"])
        self._best = Best(state["best_loss"], state["waited"], state["best_weights"])
        self._evaluated_at, self._sampled_at = state["evaluated_at"], state["sampled_at"]
        self._saved_at = self.step

    def _keep_best(self, metrics: dict[str, float]) -> None:
        task, best = self.built.data.task, self._progress.best
        name = task.metrics[0]
        sign = 1 if task.higher_is_better else -1
        if not best or sign * metrics[name] > sign * best["value"]:
            best.update(metric=f"eval.{name}", value=metrics[name], step=self.step)
        if metrics["loss"] < self._best.loss:
            keeps = self.spec.train.early_stop != "off"
            weights = self.built.model.state_dict() if keeps else {}
            copied = {key: value.detach().clone() for key, value in weights.items()}
            self._best = Best(metrics["loss"], 0, copied or None)
        else:
            self._best.waited += 1

    # -- said -----------------------------------------------------------------

    def report(self, state: str) -> None:
        """Say how it stands, if that is due."""
        self._progress.update(
            state,
            step=self.step,
            samples=round(self.trainer.epoch * self.built.data.train.rows),
            seconds=self.clock.seconds,
            total=self.trainer.total,
            epoch=self.trainer.epoch,
            steps_per_epoch=self.built.steps_per_epoch,
            device=str(self.built.device),
        )

    def opening(self, resumed: bool) -> str:
        """Return the first event's text."""
        if resumed:
            return f"taken up at step {self.step} of {self.trainer.total}"
        rows = self.built.data.train.rows
        return f"{self.trainer.total} steps over {rows} samples on {devices.describe(self.built.device)}"

    def meta(self, started: float) -> dict[str, Any]:
        """Return what `meta.json` holds."""
        task, model = self.built.data.task, self.built.model
        return {
            "started": started,
            "seed": self.spec.train.seed,
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "device": devices.describe(self.built.device),
            "threads": torch.get_num_threads(),
            "versions": {
                "tuilab": tuilab.__version__,
                "python": platform.python_version(),
                "torch": torch.__version__,
                "numpy": np.__version__,
            },
            "git": _git_commit(),
            "parameters": sum(parameter.numel() for parameter in model.parameters()),
            "task": task.name,
            "metrics": list(task.metrics),
            "metric": task.metrics[0],
            "higher_is_better": task.higher_is_better,
            "rows": {name: self.built.data.split(name).rows for name in ("train", "eval", "test")},
            "batch_size": self.built.batch_size,
            "layers": [] if self._layers is None else self._layers.names,
            "notes": dict(self.built.data.notes),
        }


def _interval(asked: int | str, total: int, parts: int) -> int:
    """Return steps between two of something; 0 for never."""
    if asked == "off":
        return 0
    return max(1, total // parts) if asked == "auto" else int(asked)


def _is_due(every: int, step: int) -> bool:
    return every > 0 and step > 0 and step % every == 0


def _git_commit() -> str:
    """Return the commit of the folder the run was started from, or nothing."""
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        asked = subprocess.run(
            ["git", "rev-parse", "HEAD"], capture_output=True, text=True, timeout=2, check=True
        )
        return asked.stdout.strip()
    return ""
