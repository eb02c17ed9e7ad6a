"""Every optimizer comes down: the surfaces of the zoo, each at a rate of its own."""

import pytest
import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from tests.zoo.optimizing import optimizer_of, take_step
from tuilab.registry import Entry
from tuilab.zoo.data import Request
from tuilab.zoo.registries import datasets, losses, models, optimizers
from tuilab.zoo.tasks.surface import Surface


def test_it_descends_the_ravine(optimizer: Entry[Optimizer]) -> None:
    data = datasets["ravine"].build(Request(), start=[-2.0, 1.0], condition=20.0)
    point, loss = models["point"].build(data.task), losses["height"].build(data.task)
    # Steps of the adaptive kind are about lr long, so a rate that suits sgd would take them nowhere.
    rates = {"sgd": 0.02, "adadelta": 10.0, "lbfgs": 1.0}
    built = optimizer_of(optimizer, point, lr=rates.get(optimizer.name, 0.1))
    x, y = data.eval.take(torch.arange(1))
    heights = []

    def closure() -> Tensor:
        built.zero_grad()
        value: Tensor = loss(*data.task.forward(point, x, y))
        value.backward()
        return value

    for _ in range(300):
        heights.append(take_step(built, closure).item())
    assert heights[-1] < 0.02 * heights[0]


SURFACES = ("bowl", "himmelblau", "plateau", "ravine", "saddle")
"""Those whose lowest place can be reached downhill; rastrigin is made of places to get stuck in."""


RATES = {
    "sgd": 0.01,
    "adagrad": 3.0,
    "rmsprop": 0.1,
    "adadelta": 10.0,
    "adafactor": 3.0,
    "lion": 0.3,
    "muon": 0.3,
}
"""One rate an optimizer, for all surfaces; 1 for those not named."""


def _descended(name: str, surface: str, rate: float, steps: int) -> float:
    """Return how high the point still stands after a falling rate, as a share of where it began."""
    data = datasets[surface].build(Request())
    point, loss = models["point"].build(data.task), losses["height"].build(data.task)
    built = optimizer_of(optimizers[name], point, weight_decay=0.0)
    x, y = data.eval.take(torch.arange(1))
    heights = []

    def closure() -> Tensor:
        built.zero_grad()
        value: Tensor = loss(*data.task.forward(point, x, y))
        value.backward()
        if name == "radam":  # its first steps are as long as the gradient
            nn.utils.clip_grad_norm_(point.parameters(), 1.0)
        heights.append(value.item())
        return value

    for step in range(steps):
        for group in built.param_groups:
            group["lr"] = rate * (1 - step / steps)
        take_step(built, closure)
    assert isinstance(data.task, Surface)
    lowest = float(data.task.height(torch.tensor(data.task.minima)).min())
    return (heights[-1] - lowest) / (heights[0] - lowest)


@pytest.mark.parametrize("surface", SURFACES)
def test_it_comes_down_every_surface(optimizer: Entry[Optimizer], surface: str) -> None:
    if (optimizer.name, surface) == ("sgd", "plateau"):
        return  # where there is hardly a slope, plain descent hardly moves: that is what the surface shows
    steps = 30 if optimizer.card.facts.get("closure") else 400
    assert _descended(optimizer.name, surface, RATES.get(optimizer.name, 1.0), steps) < 0.02


def test_it_follows_the_bent_valley(optimizer: Entry[Optimizer]) -> None:
    # Its floor lies at half the height of the start: less than a tenth is reached along it alone.
    rate = {"sgd": 0.001}.get(optimizer.name, RATES.get(optimizer.name, 1.0))
    steps = 30 if optimizer.card.facts.get("closure") else 700
    assert _descended(optimizer.name, "rosenbrock", rate, steps) < 0.1
