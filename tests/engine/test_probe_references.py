"""Each probe against the same figure computed in float64, by other means."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.func import functional_call

from tests.engine.kit import MakeRun
from tuilab.engine.build import Built
from tuilab.engine.loader import first
from tuilab.engine.probes.histograms import BINS, _histogram
from tuilab.engine.probes.sharpness import Sharpness, stability_limit
from tuilab.engine.progress import Progress
from tuilab.engine.trainer import Trainer
from tuilab.engine.training import Training
from tuilab.runs import Run
from tuilab.tables import Table

Stepped = Callable[[Run, int], Trainer]
SMALL = {"model.width": "[6]", "model.activation": "tanh", "data.limit": "200", "data.batch_size": "full"}


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


def read(run: Run, name: str) -> np.ndarray:
    return np.asarray(Table(run.path / name)["value"], dtype=np.float64)


def flat_loss(built: Built) -> tuple[Callable[[Tensor], Tensor], Tensor]:
    """Return the loss of the first samples as a function of all weights in float64, and the weights."""
    model, task = built.model, built.data.task
    names, shapes = zip(*((name, p.shape) for name, p in model.named_parameters()), strict=True)
    x, y = first(built.data.train, 256, built.device)

    class Whole(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, x: Tensor, y: Tensor) -> Tensor:
            return built.loss_fn(*task.forward(self.model, x, y))

    whole = Whole().eval()

    def loss(weights: Tensor) -> Tensor:
        parts = weights.split([shape.numel() for shape in shapes])
        given = {f"model.{n}": part.view(s) for n, part, s in zip(names, parts, shapes, strict=True)}
        value: Tensor = functional_call(whole, given, (x.double(), y))
        return value

    return loss, torch.cat([p.detach().double().flatten() for p in model.parameters()])


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
    if optimizer != "sgd":
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


@pytest.mark.parametrize("optimizer", ["lion", "muon", "rmsprop"])
def test_an_optimizer_without_a_known_limit_has_none(
    optimizer: str, make_run: MakeRun, stepped: Stepped
) -> None:
    trainer = stepped(make_run("digits-mlp", **SMALL, **{"optimizer.name": optimizer}), 1)
    assert np.isnan(stability_limit(trainer))


def test_layer_probes_are_the_norms_of_gradients_weights_and_true_steps(
    make_run: MakeRun, stepped: Stepped, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Held by weights that are copied around each step, and gradients taken again in float64."""
    run = make_run(
        "digits-mlp",
        **SMALL,
        **{
            "probes.layers": "1",
            "probes.updates": "1",
            "train.clip_norm": "0.1",
            "optimizer.weight_decay": "0.5",
            "model.dropout": "0",
        },
    )
    seen: list[list[Tensor]] = []
    exact: list[list[Tensor]] = []
    update = Trainer.update

    def noting(trainer: Trainer, *arguments: object) -> object:
        model = trainer.model
        seen.append([p.detach().double().clone() for p in model.parameters()])
        loss, weights = flat_loss(trainer.built)
        slope = torch.autograd.functional.jacobian(loss, weights)
        exact.append(list(slope.split([p.numel() for p in model.parameters()])))
        model.train()
        outcome = update(trainer, *arguments)  # type: ignore[arg-type]
        seen[-1] += [p.detach().double().clone() for p in model.parameters()]
        return outcome

    monkeypatch.setattr(Trainer, "update", noting)
    stepped(run, 3)
    for step, (weights, gradients) in enumerate(zip(seen, exact, strict=True)):
        before, after = weights[:4], weights[4:]
        pairs = [(0, 1), (2, 3)]  # weight and bias of each layer
        norm = [float(torch.cat([gradients[i] for i in pair]).norm()) for pair in pairs]
        size = [float(torch.cat([before[i].flatten() for i in pair]).norm()) for pair in pairs]
        moved = [float(torch.cat([(after[i] - before[i]).flatten() for i in pair]).norm()) for pair in pairs]
        assert read(run, "layers/grad_norm.npy")[step] == pytest.approx(norm, rel=1e-4)
        assert read(run, "layers/weight_norm.npy")[step] == pytest.approx(size, rel=1e-5)
        ratio = [m / s for m, s in zip(moved, size, strict=True)]
        assert read(run, "layers/update_ratio.npy")[step] == pytest.approx(ratio, rel=1e-3)


