"""Run directories for screen tests, written by the real writers; nothing here knows torch."""

import fcntl
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

import numpy as np

from tuilab import new_run
from tuilab.events import Event, EventWriter
from tuilab.json_files import write_json
from tuilab.runs import Run
from tuilab.spec import Spec
from tuilab.status import Status
from tuilab.tables import TableWriter

STEPS = np.dtype(
    [
        ("step", "<i8"),
        ("time", "<f8"),
        ("epoch", "<f4"),
        ("loss", "<f4"),
        ("lr", "<f4"),
        ("grad_norm", "<f4"),
        ("samples_per_second", "<f4"),
    ]
)
EVALS = np.dtype([("step", "<i8"), ("split", "S5"), ("loss", "<f4"), ("accuracy", "<f4")])


def spec(total: int = 1000, schedule: str = "cosine") -> Spec:
    """An experiment of so many steps."""
    knobs: Mapping[str, Any] = {"cosine": {"warmup": 0.05, "floor": 0.0}}.get(schedule, {"warmup": 0.0})
    return Spec(
        {
            "data": {"name": "digits", "batch_size": 64},
            "model": {"name": "mlp", "width": [128, 64]},
            "loss": {"name": "cross-entropy"},
            "optimizer": {"name": "adamw", "lr": 3e-3},
            "schedule": {"name": schedule, **knobs},
            "train": {"steps": total},
            "probes": {"layers": 10},
        },
        {"name": "digits-mlp"},
    )


class Written:
    """A run directory and its writers: a worker without a network."""

    def __init__(self, home: Path, total: int = 1000, evals: np.dtype[Any] = EVALS) -> None:
        self.total = total
        self.run: Run = new_run.create(home, spec(total))
        self.steps = TableWriter(self.run.path / "steps.npy", STEPS)
        self.evals = TableWriter(self.run.path / "evals.npy", evals)
        self.events = EventWriter(self.run.path / "events.jsonl")
        self._lock: IO[bytes] | None = None
        self.done = 0

    def hold(self) -> None:
        """Be alive."""
        self._lock = (self.run.path / "lock").open("ab")
        fcntl.flock(self._lock, fcntl.LOCK_EX)

    def die(self) -> None:
        """Be gone, as after kill -9."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def close(self) -> None:
        """Give all files back."""
        self.die()
        self.steps.close()
        self.evals.close()
        self.events.close()

    def meta(self, metric: str = "accuracy", **more: Any) -> None:
        """Say what the run is."""
        write_json(
            self.run.path / "meta.json",
            {
                "task": "classification",
                "metrics": [metric],
                "parameters": 17226,
                "rows": {"train": 46 * 64},
                "device": "cpu",
                "metric": metric,
                "higher_is_better": True,
                "layers": [f"{n}.weight" for n in range(6)],
                **more,
            },
        )

    def advance(
        self, steps: int, *, spike_at: int = -1, nan_from: int = 1 << 62, block: int = 1 << 20
    ) -> None:
        """Append so many steps of a plausible training, and evaluations on the way."""
        end = self.done + steps
        while self.done < end:
            count = min(block, end - self.done)
            self.steps.append(rows(self.done, count, self.total, spike_at, nan_from))
            self.done += count

    def evaluate(self, step: int, split: str = "eval") -> None:
        """Append an evaluation."""
        value = math.exp(-step / self.total * 6) * 2.1 + 0.12
        row = np.zeros(1, self.evals.dtype)
        row["step"], row["split"], row["loss"] = step, split, value
        score = (self.evals.dtype.names or ())[3]
        row[score] = math.exp(value) if score == "perplexity" else 1 - value / 2.4
        self.evals.append(row)

    def look_at_layers(self, layers: int = 6, every: int = 10) -> None:
        """Append per-layer gradient norms of all steps so far."""
        dtype = np.dtype([("step", "<i8"), ("value", "<f4", (layers,))])
        (self.run.path / "layers").mkdir(exist_ok=True)
        table = TableWriter(self.run.path / "layers" / "grad_norm.npy", dtype)
        block = np.zeros(len(range(0, self.done, every)), dtype)
        block["step"] = range(0, self.done, every)
        for n in range(layers):
            decay = np.exp(-block["step"] / self.total * (2 + n))
            block["value"][:, n] = 0.02 * (n + 1) + decay * (1 + 0.3 * np.sin(block["step"] * (n + 1)))
        table.append(block)
        table.close()

    def tell(self, kind: str, step: int, text: str, **data: Any) -> None:
        """Append an event."""
        self.events.write(Event(kind, step, text, data))

    def status(self, state: str, **more: Any) -> None:
        """Replace the status."""
        values: dict[str, Any] = {
            "state": state,
            "step": self.done,
            "total": self.total,
            "epoch": self.done / 46,
            "steps_per_epoch": 46.0,
            "rate": 412.0,
            "samples_rate": 26_000.0,
            "eta": (self.total - self.done) / 412,
            "seconds": self.done / 412,
            "device": "cpu",
            "best": {"metric": "eval.accuracy", "value": 0.978, "step": self.done // 2},
            **more,
        }
        write_json(self.run.path / "status.json", asdict(Status(**values)))


def rows(
    first: int, count: int, total: int, spike_at: int = -1, nan_from: int = 1 << 62
) -> np.ndarray[Any, Any]:
    """Return steps of a plausible training: the same for the same step, however they are cut."""
    step = np.arange(first, first + count)
    block = np.zeros(count, STEPS)
    noise = np.sin(step * 12.9898) * 43758.5453 % 1 - 0.5
    progress = step / total
    block["step"], block["time"], block["epoch"] = step, step / 412, step / 46
    block["loss"] = (2.2 * np.exp(-progress * 7) + 0.08) * (1 + 0.35 * noise)
    block["lr"] = 3e-3 * np.minimum(
        progress / 0.05, (1 + np.cos(np.pi * np.clip((progress - 0.05) / 0.95, 0, 1))) / 2
    )
    block["grad_norm"] = (1.5 + 2 * np.exp(-progress * 9)) * (1 + 0.6 * np.roll(noise, 1))
    block["samples_per_second"] = 26_000 + 900 * noise
    if first <= spike_at < first + count:
        block["loss"][spike_at - first], block["grad_norm"][spike_at - first] = 9.0, 80.0
    block["loss"][step >= nan_from] = np.nan
    return block


def finished(home: Path, total: int = 1000, evals: Sequence[int] = ()) -> Written:
    """A run that went through."""
    written = Written(home, total)
    written.meta()
    written.tell("started", 0, "digits-mlp on cpu")
    written.advance(total)
    written.look_at_layers()
    for step in evals or range(total // 50, total + 1, max(total // 50, 1)):
        written.evaluate(step)
    written.tell("checkpoint", total, f"step-{total:08d}")
    written.tell("finished", total, "test accuracy 0.975")
    written.status("finished", eta=None)
    return written
