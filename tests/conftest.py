"""What many tests start from: a small catalogue and run directories, both without torch."""

import fcntl
import importlib.util
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import IO, Annotated, Any, Literal

import numpy as np
import pytest

from tuilab import new_run
from tuilab.catalog import Catalog, TaskCard, save_cached
from tuilab.events import Event, EventWriter
from tuilab.json_files import write_json
from tuilab.knobs import Knob
from tuilab.registry import Registry
from tuilab.resolve import resolve
from tuilab.runs import Run
from tuilab.schedules import schedules
from tuilab.status import Status
from tuilab.tables import TableWriter

if all(importlib.util.find_spec(name) for name in ("jaxtyping", "beartype")):
    # Shapes in signatures are checked in all tests. Here, for a room that has been loaded is checked no more.
    # A lent machine with a GPU may have pytest and nothing beside it: there `test_cuda` runs without.
    from jaxtyping import install_import_hook

    from tests import typed

    install_import_hook("tuilab.zoo", f"{typed.__name__}.checked")

STEPS = np.dtype(
    [
        ("step", "<i8"),
        ("time", "<f8"),
        ("epoch", "<f4"),
        ("loss", "<f4"),
        ("lr", "<f4"),
        ("grad_norm", "<f4"),
        ("samples_per_second", "<f4"),
        ("accuracy", "<f4"),
    ]
)
EVALS = np.dtype([("step", "<i8"), ("split", "S5"), ("loss", "<f4"), ("accuracy", "<f4")])

RAW = {
    "preset": {"name": "tiny"},
    "data": {"name": "digits"},
    "model": {"name": "mlp"},
    "train": {"steps": 100},
}


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    """A catalogue of a few components with every kind of knob."""
    datasets, models, losses, optimizers = (
        Registry[Any](kind) for kind in ("dataset", "model", "loss", "optimizer")
    )

    @datasets.register("digits", source="https://example.org", task="classification", rows=1797)
    def digits() -> None:
        """Handwritten digits."""

    @datasets.register("diabetes", source="https://example.org", task="regression", rows=442)
    def diabetes() -> None:
        """A table of ten columns."""

    @models.register("mlp", source="https://example.org", tasks=["classification", "regression"])
    def mlp(
        *,
        width: Annotated[list[int], Knob("units in each hidden layer", 1, 4096)] = [64],  # noqa: B006
        activation: Annotated[Literal["relu", "tanh"], Knob("the bend")] = "relu",
        bias: Annotated[bool, Knob("whether layers have an offset")] = True,
    ) -> None:
        """Fully connected layers."""

    @models.register("lenet", source="https://example.org", tasks=["classification"])
    def lenet(*, dropout: Annotated[float, Knob("share switched off", 0, 0.95)] = 0.0) -> None:
        """A small convolutional network."""

    @losses.register("cross-entropy", source="https://example.org", tasks=["classification"])
    def cross_entropy(*, smoothing: Annotated[float, Knob("share spread out", 0, 1)] = 0.0) -> None:
        """The surprise at the true class."""

    @losses.register("mse", source="https://example.org", tasks=["regression"])
    def mse() -> None:
        """The mean of squares."""

    @optimizers.register("adamw", source="https://example.org")
    def adamw(
        *,
        lr: Annotated[float, Knob("learning rate", 0, 100)] = 1e-3,
        betas: Annotated[tuple[float, ...], Knob("decay rates", 0, 1)] = (0.9, 0.999),
        weight_decay: Annotated[float | Literal["off"], Knob("pull to zero", 0)] = "off",
    ) -> None:
        """Adam with decoupled weight decay."""

    @optimizers.register("sgd", source="https://example.org")
    def sgd(
        *,
        lr: Annotated[float, Knob("learning rate", 0, 100)] = 0.1,
        momentum: Annotated[float, Knob("memory", 0, 1)] = 0.0,
    ) -> None:
        """Down the gradient."""

    kinds = {
        "datasets": datasets,
        "models": models,
        "losses": losses,
        "optimizers": optimizers,
        "schedules": schedules,
    }
    cards = {kind: {entry.name: entry.card for entry in registry} for kind, registry in kinds.items()}
    tasks = {
        "classification": TaskCard("classification", "cross-entropy", ("accuracy",), True),
        "regression": TaskCard("regression", "mse", ("r2",), True),
    }
    return Catalog(cards, tasks)


