"""What every loss keeps, whichever it is; and their values."""

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from tuilab.errors import TuilabError
from tuilab.registry import Entry
from tuilab.zoo.registries import Loss, losses
from tuilab.zoo.tasks.regression import Regression
from tuilab.zoo.tasks.task import Task

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
