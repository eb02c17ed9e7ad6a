"""What every optimizer keeps, whichever it is; and each against its formula in float64."""

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from tuilab.errors import TuilabError
from tuilab.registry import Entry
from tuilab.zoo.data import Request
from tuilab.zoo.optimizers.groups import change, groups
from tuilab.zoo.registries import datasets, losses, models, optimizers

Case = tuple[Entry[Optimizer], dict[str, Any]]


def _steps(model: nn.Module, optimizer: Optimizer, seeds: range) -> None:
    for seed in seeds:
        generator = torch.Generator().manual_seed(seed)
        x, y = torch.randn(8, 4, generator=generator), torch.randn(8, 3, generator=generator)
        optimizer.zero_grad()
        (model(x) - y).square().mean().backward()
        optimizer.step()


def _built(entry: Entry[Optimizer], model: nn.Module, **knobs: Any) -> Optimizer:
    return entry.build(groups(model, knobs.get("weight_decay", entry.card["weight_decay"].default)), **knobs)


def test_it_takes_steps_at_both_ends_of_every_range(optimizer_case: Case, small_network: nn.Module) -> None:
    entry, knobs = optimizer_case
    _steps(small_network, _built(entry, small_network, **knobs), range(3))
    if knobs.get("lr") == 0:
        torch.manual_seed(0)
        assert torch.equal(next(small_network.parameters()), nn.Linear(4, 8).weight)


def test_a_saved_state_continues_to_the_same_bits(
    optimizer: Entry[Optimizer], small_network: nn.Module
) -> None:
    whole = _built(optimizer, small_network)
    _steps(small_network, whole, range(5))
    resumed_network = copy.deepcopy(small_network)
    resumed = _built(optimizer, resumed_network, lr=0.5)
    resumed.load_state_dict(copy.deepcopy(whole.state_dict()))
    _steps(small_network, whole, range(5, 10))
    _steps(resumed_network, resumed, range(5, 10))
    for ours, theirs in zip(small_network.parameters(), resumed_network.parameters(), strict=True):
        assert torch.equal(ours, theirs)


def test_the_same_run_twice_gives_the_same_bits(
    optimizer: Entry[Optimizer], small_network: nn.Module
) -> None:
    again = copy.deepcopy(small_network)
    for network in (small_network, again):
        _steps(network, _built(optimizer, network), range(20))
    assert all(torch.equal(a, b) for a, b in zip(small_network.parameters(), again.parameters(), strict=True))


def test_a_step_is_one_kernel(optimizer: Entry[Optimizer], small_network: nn.Module) -> None:
    for group in _built(optimizer, small_network).param_groups:
        assert group.get("fused") or group.get("foreach")


def test_every_number_can_be_changed_in_mid_run(
    optimizer: Entry[Optimizer], small_network: nn.Module
) -> None:
    built = _built(optimizer, small_network)
    _steps(small_network, built, range(2))
    for knob in optimizer.card.fields:
        if "float" not in knob.kinds:
            continue
        change(built, knob.name, 0.125)
        decaying, others = built.param_groups
        where = {"beta1": ("betas", 0), "beta2": ("betas", 1)}.get(knob.name)
        assert (decaying[where[0]][where[1]] if where else decaying[knob.name]) == 0.125
        if knob.name == "weight_decay":
            assert others["weight_decay"] == 0
    _steps(small_network, built, range(2, 4))
    with pytest.raises(KeyError):
        change(built, "charm", 1.0)


def test_weight_decay_leaves_biases_and_norms_alone(
    optimizer: Entry[Optimizer], small_network: nn.Module
) -> None:
    before = copy.deepcopy(small_network)
    built = _built(optimizer, small_network, weight_decay=0.5, lr=0.1)
    for parameter in small_network.parameters():
        parameter.grad = torch.zeros_like(parameter)
    built.step()
    for now, then in zip(small_network.parameters(), before.parameters(), strict=True):
        assert torch.equal(now, then) == (now.ndim < 2)


def test_parameters_that_are_frozen_are_in_no_group(small_network: nn.Module) -> None:
    for parameter in list(small_network.parameters())[:2]:
        parameter.requires_grad_(False)
    held = [p for group in groups(small_network, 0.1) for p in group["params"]]
    assert {id(p) for p in held} == {id(p) for p in small_network.parameters() if p.requires_grad}


def test_it_descends_the_ravine(optimizer: Entry[Optimizer]) -> None:
    data = datasets["ravine"].build(Request(), start=[-2.0, 1.0], condition=20.0)
    point, loss = models["point"].build(data.task), losses["height"].build(data.task)
    # Steps of the adaptive kind are about lr long, so a rate that suits sgd would take them nowhere.
    built = _built(optimizer, point, lr=0.02 if optimizer.name == "sgd" else 0.1)
    x, y = data.eval.take(torch.arange(1))
    heights = []
    for _ in range(300):
        built.zero_grad()
        value = loss(*data.task.forward(point, x, y))
        value.backward()
        built.step()
        heights.append(value.item())
    assert heights[-1] < 0.02 * heights[0]


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


def _formula_adamw(w: Tensor, g: Tensor, state: _State, *, lr: float, wd: float) -> Tensor:
    return _formula_adam(w, g, state, lr=lr, wd=0.0) - lr * wd * w


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
    ],
)
def test_it_follows_the_formula_of_its_paper(
    name: str, formula: Callable[..., Tensor], knobs: dict[str, Any], precision: torch.dtype
) -> None:
    torch.manual_seed(0)
    weight = nn.Parameter(torch.randn(5, 3, dtype=precision))
    expected, state = weight.detach().double().clone(), _State()
    built = optimizers[name].build([{"params": [weight]}], lr=0.01, weight_decay=0.1, **knobs)
    numbers = {key: value for key, value in knobs.items() if key != "nesterov"}
    for gradient in _gradients(50):
        weight.grad = gradient.to(precision)
        built.step()
        expected = formula(expected, gradient.double(), state, lr=0.01, wd=0.1, **numbers)
    tolerance = 1e-5 if precision == torch.float32 else 1e-12
    torch.testing.assert_close(weight.detach().double(), expected, rtol=tolerance, atol=tolerance)


def test_nesterov_without_momentum_is_refused(small_network: nn.Module) -> None:
    with pytest.raises(TuilabError, match=r"optimizer\.nesterov: .* optimizer\.momentum"):
        _built(optimizers["sgd"], small_network, nesterov=True, momentum=0.0)