@pytest.mark.parametrize("activation", ["relu", "sigmoid", "hard-sigmoid", "tanh"])
def test_activations_are_those_of_the_layer(activation: str, make_run: MakeRun, stepped: Stepped) -> None:
    settings = {**SMALL, "model.activation": activation, "model.width": "[40]", "optimizer.lr": "0"}
    settings |= {"model.init": "normal", "model.init_std": "2", "data.limit": "8", "probes.activations": "1"}
    run = make_run("digits-mlp", **settings)
    trainer = stepped(run, 1)
    x, _ = first(trainer.built.data.train, 8, trainer.built.device)
    weight, bias = (p.detach().double() for p in list(trainer.model.parameters())[:2])
    bends = {"relu": torch.relu, "sigmoid": torch.sigmoid, "tanh": torch.tanh}
    bend = {**bends, "hard-sigmoid": nn.functional.hardsigmoid}[activation]
    out = bend(x.double().flatten(1) @ weight.T + bias)
    assert read(run, "layers/activation_mean.npy")[0, 0] == pytest.approx(float(out.mean()), rel=1e-5)
    assert read(run, "layers/activation_std.npy")[0, 0] == pytest.approx(
        float(out.std(correction=0)), rel=1e-5
    )
    dead = float((out == 0).all(dim=0).double().mean()) if activation == "relu" else 0.0
    low, high = {"relu": (-1, np.inf), "tanh": (-0.99, 0.99)}.get(activation, (0.01, 0.99))
    saturated = float(((out <= low) | (out >= high)).double().mean())
    assert read(run, "layers/dead.npy")[0, 0] == pytest.approx(dead)
    assert read(run, "layers/saturated.npy")[0, 0] == pytest.approx(saturated, abs=2 / out.numel())
    assert dead > 0 or saturated > 0.5


def test_histograms_are_numpy_s(make_run: MakeRun, stepped: Stepped) -> None:
    run = make_run("digits-mlp", **SMALL, **{"probes.histograms": "1", "optimizer.lr": "0"})
    trainer = stepped(run, 1)
    parameters = [p.detach().numpy().ravel() for p in trainer.model.parameters()]
    for layer, pair in enumerate(((0, 1), (2, 3))):
        values = np.concatenate([parameters[i] for i in pair])
        counts, edges = np.histogram(values, bins=BINS)
        found = read(run, "layers/weight_histogram.npy")[0, layer]
        assert found[:2] == pytest.approx([edges[0], edges[-1]], rel=1e-6)
        assert np.abs(found[2:] - counts).sum() <= 4  # a value on an edge may fall to either side
        assert found[2:].sum() == len(values)


def test_a_histogram_counts_further_than_float32_does() -> None:
    values = torch.zeros(2**24 + 5)
    values[:2] = torch.tensor([-1.0, 1.0])
    counts = _histogram(values)[2:].double()
    assert counts[BINS // 2] == 2**24 + 4


def test_the_noise_scale_is_the_paper_s_formula_in_float64(make_run: MakeRun, stepped: Stepped) -> None:
    """McCandlish et al. 2018, appendix A.1, with eight micro-batches of 25."""
    run = make_run("digits-mlp", **SMALL, **{"probes.noise_scale": "1", "optimizer.lr": "0"})
    trainer = stepped(run, 1)
    model, batches = trainer.model.double().eval(), trainer.batches
    batches.position = 0
    x, y = batches.gather(batches.next())

    def gradient(rows: slice) -> Tensor:
        loss = trainer.built.loss_fn(model(x[rows].double()), y[rows])
        return torch.cat([g.flatten() for g in torch.autograd.grad(loss, list(model.parameters()))])

    small = torch.stack([gradient(slice(i, i + 25)).square().sum() for i in range(0, 200, 25)]).mean()
    large = gradient(slice(0, 200)).square().sum()
    signal = float((200 * large - 25 * small) / (200 - 25))
    noise = float((small - large) / (1 / 25 - 1 / 200))
    assert read(run, "probes/noise_scale.npy")[0] == pytest.approx([noise / signal, signal, noise], rel=1e-4)
