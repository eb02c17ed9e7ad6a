"""All that a run is made of, as one thing that is pulled, saved and restored.

The trainer and what hangs on it: tables, clock, evaluations, what was changed on
the way. The session decides when; here stands how.
"""

import contextlib
import gc
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tuilab import zoo
from tuilab.engine import checkpoint, compiled, devices, fork, reuse
from tuilab.engine.build import Built, build
from tuilab.engine.commands import restore_settings
from tuilab.engine.evaluations import Evaluations
from tuilab.engine.every import Every
from tuilab.engine.fast import choice
from tuilab.engine.freeze import trained_share
from tuilab.engine.probes.watch import Watch
from tuilab.engine.progress import Progress
from tuilab.engine.recorder import Clock, Recorder
from tuilab.engine.replay import Replay
from tuilab.engine.trainer import Trainer
from tuilab.runs import Run
from tuilab.words import counted

Tell = Callable[..., None]
"""Writes an event: kind, text, and data by name."""

_AUTO_EVALS = 50
_AUTO_CHECKPOINTS = 10
_AUTO_SAMPLES = 10


class Training:
    """A built experiment with its tables, ready to be pulled step by step."""

    def __init__(self, run: Run, home: Path, progress: Progress) -> None:
        """Build everything the run's spec names and open its tables.

        Raises:
            TuilabError: the parts do not fit each other, or the data are not to be had.
        """
        self.run, self.home, self.progress = run, home, progress
        self.catalog = zoo.describe()
        self.built: Built = build(run.spec, home / "data")
        # Once it has saved its own, a run no longer needs the one that it started from.
        saved = checkpoint.latest(run.path / "checkpoints")
        self._fork = None if saved else fork.find(run.spec, home)
        self.transfer = None if saved else self._fork or reuse.start(self.built.model, run.spec, home)
        """What was taken over from another run, where this one starts from its weights or whole state."""
        source = (self._fork.run, self._fork.checkpoint) if self._fork else (run, saved)
        self.fast = choice.take(self.built, home, choice.recorded(*source))
        """What makes its steps faster than plain PyTorch, as `meta.json` keeps it."""
        self.trainer = Trainer(self.built)
        if self._fork is not None:
            fork.copy_tables(self._fork, run.path)
        self.evaluations = Evaluations(run.path, self.built)
        self.settings: dict[str, Any] = {}
        """What was changed while the run went on, by dotted key."""
        self.replay = Replay()
        """What was changed after the checkpoint, to be changed again at the same step."""
        train, total = self.built.spec.train, self.built.steps
        self._patience = train.early_stop
        self.evaluation = Every(train.eval_every, total, _AUTO_EVALS)
        self.sampling = Every(train.sample_every, total, _AUTO_SAMPLES)
        self.saving = Every(train.checkpoint_every, total, _AUTO_CHECKPOINTS)
        device, model = self.built.device, self.built.model
        self._watch = Watch(run.path, self.built.spec.probes, model, device, progress.busy, self.flush)
        names = list(self.built.data.task.step_values(model))
        self.clock = Clock()
        self._recorder = Recorder(run.path, names, device, self.clock)
        self.trainer.batches.meanwhile = self._show_late_steps

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
        return self._patience != "off" and self.evaluations.waited >= self._patience

    def due(self, step: int) -> bool:
        """Whether a look, a sample or a checkpoint is due after so many steps."""
        return self.evaluation.due(step) or self.sampling.due(step) or self.saving.due(step)

    @property
    def flush_due(self) -> bool:
        """Whether readers have waited long enough."""
        return self._recorder.due

    def steps(self) -> Iterator[int]:
        """Train, yielding after each step.

        What is there by now stays to the end: Python need not look through it for garbage again
        and again, which costs a model of 10,000 layers a twentieth of its time.
        """
        gc.freeze()
        try:
            yield from self.trainer.steps(self._recorder, self._watch)
        finally:
            gc.unfreeze()

    def flush(self, wait: bool = False) -> None:
        """Bring the tables up to date; `wait` for every step that was taken."""
        self._recorder.flush(wait)
        self._watch.flush(wait, self._recorder.diverged_at)
        newest = self._recorder.last
        if newest:
            self.progress.metrics.update(
                {"train.loss": newest["loss"], "grad_norm": newest["grad_norm"], "lr": newest["lr"]}
            )

    def _show_late_steps(self) -> None:
        """Let readers see the steps that were done, while the next one waits for its batch."""
        if self._recorder.late:
            self.flush()

    def evaluate(self, split: str) -> dict[str, float]:
        """Look at a split, with the averaged weights where there are any."""
        average = self.trainer.average
        averaged = average.in_place() if average is not None else contextlib.nullcontext()
        with averaged, self.progress.busy(f"evaluating {split}"):
            metrics = self.evaluations.look(split, self.step)
        if split == "eval":
            self.evaluation.last = self.step
            self.trainer.rate.saw(metrics["loss"])
        self.progress.metrics.update({f"{split}.{name}": value for name, value in metrics.items()})
        self.progress.best = self.evaluations.best
        return metrics

    def sample(self, tell: Tell) -> None:
        """Let the model show what it has learned, where its task knows how."""
        self.sampling.last = self.step
        with compiled.as_written(self.built.model), self.progress.busy("sampling"):
            shown = self.built.data.task.sample(self.built.model, self.built.device)
        for made in shown:
            tell("sample", made.text, **made.data)

    def report(self, state: str) -> None:
        """Say how it stands, if that is due."""
        self.progress.update(
            state,
            step=self.step,
            samples=round(self.trainer.epoch * self.built.data.train.rows),
            seconds=self.clock.seconds,
            total=self.trainer.total,
            epoch=self.trainer.epoch,
            steps_per_epoch=self.built.steps_per_epoch,
            device=str(self.built.device),
            probe_cost=self._watch.costs(self.clock.seconds),
        )

    def opening(self, resumed: bool) -> str:
        """Return the first event's text."""
        if resumed:
            return f"taken up at step {self.step} of {self.trainer.total}"
        rows = self.built.data.train.rows
        steps, samples = counted(self.trainer.total, "step"), counted(rows, "sample")
        where = devices.describe(self.built.device)
        trained, whole = trained_share(self.built.model)
        said = f"{steps} over {samples} on {where}"
        if trained == whole:
            return said
        return f"{said}; {trained:,} of {whole:,} weights are trained ({trained / whole:.1%})"

    def save(self) -> Path:
        """Write a checkpoint.

        Raises:
            OSError: the disk is full.
        """
        self.saving.last = self.step
        with self.progress.busy("saving"):
            return checkpoint.save(self.run.path / "checkpoints", self.step, self.built.model, self._state())

    def restore(self) -> bool:
        """Go on where the run was left; return whether it had begun at all.

        Tables are taken back to the checkpoint, and what was changed after it is
        noted, to be changed again at the same step: so the run becomes what it
        would have been.
        """
        saved = checkpoint.latest(self.run.path / "checkpoints")
        if saved is not None:
            self._load(checkpoint.load(saved, self.built.model))
        elif self._fork is not None:
            self._load(fork.take_over(self._fork, self.built))
        began = self._recorder.rewind(self.step)
        self._watch.rewind(self.step)
        # An evaluation at the checkpoint's own step came before it was written, if there was one.
        seen = self.step > 0 and self.evaluation.last == self.step
        self.evaluations.rewind(self.step + 1 if seen else self.step)
        self.replay = Replay(self.run, self.step)
        if saved is None and self._fork is not None:
            self.save()  # from here on it needs the other run no more
            return False
        return began or saved is not None

    def close(self) -> None:
        """Give the files back."""
        # And let go of what refers to this: Python would look late for garbage as old as the run.
        self.trainer.batches.meanwhile = self._watch.show = lambda: None
        self.trainer.graph = None
        self.trainer.batches.close()
        self._recorder.close()
        self._watch.close()
        self.evaluations.close()

    def _state(self) -> dict[str, Any]:
        return {
            "trainer": self.trainer.state(),
            "fast": asdict(self.fast),
            "random": devices.random_state(),
            "seconds": self.clock.seconds,
            "probe_seconds": self._watch.seconds,
            "probes": self._watch.state(),
            "settings": self.settings,
            "metrics": self.progress.metrics,
            "evaluations": self.evaluations.state(),
            "evaluated_at": self.evaluation.last,
            "sampled_at": self.sampling.last,
            "normalizer": self.built.prepared.normalizer.state_dict(),
        }

    def _load(self, state: dict[str, Any]) -> None:
        self.trainer.restore(state["trainer"])
        self.settings = state["settings"]
        restore_settings(self.trainer, self.settings)
        devices.restore_random_state(state["random"])
        self.clock = Clock(state["seconds"])
        self._recorder.set_clock(self.clock)
        self._watch.go_on_from(state.get("probe_seconds", {}))  # older checkpoints do not say
        self._watch.restore(state.get("probes", {}), self.trainer)
        self.progress.metrics.update(state["metrics"])
        self.evaluations.restore(state["evaluations"])
        self.progress.best = self.evaluations.best
        self.evaluation.last, self.sampling.last = state["evaluated_at"], state["sampled_at"]
        self.saving.last = self.step
