"""Each part of a step does what its knob says, told by the tables of short real runs."""

import math

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from tests.engine.kit import MakeRun, Train
from tuilab.engine.gradients import Gradients
from tuilab.runs import Run
from tuilab.schedules import schedules
from tuilab.tables import Table


def moved(run: Run) -> NDArray[np.float32]:
    """How far the only layer went at each step."""
    weight = Table(run.path / "layers" / "weight_norm.npy")["value"][:, 0]
    ratio = Table(run.path / "layers" / "update_ratio.npy")["value"][:, 0]
    return np.asarray(weight * ratio)


def test_the_rate_of_a_step_is_that_of_its_middle(make_run: MakeRun, train: Train) -> None:
    run = make_run("digits-mlp", **{"train.steps": "10"})
    train(run)
    schedule = schedules["cosine"].build(warmup=0.05, floor=0.0)
    planned = [3e-3 * schedule((step + 0.5) / 10) for step in range(10)]
    assert run.steps["lr"] == pytest.approx(planned, rel=1e-5)


def test_clipping_by_norm_bounds_the_step_and_says_so(make_run: MakeRun, train: Train) -> None:
    run = make_run("diabetes-linear", **{"train.steps": "4", "train.clip_norm": "0.1", "probes.updates": "1"})
    train(run)
    assert (run.steps["grad_norm"] > 0.1).all()
    assert moved(run) == pytest.approx(0.1 * 0.1, rel=1e-3)
    assert (run.steps["clip_share"] == 1).all()


def test_clipping_by_value_bounds_every_number(make_run: MakeRun, train: Train) -> None:
    run = make_run(
        "diabetes-linear", **{"train.steps": "4", "train.clip_value": "0.001", "probes.updates": "1"}
    )
    train(run)
    assert (moved(run) <= 0.1 * 0.001 * np.sqrt(11) * 1.001).all()
    assert (moved(run) > 0.1 * 0.001 * 2).all()
    assert (run.steps["clip_share"] > 0.5).all()


@pytest.mark.parametrize("on_gpu", [False, True])
@pytest.mark.parametrize(
    ("norm", "value", "left", "share"),
    [
        ("off", "off", [3.0, -4.0, 0.5, 0.0], 0.0),
        (6.0, "off", [3.0, -4.0, 0.5, 0.0], 0.0),
        (math.sqrt(25.25) / 2, "off", [1.5, -2.0, 0.25, 0.0], 1.0),
        ("off", 0.5, [0.5, -0.5, 0.5, 0.0], 0.5),
        ("off", 5.0, [3.0, -4.0, 0.5, 0.0], 0.0),
    ],
)
def test_the_share_that_was_clipped(
    norm: float | str, value: float | str, left: list[float], share: float, on_gpu: bool
) -> None:
    model = nn.Linear(3, 1)
    gradients = Gradients(model, norm, value)
    gradients.reads = not on_gpu
    model.weight.grad, model.bias.grad = torch.tensor([[3.0, -4.0, 0.5]]), torch.zeros(1)
    total, clipped = gradients.clip(gradients.norms())
    assert float(total) == pytest.approx(math.sqrt(25.25))
    assert float(clipped) == share
    assert [*model.weight.grad[0].tolist(), *model.bias.grad.tolist()] == pytest.approx(left, rel=1e-5)


def test_what_a_search_looks_at_is_clipped_too(make_run: MakeRun, train: Train) -> None:
    search = {"optimizer.name": "lbfgs", "optimizer.iterations": "1", "optimizer.line_search": "none"}
    common = {"train.steps": "1", "train.clip_norm": "0.01", "schedule.name": "constant"}
    run = make_run("diabetes-linear", **search, **common, **{"optimizer.lr": "1", "probes.updates": "1"})
    train(run)
    assert run.steps["grad_norm"][0] > 0.01
    assert moved(run) == pytest.approx(0.01, rel=1e-3)


def test_every_look_of_a_search_draws_the_same_random_numbers(make_run: MakeRun, train: Train) -> None:
    search = {"optimizer.name": "lbfgs", "optimizer.lr": "1e-30", "optimizer.line_search": "none"}
    one, more = (
        make_run(
            "digits-mlp", **search, **{"train.steps": "3", "model.dropout": "0.5", "optimizer.iterations": n}
        )
        for n in ("1", "4")
    )
    train(one)
    train(more)
    assert one.steps["loss"].tobytes() == more.steps["loss"].tobytes()


def test_batches_that_make_one_step_weigh_as_one_batch(make_run: MakeRun, train: Train) -> None:
    common = {"data.limit": "64", "train.steps": "3", "model.dropout": "0"}
    one = make_run("digits-mlp", **common, **{"data.batch_size": "64"})
    two = make_run("digits-mlp", **common, **{"data.batch_size": "32", "train.accumulate": "2"})
    train(one)
    train(two)
    assert two.steps["loss"] == pytest.approx(one.steps["loss"], rel=1e-4)
    assert two.steps["grad_norm"] == pytest.approx(one.steps["grad_norm"], rel=1e-4)


def test_an_evaluation_drops_nothing(make_run: MakeRun, train: Train) -> None:
    common = {"train.steps": "2", "optimizer.lr": "0", "train.eval_every": "1"}
    some, none = (make_run("digits-mlp", **common, **{"model.dropout": share}) for share in ("0.9", "0"))
    train(some)
    train(none)
    assert some.evals["loss"] == pytest.approx(none.evals["loss"], rel=1e-6)
    assert some.steps["loss"][0] != pytest.approx(none.steps["loss"][0], rel=1e-3)


def test_averaged_weights_are_what_is_evaluated(make_run: MakeRun, train: Train) -> None:
    run = make_run("digits-mlp", **{"train.steps": "6", "train.eval_every": "1", "train.ema": "1.0"})
    train(run)
    held = run.evals["loss"][run.evals["split"] == b"eval"]
    assert held == pytest.approx(held[0], rel=1e-6)  # an average that never moves
    assert run.steps["loss"][-1] != pytest.approx(run.steps["loss"][0], rel=1e-3)


def test_bf16_computes_another_loss_than_float32(make_run: MakeRun, train: Train) -> None:
    common = {"train.steps": "2", "model.dropout": "0"}
    full, half = (
        make_run("digits-mlp", **common, **{"train.precision": kind}) for kind in ("float32", "bf16")
    )
    train(full)
    train(half)
    assert half.steps["loss"][0] != full.steps["loss"][0]
    assert half.steps["loss"][0] == pytest.approx(full.steps["loss"][0], rel=0.05)


def test_batches_of_unequal_length_weigh_by_their_tokens(make_run: MakeRun, train: Train) -> None:
    # Words of six to twelve letters: a mean of the batches' means would be another loss.
    common = {"data.name": "reverse", "data.normalize": "none", "data.limit": "96", "train.steps": "3"}
    common |= {"model.name": "seq2seq-gru", "model.dropout": "0", "loss.name": "cross-entropy"}
    one = make_run("digits-mlp", **common, **{"data.batch_size": "96"})
    many = make_run("digits-mlp", **common, **{"data.batch_size": "5", "train.accumulate": "20"})
    train(one)
    train(many)
    assert many.steps["loss"] == pytest.approx(one.steps["loss"], rel=1e-4)
    assert many.steps["grad_norm"] == pytest.approx(one.steps["grad_norm"], rel=1e-4)
