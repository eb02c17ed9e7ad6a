"""What every optimizer keeps, whichever it is."""

import copy
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from tests.zoo.optimizing import optimizer_of, take_step
from tuilab.errors import TuilabError
from tuilab.registry import Entry
from tuilab.zoo.optimizers.groups import change, groups
from tuilab.zoo.registries import optimizers

Case = tuple[Entry[Optimizer], dict[str, Any]]


def _steps(model: nn.Module, optimizer: Optimizer, seeds: range) -> None:
    for seed in seeds:
        generator = torch.Generator().manual_seed(seed)
        x, y = torch.randn(8, 4, generator=generator), torch.randn(8, 3, generator=generator)

        def closure(x: Tensor = x, y: Tensor = y) -> Tensor:
            optimizer.zero_grad()
            loss: Tensor = (model(x) - y).square().mean()
            loss.backward()
            return loss

        take_step(optimizer, closure)


def test_it_takes_steps_at_both_ends_of_every_range(optimizer_case: Case, small_network: nn.Module) -> None:
    entry, knobs = optimizer_case
    _steps(small_network, optimizer_of(entry, small_network, **knobs), range(3))
    if knobs.get("lr") == 0:
        torch.manual_seed(0)
        assert torch.equal(next(small_network.parameters()), nn.Linear(4, 8).weight)


def test_a_saved_state_continues_to_the_same_bits(
    optimizer: Entry[Optimizer], small_network: nn.Module
) -> None:
    whole = optimizer_of(optimizer, small_network)
    _steps(small_network, whole, range(5))
    resumed_network = copy.deepcopy(small_network)
    resumed = optimizer_of(optimizer, resumed_network, lr=0.5)
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
        _steps(network, optimizer_of(optimizer, network), range(20))
    assert all(torch.equal(a, b) for a, b in zip(small_network.parameters(), again.parameters(), strict=True))


def test_a_step_is_one_kernel(optimizer: Entry[Optimizer], small_network: nn.Module) -> None:
    if optimizer.card.facts.get("closure"):
        return  # its steps are a search, not a formula for each weight
    for group in optimizer_of(optimizer, small_network).param_groups:
        assert group.get("fused") or group.get("foreach")


def test_every_number_and_switch_can_be_changed_in_mid_run(
    optimizer: Entry[Optimizer], small_network: nn.Module
) -> None:
    built = optimizer_of(optimizer, small_network)
    _steps(small_network, built, range(2))
    for knob in optimizer.card.fields:
        if not {"float", "bool"} & set(knob.kinds):
            continue
        value = 0.125 if "float" in knob.kinds else not knob.default
        change(built, knob.name, value)
        decaying, others = built.param_groups[0], built.param_groups[1:]
        where = {"beta1": ("betas", 0), "beta2": ("betas", 1)}.get(knob.name)
        assert (decaying[where[0]][where[1]] if where else decaying[knob.name]) == value
        if knob.name == "weight_decay":
            assert all(group["weight_decay"] == 0 for group in others)
    _steps(small_network, built, range(2, 4))
    with pytest.raises(KeyError):
        change(built, "charm", 1.0)


def test_weight_decay_leaves_biases_and_norms_alone(
    optimizer: Entry[Optimizer], small_network: nn.Module
) -> None:
    before = copy.deepcopy(small_network)
    built = optimizer_of(optimizer, small_network, weight_decay=0.5, lr=0.1)

    def flat() -> Tensor:
        for parameter in small_network.parameters():
            parameter.grad = torch.zeros_like(parameter)
        return torch.zeros(())

    take_step(built, flat)
    for now, then in zip(small_network.parameters(), before.parameters(), strict=True):
        assert torch.equal(now, then) == (now.ndim < 2)


def test_parameters_that_are_frozen_are_in_no_group(small_network: nn.Module) -> None:
    for parameter in list(small_network.parameters())[:2]:
        parameter.requires_grad_(False)
    held = [p for group in groups(small_network, 0.1) for p in group["params"]]
    assert {id(p) for p in held} == {id(p) for p in small_network.parameters() if p.requires_grad}


def test_nesterov_without_momentum_is_refused(small_network: nn.Module) -> None:
    with pytest.raises(TuilabError, match=r"optimizer\.nesterov: .* optimizer\.momentum"):
        optimizer_of(optimizers["sgd"], small_network, nesterov=True, momentum=0.0)
