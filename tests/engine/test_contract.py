"""Whatever is registered: a run that uses it, is killed and taken up again ends as if nothing had happened.

Each model, loss, optimizer and schedule meets the first data set that it fits, cut down
to a few rows; a new one is tested without a new test.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from tests.engine.kit import Train
from tuilab import new_run, zoo
from tuilab.catalog import Catalog
from tuilab.engine.build import build
from tuilab.errors import TuilabError
from tuilab.resolve import resolve
from tuilab.runs import Run
from tuilab.spec import COMPONENTS, Raw

zoo.load()
CATALOG: Catalog = zoo.describe()

FIRST = ("moons", "digits", "parity", "diabetes", "reverse", "python-docs", "bowl")
"""Small data sets that between them fit nearly everything; the others are tried after them."""

STEPS, KILLED, SAVED = 7, 5, 3
"""In a run, when its worker is killed, and between checkpoints: two steps are done twice."""


Need = tuple[str, str]
"""A table and the name that stands in it."""


def _needs(table: str, kind: str) -> list[Any]:
    return [pytest.param((table, name), id=f"{table}-{name}") for name in CATALOG.cards[kind]]


NEEDS = [
    *_needs("model", "models"),
    *_needs("loss", "losses"),
    *_needs("optimizer", "optimizers"),
    *_needs("schedule", "schedules"),
]


def _data_for(tasks: list[str]) -> Iterator[Raw]:
    """Yield data that pose one of these tasks or can be given it, small sets first."""
    at_hand = [card.name for card in CATALOG.cards["datasets"].values() if card.facts["at_hand"]]
    for task in tasks:
        for dataset in dict.fromkeys([*FIRST, *at_hand]):
            own = CATALOG.task_of(dataset).name
            if own == task or own in CATALOG.tasks[task].poses_on:
                yield {"name": dataset, "task": "auto" if own == task else task}


def _cut_down(data: Raw, table: str, name: str) -> Raw:
    """Return an experiment of a few rows and steps in which the component stands."""
    knobs = {field.name for field in CATALOG.card("datasets", data["name"]).fields}
    few = {"samples": 100, "context": 16, "length": 6}
    small = {"batch_size": 8, "limit": 40, "split": [0.98, 0.01, 0.01]}
    task = CATALOG.task_of(data["name"], data["task"])
    return {
        "data": {**small, **{key: few[key] for key in knobs & few.keys()}, **data},
        "model": {"name": CATALOG.fitting("models", task.name)[0]},
        "train": {
            "steps": STEPS,
            "checkpoint_every": SAVED,
            "eval_every": 2,
            "sample_every": "off",
            "threads": 1,
            "device": "cpu",
        },
        table: {"name": name},
    }


def _fitting(table: str, name: str, cache: Path) -> Raw:
    """Return the first experiment in which a component can be built."""
    tasks = CATALOG.cards[COMPONENTS[table]][name].facts.get("tasks", ["classification"])
    refusals = []
    for data in _data_for(tasks):
        raw = _cut_down(data, table, name)
        try:
            build(resolve(raw, CATALOG), cache)
        except TuilabError as error:
            refusals.append(str(error))
        else:
            return raw
    raise AssertionError(f"{name} fits no data set: {refusals}")


@pytest.mark.parametrize("need", NEEDS)
def test_a_killed_run_ends_as_if_nothing_had_happened(
    need: Need, home: Path, train: Train, kill_at: Callable[[Run, int], None]
) -> None:
    raw = _fitting(*need, home / "data")
    whole, killed = (new_run.create(home, resolve(raw, CATALOG)) for _ in range(2))
    state = train(whole)
    assert state == "finished"
    kill_at(killed, KILLED)
    assert train(killed) == state
    assert killed.steps["loss"].tobytes() == whole.steps["loss"].tobytes()
    assert killed.evals["loss"].tobytes() == whole.evals["loss"].tobytes()
    last = f"checkpoints/step-{STEPS:08d}/model.safetensors"
    ours, theirs = load_file(killed.path / last), load_file(whole.path / last)
    assert [name for name in theirs if not torch.equal(ours[name], theirs[name])] == []
