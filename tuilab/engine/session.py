"""One worker's time with one run: from the lock to the last word.

The trainer pulls steps; between them the session does what is due: evaluate,
sample, save, obey, say how it stands. Whatever happens, the run ends with a
state and an event that says why.
"""

import contextlib
import os
import signal
import time
import traceback
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import IO, Any

from tuilab import commands, zoo
from tuilab.commands import Command
from tuilab.engine import checkpoint, ending
from tuilab.engine import commands as steering
from tuilab.engine.meta import meta
from tuilab.engine.progress import Progress
from tuilab.engine.reasons import reason
from tuilab.engine.training import Training
from tuilab.errors import TuilabError
from tuilab.events import Event, EventWriter
from tuilab.json_files import write_json
from tuilab.new_run import RESERVE, RESERVE_BYTES
from tuilab.runs import Run
from tuilab.words import arrived, counted
from tuilab.zoo.sources.watch import Stopped, watching

_FETCH_SECONDS = 3.0
"""Between two events about data that are being fetched."""

_PAUSE_SECONDS = 0.05
"""Between two looks for commands while paused."""


class Session:
    """Trains a run until it is finished, stopped, diverged or failed."""

    def __init__(self, run: Run, home: Path, lock: IO[bytes]) -> None:
        """Begin to write the run's files.

        Args:
            run: what is trained.
            home: where data are kept.
            lock: the run's, held by this process and nobody else.
        """
        self._run = run
        self._home = home
        self._lock = lock
        self._events = EventWriter(run.path / "events.jsonl")
        self._progress = Progress(run.path, replace(run.status, pid=os.getpid()))
        self._stop = False
        self._save = False
        self._paused = False
        self._training: Training | None = None
        self._early: list[Command] = []
        self._told = 0.0

    def train(self, own_files: Sequence[Path] = ()) -> str:
        """Train, and return the state the run ended in."""
        signal.signal(signal.SIGTERM, self._ask_to_stop)
        reserve = self._run.path / RESERVE
        try:
            self._progress.write("starting", rate=0.0, samples_rate=0.0, eta=None)
            if not reserve.exists():
                reserve.write_bytes(b"\0" * RESERVE_BYTES)
            with self._progress.beating():
                zoo.load(own_files)
                state, text, data = self._train()
        except Stopped as error:
            state, text, data = "stopped", str(error), {}
        except TuilabError as error:
            state, text, data = "failed", str(error), {}
        except MemoryError as error:
            state, text, data = "failed", f"out of memory: {error}", {"traceback": traceback.format_exc()}
        except (Exception, SystemExit) as error:
            reserve.unlink(missing_ok=True)  # the log may lie on the disk that is full
            with contextlib.suppress(OSError):
                traceback.print_exc()
            state, data = "failed", {"traceback": traceback.format_exc()}
            step = None if self._training is None else self._training.step
            text = reason(error, self._run, step)
        reserve.unlink(missing_ok=True)
        self._event(state, text, **data)
        # The state comes after the last word: who sees it ended finds out why.
        if self._training is None:
            self._progress.write(state)
        else:
            with contextlib.suppress(Exception):  # what was trained before it failed still counts
                self._training.flush(wait=True)
            self._training.report(state)
            self._training.close()
        self._events.close()
        self._lock.close()
        return state

    def _train(self) -> tuple[str, str, dict[str, Any]]:
        """Run to the end; return the state, the last word and what a program may want of it."""
        started = self._run.meta.get("started", time.time())
        with self._progress.busy("getting data and model"), watching(self._fetching, self._stopped_early):
            training = self._training = Training(self._run, self._home, self._progress)
        write_json(
            self._run.path / "meta.json", {**meta(training.built, started), "fast": asdict(training.fast)}
        )
        resumed = training.restore()
        self._event("resumed" if resumed else "started", training.opening(resumed))
        if training.fast.text and (training.fast.lost or not resumed):
            self._event("steps", training.fast.text)
        if training.transfer is not None and not resumed:
            self._event("origin", training.transfer.text, **training.transfer.to_json())
        self._replay(training)
        self._listen(training)
        for _ in () if self._stop or training.out_of_patience else training.steps():
            if training.flush_due:
                training.flush()
                self._listen(training)
            self._do_what_is_due(training)
            while self._paused and not self._stop:
                time.sleep(_PAUSE_SECONDS)
                self._listen(training)
                self._do_what_is_due(training)
            if self._stop or training.out_of_patience or training.diverged_at is not None:
                break
            self._replay(training)
        training.flush(wait=True)
        self._tell_news(training)
        if training.diverged_at is not None:
            return self._diverged(training)
        if self._stop and training.step < training.trainer.total:
            self._checkpoint(training)
            return "stopped", f"stopped by request after {counted(training.step, 'step')}", {}
        text = ending.finish(training, self._event)
        return "finished", text, dict(self._progress.metrics)

    def _fetching(self, done: int, total: int, source: str) -> None:
        """Tell now and then how far the data are that have to be fetched first."""
        if time.monotonic() - self._told >= _FETCH_SECONDS:
            self._told = time.monotonic()
            self._event("fetching", arrived(done, total, source))

    def _stopped_early(self) -> bool:
        """Return whether the run was asked to stop before it could begin; keep what else was asked."""
        found = commands.take(self._run.path / "commands")
        self._early += [command for command in found if command.action != "stop"]
        self._stop = self._stop or any(command.action == "stop" for command in found)
        return self._stop

    def _do_what_is_due(self, training: Training) -> None:
        """Evaluate, sample and save, in this order, so that a checkpoint holds what was seen."""
        step = training.step
        if not (self._save or training.due(step)):
            return
        training.flush(wait=True)  # readers see the steps before what may take long
        if training.diverged_at is not None:
            return  # weights that are not numbers are not worth a look
        if training.evaluation.due(step):
            training.evaluate("eval")
        if training.sampling.due(step):
            training.sample(self._event)
        if training.saving.due(step) or self._save:
            self._checkpoint(training)

    def _replay(self, training: Training) -> None:
        """Change again what was changed at this step before the run was interrupted."""
        for values in training.replay.due(training.step):
            steering.apply(training.trainer, training.catalog, training.settings, values)

    def _listen(self, training: Training) -> None:
        """Obey what screens have asked for since the last look, and say how it stands."""
        early, self._early = self._early, []
        for command in [*early, *commands.take(self._run.path / "commands")]:
            self._obey(training, command)
        self._tell_news(training)
        training.report("paused" if self._paused else "running")

    def _tell_news(self, training: Training) -> None:
        """Say how steps run, where that is not as a reader would expect."""
        while training.trainer.news:
            self._event("steps", training.trainer.news.pop(0))

    def _obey(self, training: Training, command: Command) -> None:
        match command.action:
            case "pause" if not self._paused:
                self._paused = True
                training.clock.pause()
                self._event("paused", "paused by request")
            case "continue" if self._paused:
                self._paused = False
                training.clock.go_on()
                self._event("continued", "goes on")
            case "stop":
                self._stop = True
            case "checkpoint":
                self._save = True
            case "set":
                self._set(training, dict(command.values), command.id)

    def _set(self, training: Training, values: dict[str, Any], answers: str = "") -> None:
        try:
            understood = steering.apply(training.trainer, training.catalog, training.settings, values)
        except TuilabError as error:
            self._event("refused", str(error), answers=answers)
            return
        shown = ", ".join(f"{key} = {value}" for key, value in understood.items())
        training.replay.forget(understood)
        self._event("command", f"set {shown}", answers=answers, **understood)

    def _checkpoint(self, training: Training) -> None:
        """Save all that the run is made of."""
        self._save = False
        training.flush(wait=True)
        if training.diverged_at is None:  # weights that are not numbers are of no use to anyone
            self._event("checkpoint", f"saved {training.save().name}")

    def _diverged(self, training: Training) -> tuple[str, str, dict[str, Any]]:
        step = training.diverged_at or 0
        self._events.write(Event("nan", step, f"the loss at step {step} is not a finite number"))
        saved = checkpoint.latest(self._run.path / "checkpoints")
        hint = f"; {saved.name} is from before" if saved else ""
        return "diverged", f"the loss left the numbers at step {step}: lower the learning rate{hint}", {}

    def _event(self, kind: str, text: str, answers: str = "", **data: Any) -> None:
        step = self._training.step if self._training is not None else 0
        self._events.write(Event(kind, step, text, data, answers=answers))

    def _ask_to_stop(self, *_: Any) -> None:
        self._stop = True