class WriteRun:
    """Writes run directories with the real writers, and holds their locks as a worker would."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self._locks: list[IO[str]] = []

    def __call__(
        self,
        home: Path,
        *,
        name: str = "",
        steps: int = 100,
        total: int = 100,
        state: str = "finished",
        alive: bool = False,
        last_words: str = "",
        losses: Sequence[float] | None = None,
        settings: Callable[[dict[str, Any]], None] = lambda raw: None,
    ) -> Run:
        """Write a run of which so many steps are done."""
        raw = json.loads(json.dumps(RAW))
        raw["train"]["steps"] = total
        settings(raw)
        run = new_run.create(home, resolve(raw, self.catalog), name)
        rows = _steps(steps, losses)
        if steps:
            table = TableWriter(run.path / "steps.npy", STEPS)
            table.append(rows)
            table.close()
            evals = TableWriter(run.path / "evals.npy", EVALS)
            evals.append(_evals(rows))
            evals.close()
        self._write_status(run, state, steps, total, rows)
        self._write_events(run, state, steps, last_words)
        meta = {
            "task": "classification",
            "metrics": ["accuracy"],
            "metric": "accuracy",
            "higher_is_better": True,
            "parameters": 4810,
            "device": "cpu",
            "versions": {"torch": "2.13.0"},
        }
        write_json(run.path / "meta.json", meta)
        if alive:
            self.hold(run)
        return run

    def hold(self, run: Run) -> None:
        """Hold a run's lock until the test is over."""
        lock = (run.path / "lock").open("w")
        fcntl.flock(lock, fcntl.LOCK_EX)
        self._locks.append(lock)

    def release(self) -> None:
        """Let every lock go, as a worker does that is killed."""
        while self._locks:
            self._locks.pop().close()

    def _write_status(self, run: Run, state: str, steps: int, total: int, rows: Any) -> None:
        metrics = {"train.loss": float(rows["loss"][-1])} if steps else {}
        if steps:
            metrics |= {"eval.loss": 0.4, "eval.accuracy": 0.9}
        if state == "finished":
            metrics |= {"test.loss": 0.5, "test.accuracy": 0.97}
        status = Status(
            state,
            steps,
            total,
            epoch=steps / 20,
            steps_per_epoch=20,
            rate=50.0,
            samples_rate=3200.0,
            eta=(total - steps) / 50,
            seconds=steps / 50,
            metrics=metrics,
            best={"metric": "eval.accuracy", "value": 0.9, "step": steps} if steps else {},
            device="cpu",
            heartbeat=time.time(),
        )
        write_json(run.path / "status.json", asdict(status))

    def _write_events(self, run: Run, state: str, steps: int, last_words: str) -> None:
        events = EventWriter(run.path / "events.jsonl")
        if state != "queued":
            events.write(Event("started", 0, "mlp, 4,810 parameters, on cpu"))
        if state in ("finished", "stopped", "diverged", "failed"):
            events.write(Event(state, steps, last_words or state))
        events.close()


def _steps(count: int, losses: Sequence[float] | None) -> Any:
    rows = np.zeros(count, STEPS)
    rows["step"] = np.arange(count)
    rows["time"] = rows["step"] / 50
    rows["epoch"] = rows["step"] / 20
    rows["loss"] = 2.3 * np.exp(-rows["step"] / max(count / 4, 1)) + 0.1 if losses is None else losses
    rows["lr"] = 1e-3
    rows["grad_norm"] = 1 / (1 + rows["step"])
    rows["samples_per_second"] = 3200
    rows["accuracy"] = 0.5
    return rows


def _evals(rows: Any) -> Any:
    every = rows[:: max(len(rows) // 10, 1)]
    evals = np.zeros(len(every), EVALS)
    evals["step"] = every["step"]
    evals["split"] = b"eval"
    evals["loss"] = every["loss"] * 1.1
    evals["accuracy"] = np.linspace(0.1, 0.9, len(every))
    return evals


@pytest.fixture
def write_run(catalog: Catalog) -> Iterator[WriteRun]:
    """A function that writes a run directory: `write_run(home, steps=50, state="running", alive=True)`."""
    writer = WriteRun(catalog)
    yield writer
    writer.release()


@pytest.fixture
def home(tmp_path: Path, catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home whose catalogue is known already, in an environment that is no terminal."""
    monkeypatch.setenv("TUILAB_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.delenv("TERM", raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.toml").write_text('[data]\nname = "digits"\n[model]\nname = "mlp"\n')
    save_cached(catalog, tmp_path)
    return tmp_path
