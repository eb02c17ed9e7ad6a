"""The short way through Adam's step gives torch's own result, bit for bit."""

import pytest
import torch
from torch import Tensor, nn
from torch.optim import Adam, AdamW, Optimizer

from tuilab.engine.fast import adam
from tuilab.engine.fast.adam import AdamStep


def two_groups(kind: type[Optimizer]) -> tuple[nn.Module, Optimizer]:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(6, 5), nn.Tanh(), nn.Linear(5, 3))
    matrices = [p for p in model.parameters() if p.ndim == 2]
    rest = [p for p in model.parameters() if p.ndim == 1]
    groups = [{"params": matrices, "weight_decay": 0.1}, {"params": rest, "weight_decay": 0.0}]
    return model, kind(groups, fused=True)  # type: ignore[call-arg]


def train(kind: type[Optimizer], short: bool) -> list[Tensor]:
    """Eleven steps with a rate that moves, a state that is loaded on the way, and a missing gradient."""
    model, optimizer = two_groups(kind)
    own = AdamStep(optimizer)
    x = torch.linspace(-1, 1, 24).reshape(4, 6)
    for number in range(11):
        for group in optimizer.param_groups:
            group["lr"] = 0.1 / (1 + number)
        if number == 6:
            optimizer.load_state_dict(optimizer.state_dict())
        model(x).square().sum().backward()
        if number == 3:
            next(model.parameters()).grad = None
        if short:
            own.step()
        else:
            optimizer.step()
        model.zero_grad()
    return [*model.parameters(), *(state["exp_avg"] for state in optimizer.state.values())]


@pytest.mark.parametrize("kind", [Adam, AdamW])
def test_the_short_way_gives_the_bits_of_the_long_one(kind: type[Optimizer]) -> None:
    for ours, torchs in zip(train(kind, short=True), train(kind, short=False), strict=True):
        assert torch.equal(ours, torchs)


def test_the_short_way_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    model, optimizer = two_groups(AdamW)
    calls = []
    whole = optimizer.step

    def counted() -> None:
        calls.append(1)
        whole()

    monkeypatch.setattr(optimizer, "step", counted)
    own = AdamStep(optimizer)
    for _ in range(5):
        model(torch.ones(2, 6)).sum().backward()
        own.step()
    assert len(calls) == 1  # the first, which makes the state


@pytest.mark.parametrize("wrong", [None, lambda *lists, **values: None])
def test_a_kernel_that_is_gone_or_does_something_else_is_left_alone(
    wrong: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    adam.works.cache_clear()
    with monkeypatch.context() as patch:
        if wrong is None:
            patch.setitem(adam._KERNELS, AdamW, "_gone")
        else:
            patch.setattr(torch, "_fused_wrong", wrong, raising=False)
            patch.setitem(adam._KERNELS, AdamW, "_fused_wrong")
        model, optimizer = two_groups(AdamW)
        before = [p.detach().clone() for p in model.parameters()]
        own = AdamStep(optimizer)
        for _ in range(3):
            model(torch.ones(2, 6)).sum().backward()
            own.step()
        assert all(not torch.equal(p, old) for p, old in zip(model.parameters(), before, strict=True))
    adam.works.cache_clear()


def test_hooks_of_a_step_are_called() -> None:
    model, optimizer = two_groups(AdamW)
    seen = []
    optimizer.register_step_post_hook(lambda *_: seen.append(1))
    own = AdamStep(optimizer)
    for _ in range(3):
        model(torch.ones(2, 6)).sum().backward()
        own.step()
    assert len(seen) == 3
