"""Real runs of real presets, short ones, trained in the test's own process."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.engine.kit import MakeRun, Stepped, Train
from tests.engine.trained_runs import RUNS
from tests.relation import origin_preset
from tests.zoo.test_datasets_minis import fill
from tuilab import locks, new_run, presets, zoo
from tuilab.engine.progress import Progress
from tuilab.engine.session import Session
from tuilab.engine.trained import Trained, load
from tuilab.engine.trainer import Trainer
from tuilab.engine.training import Training
from tuilab.places import home_directory
from tuilab.resolve import assigned, resolve
from tuilab.runs import Run

zoo.load()
torch.set_num_threads(1)


class Killed(BaseException):
    """What a test raises where a real worker would be killed: nothing gets to say a last word."""


@pytest.fixture(scope="session")
def miniatures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache that holds a few rows of every fetched data set: no test here waits for a network."""
    path = tmp_path_factory.mktemp("data")
    fill(path)
    return path


@pytest.fixture
def home(tmp_path: Path, miniatures: Path) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    (home / "data").symlink_to(miniatures)
    return home


_SMALLER = {
    "gpt2-124m": {"model.layers": "1", "model.width": "24", "data.context": "16"},
    "cifar10-fast": {"model.width": "4"},
}
"""What makes a preset for a GPU small enough for a test."""


@pytest.fixture
def make_run(home: Path) -> MakeRun:
    """A function that creates a run of a preset: `make_run("digits-mlp", **{"train.steps": "30"})`.

    Those that need a GPU are made smaller; those that start from another's run get one of two steps.
    """

    def make(preset: str, **settings: str) -> Run:
        catalog = zoo.describe()
        raw = presets.load(preset)
        if origin := origin_preset(raw):
            first = make(origin, **{"train.steps": "2", "train.sample_every": "off"})
            Session(first, home, locks.acquire(first.path)).train()
        if raw["preset"].get("needs") == "gpu":
            settings = {"data.batch_size": "4", **_SMALLER.get(preset, {}), **settings}
        raw = assigned(raw, settings, catalog)
        return new_run.create(home, resolve(raw, catalog, preset))

    return make


@pytest.fixture
def train(home: Path) -> Train:
    """A function that trains a run to its end and returns its state."""
    return lambda run: Session(run, home, locks.acquire(run.path)).train()


@pytest.fixture(scope="session")
def full_run(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, int], Run]:
    """A function that trains a preset with a seed at its full length, once: `full_run("digits-mlp", 0)`.

    Fetched data are shared with the lab.
    """
    home = tmp_path_factory.mktemp("full")
    (home / "data").symlink_to(home_directory() / "data")

    @cache
    def trained(preset: str, seed: int) -> Run:
        catalog = zoo.describe()
        raw = presets.load(preset)
        settings = {"train.seed": str(seed)}
        if origin := origin_preset(raw):
            settings["model.init.from"] = trained(origin, seed).id
        raw = assigned(raw, settings, catalog)
        run = new_run.create(home, resolve(raw, catalog, preset))
        Session(run, home, locks.acquire(run.path)).train()
        return run

    return trained


@pytest.fixture
def stepped(home: Path) -> Stepped:
    """A function that takes so many steps of a run, writes its tables and gives its trainer."""

    def take(run: Run, steps: int) -> Trainer:
        training = Training(run, home, Progress(run.path, run.status))
        for done in training.steps():
            if done == steps:
                break
        training.flush(wait=True)
        training.close()
        return training.trainer

    return take


@pytest.fixture
def kill_at(monkeypatch: pytest.MonkeyPatch, home: Path) -> Callable[[Run, int], None]:
    """A function that trains a run and kills its worker after so many steps."""

    def kill(run: Run, step: int) -> None:
        def until(training: Training) -> Any:
            for done in steps(training):
                yield done
                if done == step:
                    training.flush(wait=True)  # rows past the checkpoint, which a resume must take back
                    raise Killed

        steps = Training.steps
        with monkeypatch.context() as patch:
            patch.setattr(Training, "steps", until)
            session = Session(run, home, locks.acquire(run.path))
            with pytest.raises(Killed):
                session.train()
            session._lock.close()  # as the kernel does for a process that is gone

    return kill


@pytest.fixture
def trained(make_run: MakeRun, train: Train, home: Path) -> Callable[..., Trained]:
    """A function that trains a run of `trained_runs` and takes it up again."""

    def make(name: str, **options: Any) -> Trained:
        preset, settings = RUNS[name]
        run = make_run(preset, **settings)
        assert train(run) == "finished"
        return load(run, home, **options)

    return make
