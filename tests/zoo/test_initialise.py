import contextlib
from collections.abc import Callable
from typing import get_args

import pytest
import torch
from torch import Tensor, nn

from tuilab.errors import TuilabError
from tuilab.zoo.initialise import Init, initialise
from tuilab.zoo.registries import models
from tuilab.zoo.tasks.task import Task


def _network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 16, 5), nn.BatchNorm2d(16), nn.Flatten(), nn.Linear(400, 200))


@pytest.mark.parametrize(
    ("kind", "spread"),
    [
        ("normal", 0.5),
        ("uniform", 0.5),
        ("xavier", (2 / 600) ** 0.5),
        ("he", (2 / 400) ** 0.5),
        ("orthogonal", (1 / 400) ** 0.5),
        ("zeros", 0.0),
    ],
)
def test_matrices_get_the_spread_that_the_paper_names(kind: str, spread: float) -> None:
    weights = _network()
    initialise(weights, kind, std=0.5)
    named = dict(weights.named_parameters())
    assert named["3.weight"].std().item() == pytest.approx(spread, rel=0.02)
    assert not named["3.bias"].any()
    assert not named["0.bias"].any()
    assert named["1.weight"].eq(1).all()


def test_uniform_weights_stay_within_their_bounds() -> None:
    network = _network()
    initialise(network, "uniform", std=0.5)
    assert network.get_parameter("3.weight").abs().max() <= 0.5 * 3**0.5


def test_default_leaves_the_model_as_it_was_built() -> None:
    network, built = _network(), _network()
    initialise(network, "default")
    assert all(torch.equal(a, b) for a, b in zip(network.parameters(), built.parameters(), strict=True))


@pytest.mark.parametrize("kind", get_args(Init))
def test_the_seed_decides_the_weights(kind: str) -> None:
    first, again = _network(), _network()
    for network in (first, again):
        torch.manual_seed(7)
        initialise(network, kind)
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), again.parameters(), strict=True))


def test_an_unknown_kind_is_refused_with_the_nearest() -> None:
    with pytest.raises(TuilabError, match=r"model\.init: .*Did you mean 'xavier'"):
        initialise(_network(), "xaver")


@pytest.mark.parametrize("kind", get_args(Init))
def test_every_model_takes_every_kind(
    kind: str, sample_tasks: dict[str, list[Task]], batch: Callable[[Task, int], tuple[Tensor, Tensor]]
) -> None:
    for entry in models:
        # The last sample of a task is its smallest text where it has texts.
        task = sample_tasks[entry.card.facts["tasks"][0]][-1]
        with contextlib.suppress(TuilabError):
            network = entry.build(task)
            initialise(network, kind)
            outputs, _ = task.forward(network, *batch(task, 4))
            assert outputs.isfinite().all(), entry.name


@pytest.mark.parametrize("kind", get_args(Init))
def test_padding_still_says_nothing(kind: str) -> None:
    table = nn.Embedding(5, 3, padding_idx=0)
    initialise(table, kind)
    assert not table.weight[0].any()
