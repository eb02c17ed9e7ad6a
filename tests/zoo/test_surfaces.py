"""Surfaces: their minima are minima, and their noise is noise."""

import pytest
import torch

from tuilab.errors import TuilabError
from tuilab.registry import Entry
from tuilab.zoo.data import Data, Request
from tuilab.zoo.registries import datasets, losses, models
from tuilab.zoo.splits import TensorSplit
from tuilab.zoo.tasks.surface import Surface

SURFACES = [entry for entry in datasets if entry.card.facts["task"] == "surface"]


def _task(entry: Entry[Data]) -> Surface:
    task = entry.build(Request()).task
    assert isinstance(task, Surface)
    return task


@pytest.fixture(params=SURFACES, ids=lambda entry: entry.name)
def surface(request: pytest.FixtureRequest) -> Surface:
    return _task(request.param)


def test_nothing_in_the_window_is_lower_than_the_minima(surface: Surface) -> None:
    left, right, bottom, top = surface.window
    xs, ys = torch.linspace(left, right, 401), torch.linspace(bottom, top, 401)
    heights = surface.height(torch.cartesian_prod(xs, ys))
    lowest = surface.height(torch.tensor(surface.minima))
    assert lowest.max() - lowest.min() < 1e-4
    assert heights.min() >= lowest.min() - 1e-4


def test_the_slope_vanishes_at_the_minima(surface: Surface) -> None:
    places = torch.tensor(surface.minima, requires_grad=True)
    surface.height(places).sum().backward()
    assert places.grad is not None
    assert places.grad.abs().max() < 1e-3


def test_the_start_and_the_minima_are_worth_drawing(surface: Surface) -> None:
    left, right, bottom, top = surface.window
    for x, y in (surface.start, *surface.minima):
        assert left < x < right
        assert bottom < y < top


def test_the_point_starts_where_it_is_told_and_reports_where_it_is() -> None:
    data = datasets["ravine"].build(Request(), start=[3.0, -2.0])
    point = models["point"].build(data.task)
    assert {name: float(value) for name, value in data.task.step_values(point).items()} == {
        "x": 3.0,
        "y": -2.0,
    }
    score = data.task.score(point, torch.device("cpu"))
    with torch.no_grad():
        outputs, targets = data.task.forward(point, *data.test.take(torch.arange(1)))
    score.update(outputs, targets, losses["height"].build(data.task)(outputs, targets))
    result = score.result()
    assert result["distance"] == pytest.approx(13**0.5)
    assert result["loss"] == result["height"] == pytest.approx(4.5 + 100)


def test_noise_spreads_the_gradient_and_leaves_its_mean() -> None:
    data = datasets["bowl"].build(Request(), noise=0.5, samples=100_000)
    point = models["point"].build(data.task)
    assert isinstance(data.train, TensorSplit)
    assert data.train.x.std().item() == pytest.approx(0.5, rel=0.01)
    outputs, _ = data.task.forward(point, data.train.x, data.train.y)
    outputs.mean().backward()
    slope = point.get_parameter("position").grad
    assert slope is not None
    torch.testing.assert_close(slope, torch.tensor([-3.0, 2.0]), atol=0.01, rtol=0)


def test_a_start_that_is_no_place_is_refused() -> None:
    with pytest.raises(TuilabError, match=r"data\.start: \[1\.0\] is not a place"):
        datasets["ravine"].build(Request(), start=[1.0])
