"""The best of a run's evaluations, whatever the first gave; and what readers see before a slow look."""

import math
from pathlib import Path

import pytest
import torch

from tests.engine.kit import MakeRun, Train
from tuilab import new_run, zoo
from tuilab.engine.build import build
from tuilab.engine.evaluations import Evaluations
from tuilab.engine.graph import Inputs
from tuilab.engine.probes.sharpness import Sharpness
from tuilab.engine.trainer import Trainer
from tuilab.resolve import resolve


@pytest.mark.parametrize(
    ("context", "batch_size", "rows"), [(16, 1, 128), (64, 4, 32), (64, 100, 100), (2048, 1, 1)]
)
def test_texts_in_small_batches_are_evaluated_in_larger_ones(
    context: int, batch_size: int, rows: int, home: Path
) -> None:
    raw = {
        "data": {"name": "python-docs", "context": context, "batch_size": batch_size},
        "model": {"name": "gpt", "width": 8, "layers": 1},
    }
    assert build(resolve(raw, zoo.describe()), home / "data").eval_batch_size == rows


def test_a_first_evaluation_that_is_no_number_is_not_the_best_for_ever(home: Path) -> None:
    raw = {"data": {"name": "diabetes"}, "model": {"name": "linear"}}
    run = new_run.create(home, resolve(raw, zoo.describe()))
    built = build(run.spec, home / "data")
    evaluations = Evaluations(run.path, built)
    weight = built.model.get_parameter("layer.weight")
    with torch.no_grad():
        kept = weight.clone()
        weight.fill_(math.nan)
        evaluations.look("eval", 1)
        assert math.isnan(evaluations.best["value"])
        weight.copy_(kept)
    found = evaluations.look("eval", 2)
    assert evaluations.best == {"metric": "eval.r2", "value": found["r2"], "step": 2}
    with torch.no_grad():
        weight.fill_(math.nan)
    evaluations.look("eval", 3)
    assert evaluations.best["step"] == 2
    evaluations.close()


def test_readers_see_all_steps_before_a_look_that_may_take_long(
    make_run: MakeRun, train: Train, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[int, int]] = []

    def look(evaluations: Evaluations, split: str, step: int) -> dict[str, float]:
        seen.append((step, run.steps.refresh()))
        return original(evaluations, split, step)

    original = Evaluations.look
    monkeypatch.setattr(Evaluations, "look", look)
    run = make_run("moons-mlp", **{"train.steps": "30", "train.eval_every": "7"})
    train(run)
    assert seen == [(7, 7), (14, 14), (21, 21), (28, 28), (30, 30), (30, 30)]


def test_readers_see_all_steps_before_a_slow_probe(
    make_run: MakeRun, train: Train, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[int, int]] = []

    def before(probe: Sharpness, trainer: Trainer, inputs: list[Inputs]) -> None:
        seen.append((trainer.step, run.steps.refresh()))

    monkeypatch.setattr(Sharpness, "before", before)
    run = make_run("moons-mlp", **{"train.steps": "30", "train.eval_every": "off", "probes.sharpness": "7"})
    train(run)
    assert seen == [(0, 0), (7, 7), (14, 14), (21, 21), (28, 28)]
