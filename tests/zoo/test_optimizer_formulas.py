"""Each optimizer against its paper's formula in float64, and against PyTorch's own where there is one."""

import copy
import math
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from tests.zoo.optimizing import optimizer_of, take_step
from tuilab.zoo.optimizers.muon import orthogonalised
from tuilab.zoo.registries import optimizers


def _gradients(count: int) -> Iterator[Tensor]:
    generator = torch.Generator().manual_seed(1)
    for _ in range(count):
        yield torch.randn(5, 3, generator=generator)


class _State(dict[str, Tensor]):
    """What an optimizer remembers of one weight: zero until it is set."""

    def __missing__(self, key: str) -> Tensor:
        return torch.zeros((), dtype=torch.float64)


def _formula_sgd(w: Tensor, g: Tensor, state: _State, *, lr: float, momentum: float, wd: float) -> Tensor:
    g = g + wd * w
    state["v"] = momentum * state["v"] + g if "v" in state else g
    return w - lr * state["v"]


def _formula_nesterov(
    w: Tensor, g: Tensor, state: _State, *, lr: float, momentum: float, wd: float
) -> Tensor:
    g = g + wd * w
    state["v"] = momentum * state["v"] + g if "v" in state else g
    return w - lr * (g + momentum * state["v"])


def _formula_adagrad(w: Tensor, g: Tensor, state: _State, *, lr: float, wd: float) -> Tensor:
    g = g + wd * w
    state["sum"] = state["sum"] + g * g
    return w - lr * g / (state["sum"].sqrt() + 1e-10)


def _formula_rmsprop(w: Tensor, g: Tensor, state: _State, *, lr: float, wd: float) -> Tensor:
    g = g + wd * w
    state["mean"] = 0.99 * state["mean"] + 0.01 * g * g
    return w - lr * g / (state["mean"].sqrt() + 1e-8)


def _formula_adam(w: Tensor, g: Tensor, state: _State, *, lr: float, wd: float) -> Tensor:
    g = g + wd * w
    state["t"] = state["t"] + 1
    state["m"] = 0.9 * state["m"] + 0.1 * g
    state["v"] = 0.999 * state["v"] + 0.001 * g * g
    m, v = state["m"] / (1 - 0.9 ** state["t"]), state["v"] / (1 - 0.999 ** state["t"])
    return w - lr * m / (v.sqrt() + 1e-8)


def _formula_amsgrad(w: Tensor, g: Tensor, state: _State, *, lr: float, wd: float) -> Tensor:
    g = g + wd * w
    state["t"] = state["t"] + 1
    state["m"] = 0.9 * state["m"] + 0.1 * g
    state["v"] = 0.999 * state["v"] + 0.001 * g * g
    state["most"] = torch.maximum(state["most"], state["v"])
    m, v = state["m"] / (1 - 0.9 ** state["t"]), state["most"] / (1 - 0.999 ** state["t"])
    return w - lr * m / (v.sqrt() + 1e-8)


def _formula_amsgrad_w(w: Tensor, g: Tensor, state: _State, *, lr: float, wd: float) -> Tensor:
    return _formula_amsgrad(w, g, state, lr=lr, wd=0.0) - lr * wd * w


def _formula_adamw(w: Tensor, g: Tensor, state: _State, *, lr: float, wd: float) -> Tensor:
    return _formula_adam(w, g, state, lr=lr, wd=0.0) - lr * wd * w


def _formula_adadelta(w: Tensor, g: Tensor, state: _State, *, lr: float, wd: float) -> Tensor:
    g = g + wd * w
    state["g"] = 0.9 * state["g"] + 0.1 * g * g
    step = (state["x"] + 1e-6).sqrt() / (state["g"] + 1e-6).sqrt() * g
    state["x"] = 0.9 * state["x"] + 0.1 * step * step
    return w - lr * step


def _formula_nadam(w: Tensor, g: Tensor, state: _State, *, lr: float, wd: float) -> Tensor:
    g = g + wd * w
    state["t"] = t = state["t"] + 1
    now, after = (0.9 * (1 - 0.5 * 0.96 ** (n * 4e-3)) for n in (t, t + 1))
    state["product"] = now * (state["product"] if t > 1 else 1)
    state["m"] = 0.9 * state["m"] + 0.1 * g
    state["v"] = 0.999 * state["v"] + 0.001 * g * g
    m = after * state["m"] / (1 - state["product"] * after) + (1 - now) * g / (1 - state["product"])
    return w - lr * m / ((state["v"] / (1 - 0.999**t)).sqrt() + 1e-8)


