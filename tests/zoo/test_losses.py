"""What every loss keeps, whichever it is; and their values."""

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from tuilab.errors import TuilabError
from tuilab.registry import Entry
from tuilab.zoo.registries import Loss, losses
from tuilab.zoo.tasks.classification import Classification
from tuilab.zoo.tasks.regression import Regression
from tuilab.zoo.tasks.task import IGNORED, Task

Batcher = Callable[[Task, int], tuple[Tensor, Tensor]]


def test_it_is_a_finite_mean_with_a_gradient(
    loss_case: tuple[Entry[Loss], dict[str, Any]],
    sample_tasks: dict[str, list[Task]],
    batch: Batcher,
    some_model: Callable[[Task], nn.Module],
) -> None:
    entry, knobs = loss_case
    for name in entry.card.facts["tasks"]:
        for task in sample_tasks[name]:
            outputs, targets = task.forward(some_model(task), *batch(task, 6))
            if entry.name == "cross-entropy" and len(knobs.get("class_weights", [])) not in (0, task.outputs):
                with pytest.raises(TuilabError, match=r"^loss\.class_weights: "):
                    entry.build(task, **knobs)
                continue
            loss = entry.build(task, **knobs)
            twice = loss(torch.cat([outputs, outputs]), torch.cat([targets, targets]))
            torch.testing.assert_close(loss(outputs, targets), twice)
            assert loss(outputs.bfloat16(), targets).dtype == torch.float32
            twice.backward()


def test_its_slope_has_a_slope(
    loss: Entry[Loss],
    sample_tasks: dict[str, list[Task]],
    batch: Batcher,
    some_model: Callable[[Task], nn.Module],
) -> None:
    for name in loss.card.facts["tasks"]:
        for task in sample_tasks[name]:
            model = some_model(task)
            weights = list(model.parameters())
            with sdpa_kernel(SDPBackend.MATH):  # as sharpness asks
                value = loss.build(task)(*task.forward(model, *batch(task, 4)))
                slopes = torch.autograd.grad(value, weights, create_graph=True, materialize_grads=True)
            steepness = torch.stack([slope.square().sum() for slope in slopes]).sum()
            if steepness.requires_grad:  # not where it is the same everywhere
                torch.autograd.grad(steepness, weights, materialize_grads=True)


@pytest.mark.parametrize("squared", [False, True])
def test_hinge_is_torchs_own(squared: bool) -> None:
    outputs, targets = _classes()
    ours = losses["hinge"].build(CHOICE, margin=0.7, squared=squared)(outputs, targets)
    torch.testing.assert_close(ours, nn.MultiMarginLoss(2 if squared else 1, margin=0.7)(outputs, targets))


def test_every_task_has_its_default_loss(sample_tasks: dict[str, list[Task]]) -> None:
    for name, tasks in sample_tasks.items():
        assert name in losses[tasks[0].default_loss].card.facts["tasks"]


def test_errors_are_weighed_as_their_names_say() -> None:
    task = Regression(input_shape=(1,), outputs=1)
    outputs, targets = torch.tensor([[1.0], [5.0]]), torch.tensor([[0.0], [2.0]])
    assert losses["mse"].build(task)(outputs, targets).item() == pytest.approx(5)
    assert losses["mae"].build(task)(outputs, targets).item() == pytest.approx(2)


def test_an_even_guess_costs_the_logarithm_of_the_classes(sample_tasks: dict[str, list[Task]]) -> None:
    task = sample_tasks["classification"][0]
    even, sure = torch.zeros(2, 3), torch.tensor([[50.0, 0.0, 0.0]] * 2)
    targets = torch.tensor([0, 0])
    assert losses["cross-entropy"].build(task)(even, targets).item() == pytest.approx(math.log(3))
    assert losses["cross-entropy"].build(task)(sure, targets).item() == pytest.approx(0)
    assert losses["cross-entropy"].build(task, label_smoothing=0.1)(sure, targets) > 1


def _numbers() -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    return torch.randn(7, 4, generator=generator) * 2, torch.randn(7, 4, generator=generator)


def _classes() -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    return torch.randn(7, 4, generator=generator) * 2, torch.randint(4, (7,), generator=generator)


NUMBERS = Regression(input_shape=(1,), outputs=4)
CHOICE = Classification(input_shape=(1,), outputs=4, classes=("a", "b", "c", "d"))


def _huber(outputs: Tensor, targets: Tensor) -> Tensor:
    away = (outputs - targets).abs()
    return torch.where(away < 0.7, away.square() / 2, 0.7 * (away - 0.35)).mean()


def _cosine(outputs: Tensor, targets: Tensor) -> Tensor:
    return (
        1 - (outputs * targets).sum(1) / (outputs.square().sum(1) * targets.square().sum(1)).sqrt()
    ).mean()


