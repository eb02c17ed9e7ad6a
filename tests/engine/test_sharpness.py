"""Sharpness and its limit against the whole Hessian in float64, and against what really diverges."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from tests.engine.kit import SMALL, MakeRun, Stepped, flat_loss, read
from tuilab.engine.probes.sharpness import Sharpness, stability_limit
from tuilab.engine.trainer import Trainer
from tuilab.tables import Table


def looked_at(trainer: Trainer, folder: Path, looks: int) -> tuple[float, float]:
    """Return what the probe says after some looks at the same weights: curvature and limit."""
    folder.mkdir(exist_ok=True)
    probe = Sharpness(folder, trainer.model, 1, trainer.built.device)
    for _ in range(looks):
        probe.before(trainer, [])
    for table in probe.tables():
        table.flush(True, None)
    curvature, limit = np.asarray(Table(folder / "probes" / "sharpness.npy")["value"])[-1]
    return float(curvature), float(limit)


@pytest.mark.parametrize(
    ("optimizer", "settings"),
    [
        ("sgd", {"optimizer.momentum": "0.9", "optimizer.weight_decay": "0.3"}),
        ("adam", {"optimizer.weight_decay": "0.1", "optimizer.beta1": "0.8"}),
        ("adamw", {"optimizer.weight_decay": "0.1"}),
        ("rmsprop", {"optimizer.momentum": "0.9", "optimizer.weight_decay": "0.3"}),
        ("adamw", {"optimizer.amsgrad": "true", "optimizer.beta2": "0.5"}),
    ],
)
def test_sharpness_is_the_largest_eigenvalue_of_the_whole_hessian(
    optimizer: str, settings: dict[str, str], make_run: MakeRun, stepped: Stepped, tmp_path: Path
) -> None:
    settings = {**SMALL, "optimizer.name": optimizer, "optimizer.lr": "0.01", **settings}
    trainer = stepped(make_run("digits-mlp", **settings), 12)
    curvature, limit = looked_at(trainer, tmp_path, looks=12)
    loss, weights = flat_loss(trainer.built)
    hessian = torch.autograd.functional.hessian(loss, weights)
    group = trainer.optimizer.param_groups[0]
    coupled = [
        torch.full((p.numel(),), group["weight_decay"] * (p.ndim >= 2) * (optimizer != "adamw"))
        for p in trainer.model.parameters()
    ]
    hessian = hessian + torch.diag(torch.cat(coupled).double())
    lr = trainer.rate.now
    if optimizer == "rmsprop":
        states = [trainer.optimizer.state[p] for p in trainer.model.parameters()]
        squares = torch.cat([state["square_avg"].double().flatten() for state in states])
        preconditioner = squares.sqrt() + group["eps"]
        hessian = hessian / torch.outer(preconditioner, preconditioner).sqrt()
    if "adam" in optimizer:
        beta1, beta2 = group["betas"]
        states = [trainer.optimizer.state[p] for p in trainer.model.parameters()]
        name = "max_exp_avg_sq" if group["amsgrad"] else "exp_avg_sq"
        squares = torch.cat([state[name].double().flatten() for state in states])
        preconditioner = (1 - beta1**12) * ((squares / (1 - beta2**12)).sqrt() + group["eps"])
        hessian = hessian / torch.outer(preconditioner, preconditioner).sqrt()
        assert limit == pytest.approx((2 + 2 * beta1) / ((1 - beta1) * lr))
    else:
        assert limit == pytest.approx((2 + 2 * 0.9) / lr)
    assert curvature == pytest.approx(float(torch.linalg.eigvalsh(hessian)[-1]), rel=5e-3)


def test_sharpness_is_the_largest_eigenvalue_where_a_negative_one_is_larger_in_size(
    make_run: MakeRun, stepped: Stepped, tmp_path: Path
) -> None:
    trainer = stepped(make_run("ravine-momentum", **{"optimizer.lr": "1e-9"}), 1)

    def saddle(outputs: Tensor, targets: Tensor) -> Tensor:
        point = next(trainer.model.parameters())
        return 1.5 * point[0] ** 2 - 4.0 * point[1] ** 2

    trainer.built.loss_fn = saddle
    curvature, _ = looked_at(trainer, tmp_path, looks=20)
    assert curvature == pytest.approx(3.0, rel=1e-3)


@pytest.mark.parametrize("model", ["linear", "mlp"])
def test_a_loss_of_straight_pieces_is_curved_by_the_model_alone(
    model: str, make_run: MakeRun, stepped: Stepped, tmp_path: Path
) -> None:
    own = SMALL if model == "mlp" else {"data.limit": "200"}
    settings = {**own, "model.name": model, "loss.name": "hinge", "optimizer.name": "sgd"}
    trainer = stepped(make_run("digits-mlp", **settings), 3)
    curvature, _ = looked_at(trainer, tmp_path, looks=12)
    loss, weights = flat_loss(trainer.built)
    largest = float(torch.linalg.eigvalsh(torch.autograd.functional.hessian(loss, weights))[-1])
    assert curvature == pytest.approx(largest, rel=5e-3)
    assert (largest == 0) == (model == "linear")


def test_adam_has_no_sharpness_to_compare_before_its_first_step(make_run: MakeRun, stepped: Stepped) -> None:
    run = make_run("digits-mlp", **SMALL, **{"probes.sharpness": "1"})
    stepped(run, 2)
    values = read(run, "probes/sharpness.npy")
    assert np.isnan(values[0]).all()
    assert np.isfinite(values[1]).all()


@pytest.mark.parametrize("share", [0.98, 1.02])
@pytest.mark.parametrize("nesterov", ["true", "false"])
def test_the_limit_parts_what_settles_from_what_diverges(
    nesterov: str, share: float, make_run: MakeRun, stepped: Stepped
) -> None:
    settings = {"optimizer.momentum": "0.5", "optimizer.nesterov": nesterov, "train.steps": "500"}
    trainer = stepped(make_run("ravine-momentum", **settings, **{"optimizer.lr": "1e-9"}), 1)
    limit = stability_limit(trainer) * 1e-9  # in curvatures times rates
    run = make_run("ravine-momentum", **settings, **{"optimizer.lr": str(share * limit / 200)})
    stepped(run, 500)
    assert (run.steps["loss"][-1] < run.steps["loss"][0]) == (share < 1)


def test_a_weight_that_never_has_a_gradient_hides_no_sharpness(
    make_run: MakeRun, stepped: Stepped, tmp_path: Path
) -> None:
    trainer = stepped(make_run("digits-mlp", **SMALL), 5)
    whole, _ = looked_at(trainer, tmp_path / "whole", looks=3)
    idle = nn.Parameter(torch.ones(3))
    trainer.model.register_parameter("idle", idle)
    trainer.optimizer.param_groups[0]["params"].append(idle)
    beside, _ = looked_at(trainer, tmp_path / "beside", looks=6)
    assert beside == pytest.approx(whole, rel=1e-2)


@pytest.mark.parametrize("optimizer", ["lion", "muon", "adagrad"])
def test_an_optimizer_without_a_known_limit_has_none(
    optimizer: str, make_run: MakeRun, stepped: Stepped
) -> None:
    trainer = stepped(make_run("digits-mlp", **SMALL, **{"optimizer.name": optimizer}), 1)
    assert np.isnan(stability_limit(trainer))