def _formula_radam(w: Tensor, g: Tensor, state: _State, *, lr: float, wd: float) -> Tensor:
    g = g + wd * w
    state["t"] = t = state["t"] + 1
    state["m"] = 0.9 * state["m"] + 0.1 * g
    state["v"] = 0.999 * state["v"] + 0.001 * g * g
    m = state["m"] / (1 - 0.9**t)
    most = 2 / (1 - 0.999) - 1
    rho = most - 2 * t * 0.999**t / (1 - 0.999**t)
    if rho <= 5:
        early: Tensor = w - lr * m
        return early
    r = ((rho - 4) * (rho - 2) * most / ((most - 4) * (most - 2) * rho)).sqrt()
    return w - lr * m * r * (1 - 0.999**t).sqrt() / (state["v"].sqrt() + 1e-8)


def _formula_lion(w: Tensor, g: Tensor, state: _State, *, lr: float, wd: float) -> Tensor:
    direction = (0.9 * state["m"] + 0.1 * g).sign()
    state["m"] = 0.99 * state["m"] + 0.01 * g
    return w - lr * (direction + wd * w)


def _formula_muon(w: Tensor, g: Tensor, state: _State, *, lr: float, wd: float, scale: str) -> Tensor:
    state["m"] = 0.95 * state["m"] + 0.05 * g
    x = 0.95 * state["m"] + 0.05 * g
    x = x / x.square().sum().sqrt()
    for _ in range(5):
        x = 3.4445 * x - 4.7750 * (x @ x.T) @ x + 2.0315 * (x @ x.T) @ (x @ x.T) @ x
    length = 0.2 * math.sqrt(5) if scale == "adamw" else math.sqrt(5 / 3)
    return w - lr * (wd * w + length * x)


def _formula_adafactor(w: Tensor, g: Tensor, state: _State, *, lr: float, wd: float) -> Tensor:
    state["t"] = t = state["t"] + 1
    new = t**-0.8
    state["r"] = (1 - new) * state["r"] + new * (g * g).mean(dim=1, keepdim=True)
    state["c"] = (1 - new) * state["c"] + new * (g * g).mean(dim=0, keepdim=True)
    u = g / (state["r"] * state["c"] / state["r"].mean()).sqrt()
    u = u / max(1.0, float(u.square().mean().sqrt()))
    alpha = max(1e-3, float(w.square().mean().sqrt())) * min(lr, 1 / math.sqrt(t))
    return w * (1 - lr * wd) - alpha * u