def _euclidean(outputs: Tensor, targets: Tensor) -> Tensor:
    return (outputs - targets).square().sum(dim=1).sqrt().mean()


@pytest.mark.parametrize(
    ("name", "knobs", "formula"),
    [("huber", {"delta": 0.7}, _huber), ("cosine", {}, _cosine), ("euclidean", {}, _euclidean)],
)
def test_distances_follow_their_formulas(
    name: str, knobs: dict[str, Any], formula: Callable[[Tensor, Tensor], Tensor]
) -> None:
    outputs, targets = _numbers()
    expected = formula(outputs.double(), targets.double())
    loss = losses[name].build(NUMBERS, **knobs)(outputs, targets)
    assert loss.item() == pytest.approx(expected.item(), rel=1e-6)


def _one_hot(targets: Tensor) -> Tensor:
    return torch.eye(4, dtype=torch.float64)[targets]


def _bce(outputs: Tensor, targets: Tensor) -> Tensor:
    chance, wanted = 1 / (1 + (-outputs).exp()), _one_hot(targets)
    return -(wanted * chance.log() + (1 - wanted) * (1 - chance).log()).mean()


def _kl(outputs: Tensor, targets: Tensor) -> Tensor:
    wanted = 0.8 * _one_hot(targets) + 0.2 / 4
    chance = outputs.exp() / outputs.exp().sum(dim=1, keepdim=True)
    return (wanted * (wanted / chance).log()).sum(dim=1).mean()


def _class_cosine(outputs: Tensor, targets: Tensor) -> Tensor:
    return _cosine(outputs, _one_hot(targets))


def _hinge(outputs: Tensor, targets: Tensor) -> Tensor:
    true = outputs.gather(1, targets[:, None])
    lacking = (1.5 - true + outputs).clamp(min=0).square() * (1 - _one_hot(targets))
    return lacking.sum(dim=1).mean() / 4


def _weighted_cross_entropy(outputs: Tensor, targets: Tensor) -> Tensor:
    weights = torch.tensor([1.0, 2.0, 0.5, 0.0], dtype=torch.float64)[targets]
    surprise = -(outputs.exp() / outputs.exp().sum(dim=1, keepdim=True)).log()
    return (weights * surprise.gather(1, targets[:, None])[:, 0]).sum() / weights.sum()


@pytest.mark.parametrize(
    ("name", "knobs", "formula"),
    [
        ("bce", {}, _bce),
        ("kl", {"label_smoothing": 0.2}, _kl),
        ("cosine", {}, _class_cosine),
        ("hinge", {"margin": 1.5, "squared": True}, _hinge),
        ("cross-entropy", {"class_weights": [1.0, 2.0, 0.5, 0.0]}, _weighted_cross_entropy),
    ],
)
def test_losses_of_classes_follow_their_formulas(
    name: str, knobs: dict[str, Any], formula: Callable[[Tensor, Tensor], Tensor]
) -> None:
    outputs, targets = _classes()
    expected = formula(outputs.double(), targets)
    loss = losses[name].build(CHOICE, **knobs)(outputs, targets)
    assert loss.item() == pytest.approx(expected.item(), rel=1e-5)


def test_class_weights_with_smoothing_are_torchs_own() -> None:
    outputs, targets = _classes()
    weights = [1.0, 2.0, 0.5, 3.0]
    ours = losses["cross-entropy"].build(CHOICE, class_weights=weights, label_smoothing=0.1)
    theirs = nn.CrossEntropyLoss(torch.tensor(weights), label_smoothing=0.1)
    torch.testing.assert_close(ours(outputs, targets), theirs(outputs, targets))


def test_a_batch_of_which_nothing_counts_has_no_loss() -> None:
    loss = losses["cross-entropy"].build(CHOICE, class_weights=[1.0, 0.0, 1.0, 1.0])
    assert loss(torch.randn(2, 4), torch.tensor([1, 1])).item() == 0


@pytest.mark.parametrize("weights", [[1.0, 2.0], [0.0] * 4], ids=str)
def test_class_weights_that_do_not_fit_are_refused(weights: list[float]) -> None:
    with pytest.raises(TuilabError, match=r"loss\.class_weights: .* 4 classes"):
        losses["cross-entropy"].build(CHOICE, class_weights=weights)


@pytest.mark.parametrize("name", ["cross-entropy", "kl"])
def test_ignored_targets_do_not_count(name: str) -> None:
    outputs, targets = _classes()
    loss = losses[name].build(CHOICE)
    padded = torch.cat([targets, torch.tensor([IGNORED] * 3)])
    torch.testing.assert_close(loss(torch.cat([outputs, torch.randn(3, 4)]), padded), loss(outputs, targets))


def test_a_single_output_has_no_angle() -> None:
    with pytest.raises(TuilabError, match=r"loss\.name: cosine .* Choose mse"):
        losses["cosine"].build(Regression(input_shape=(1,), outputs=1))