@pytest.mark.parametrize("precision", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize(
    ("name", "formula", "knobs"),
    [
        ("sgd", _formula_sgd, {"momentum": 0.9}),
        ("sgd", _formula_nesterov, {"momentum": 0.9, "nesterov": True}),
        ("adagrad", _formula_adagrad, {}),
        ("rmsprop", _formula_rmsprop, {}),
        ("adam", _formula_adam, {}),
        ("adamw", _formula_adamw, {}),
        ("adam", _formula_amsgrad, {"amsgrad": True}),
        ("adamw", _formula_amsgrad_w, {"amsgrad": True}),
        ("adadelta", _formula_adadelta, {}),
        ("nadam", _formula_nadam, {}),
        ("radam", _formula_radam, {}),
        ("lion", _formula_lion, {}),
        ("muon", _formula_muon, {"scale": "adamw"}),
        ("muon", _formula_muon, {"scale": "spectral"}),
        ("adafactor", _formula_adafactor, {}),
    ],
)
def test_it_follows_the_formula_of_its_paper(
    name: str, formula: Callable[..., Tensor], knobs: dict[str, Any], precision: torch.dtype
) -> None:
    torch.manual_seed(0)
    weight = nn.Parameter(torch.randn(5, 3, dtype=precision))
    expected, state = weight.detach().double().clone(), _State()
    built = optimizers[name].build([{"params": [weight]}], lr=0.01, weight_decay=0.1, **knobs)
    numbers = {key: value for key, value in knobs.items() if key not in ("nesterov", "amsgrad")}
    for number, drawn in enumerate(_gradients(50), start=1):
        gradient = drawn / number  # ever smaller: the largest so far is not the newest
        weight.grad = gradient.to(precision)
        built.step()
        expected = formula(expected, gradient.double(), state, lr=0.01, wd=0.1, **numbers)
    # torch keeps nadam's product of momenta in float32, whatever the weights are in.
    tolerance = 1e-5 if precision == torch.float32 else 1e-9 if name == "nadam" else 1e-12
    torch.testing.assert_close(weight.detach().double(), expected, rtol=tolerance, atol=tolerance)


def test_adafactor_is_torchs_own_without_waiting(small_network: nn.Module) -> None:
    network = nn.Sequential(nn.Conv2d(2, 3, 3), nn.Flatten(), nn.LazyLinear(3)).double()
    network(torch.zeros(1, 2, 4, 4, dtype=torch.float64))
    again = copy.deepcopy(network)
    ours = optimizer_of(optimizers["adafactor"], network, weight_decay=0.0)
    theirs = torch.optim.Adafactor(again.parameters(), foreach=False)
    for seed in range(20):
        x = torch.randn(4, 2, 4, 4, generator=torch.Generator().manual_seed(seed)).double()
        for model, optimizer in ((network, ours), (again, theirs)):
            optimizer.zero_grad()
            model(x).square().sum().backward()
            optimizer.step()
    for a, b in zip(network.parameters(), again.parameters(), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-10, atol=1e-12)


def test_what_muon_takes_for_no_matrix_gets_adamw() -> None:
    torch.manual_seed(0)
    network = nn.ModuleDict({"table": nn.Embedding(7, 4), "layer": nn.Linear(4, 3)})
    again = copy.deepcopy(network)
    ours = optimizer_of(optimizers["muon"], network, lr=0.01, weight_decay=0.1, adam_lr=0.5)
    theirs = torch.optim.AdamW(
        [
            {"params": [again["table"].weight], "weight_decay": 0.1},
            {"params": [again["layer"].bias], "weight_decay": 0.0},
        ],
        lr=0.005,
        betas=(0.9, 0.95),
    )
    for gradient in _gradients(20):
        for model in (network, again):
            for parameter in model.parameters():
                parameter.grad = gradient.sum() * torch.ones_like(parameter) * parameter.detach()
        ours.step()
        theirs.step()
    torch.testing.assert_close(network["table"].weight, again["table"].weight)
    torch.testing.assert_close(network["layer"].bias, again["layer"].bias)
    assert not torch.equal(network.get_parameter("layer.weight"), again.get_parameter("layer.weight"))


def test_muon_brings_every_direction_to_one_length() -> None:
    torch.manual_seed(0)
    matrices = torch.randn(4, 24, 10) @ torch.diag(torch.logspace(0, -2, 10))
    lengths = torch.linalg.svdvals(orthogonalised(matrices, 5))
    assert lengths.min() > 0.5
    assert lengths.max() < 1.3
    assert not orthogonalised(torch.zeros(1, 3, 5), 5).any()


def test_muon_steps_as_torchs_own_where_torch_has_it() -> None:
    if not hasattr(torch.optim, "Muon"):
        pytest.skip("this torch has no Muon of its own; install torch 2.9 or newer to compare")
    torch.manual_seed(0)
    weight = nn.Parameter(torch.randn(6, 4))
    again = nn.Parameter(weight.detach().clone())
    ours = optimizers["muon"].build([{"params": [weight]}], lr=0.02, scale="spectral", weight_decay=0.1)
    theirs = torch.optim.Muon([again], lr=0.02, weight_decay=0.1)
    for gradient in _gradients(10):
        for parameter, optimizer in ((weight, ours), (again, theirs)):
            parameter.grad = torch.cat([gradient, gradient[:1]]).repeat(1, 2)[:, :4]
            optimizer.step()
    # theirs multiplies in bfloat16 on every device
    torch.testing.assert_close(weight, again, rtol=0.02, atol=0.02)


@pytest.mark.parametrize(("iterations", "steps"), [(20, 3), (1, 60)])
def test_lbfgs_solves_a_least_squares_problem_in_a_few_steps(iterations: int, steps: int) -> None:
    torch.manual_seed(0)
    x, w, network = torch.randn(50, 4), torch.randn(4, 3), nn.Linear(4, 3)
    built = optimizer_of(optimizers["lbfgs"], network, iterations=iterations)

    def closure() -> Tensor:
        built.zero_grad()
        loss: Tensor = (network(x) - x @ w).square().mean()
        loss.backward()
        return loss

    for _ in range(steps):
        take_step(built, closure)
    torch.testing.assert_close(network.weight, w.T, atol=1e-3, rtol=1e-3)


def test_lbfgs_finds_the_minimum_of_the_loss_with_its_penalty() -> None:
    torch.manual_seed(0)
    x, y = torch.randn(50, 4), torch.randn(50, 1)
    network = nn.Linear(4, 1, bias=False)
    built = optimizer_of(optimizers["lbfgs"], network, weight_decay=0.5)

    def closure() -> Tensor:
        built.zero_grad()
        loss: Tensor = (network(x) - y).square().mean()
        loss.backward()
        return loss

    for _ in range(5):
        take_step(built, closure)
    ridge = torch.linalg.solve(2 / 50 * x.T @ x + 0.5 * torch.eye(4), 2 / 50 * x.T @ y)
    torch.testing.assert_close(network.weight.detach().T, ridge, atol=1e-4, rtol=1e-3)
