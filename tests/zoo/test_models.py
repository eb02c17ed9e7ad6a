"""What every model keeps, whichever it is."""

import re
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from tuilab.errors import TuilabError
from tuilab.registry import Entry
from tuilab.zoo.registries import losses
from tuilab.zoo.tasks.task import Task

Batcher = Callable[[Task, int], tuple[Tensor, Tensor]]
Tasks = dict[str, list[Task]]
Case = tuple[Entry[nn.Module], dict[str, Any]]


def _fitting(entry: Entry[nn.Module], tasks: Tasks, knobs: dict[str, Any]) -> list[tuple[Task, nn.Module]]:
    """Return the model built for every sample task that it says it fits and does not refuse."""
    built: list[tuple[Task, nn.Module]] = []
    refusals: list[str] = []
    for name in entry.card.facts["tasks"]:
        for task in tasks[name]:
            torch.manual_seed(0)
            try:
                built.append((task, entry.build(task, **knobs)))
            except TuilabError as refusal:
                refusals.append(str(refusal))
    for message in refusals:
        named = re.match(r"model\.(\w+): ", message)
        assert named is not None, f"no knob is named in: {message}"
        assert named[1] == "name" or named[1] in [knob.name for knob in entry.card.fields]
    assert built or (knobs and refusals), f"{entry.name} fits none of the tasks it names"
    return built


def _loss(task: Task, model: nn.Module, x: Tensor, y: Tensor) -> Tensor:
    return losses[task.default_loss].build(task)(*task.forward(model, x, y))


def test_it_learns_from_full_odd_and_single_batches(
    model_case: Case, sample_tasks: Tasks, batch: Batcher
) -> None:
    entry, knobs = model_case
    for task, model in _fitting(entry, sample_tasks, knobs):
        for rows in (6, 5, 1):
            x, y = batch(task, rows)
            outputs, targets = task.forward(model, x, y)
            assert len(outputs) == len(targets)
            loss = _loss(task, model, x, y)
            assert loss.shape == ()
            assert loss.isfinite()
            model.zero_grad()
            loss.backward()
            assert all(p.grad is None or bool(p.grad.isfinite().all()) for p in model.parameters())


def test_its_outputs_have_the_shape_the_task_names(
    model: Entry[nn.Module], sample_tasks: Tasks, batch: Batcher
) -> None:
    for task, network in _fitting(model, sample_tasks, {}):
        x, _ = batch(task, 4)
        positions = x.shape[1:] if task.tokens else ()
        assert network(x).shape == (4, *positions, task.outputs)


def test_gradients_reach_every_parameter(
    model: Entry[nn.Module], sample_tasks: Tasks, batch: Batcher
) -> None:
    for task, network in _fitting(model, sample_tasks, {}):
        _loss(task, network, *batch(task, 32)).backward()
        silent = [name for name, p in network.named_parameters() if p.grad is None or not p.grad.any()]
        assert silent == []


def test_it_runs_in_bfloat16_and_its_loss_stays_in_float32(
    model: Entry[nn.Module], sample_tasks: Tasks, batch: Batcher
) -> None:
    for task, network in _fitting(model, sample_tasks, {}):
        x, y = batch(task, 6)
        exact = _loss(task, network, x, y)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            loss = _loss(task, network, x, y)
        assert loss.dtype == torch.float32
        loss.backward()
        torch.testing.assert_close(loss, exact, rtol=0.05, atol=0.05)


def test_evaluation_does_not_depend_on_the_batch(
    model_case: Case, sample_tasks: Tasks, batch: Batcher
) -> None:
    entry, knobs = model_case
    for task, network in _fitting(entry, sample_tasks, knobs):
        network.eval()
        x, _ = batch(task, 5)
        with torch.no_grad():
            together, alone = network(x), torch.cat([network(row) for row in x.split(1)])
        torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-5)


def test_the_same_seed_gives_the_same_bits_after_a_step(
    model: Entry[nn.Module], sample_tasks: Tasks, batch: Batcher
) -> None:
    def after_a_step() -> list[Tensor]:
        weights = []
        for task, network in _fitting(model, sample_tasks, {}):
            _loss(task, network, *batch(task, 32)).backward()
            weights += [p - 0.1 * p.grad for p in network.parameters() if p.grad is not None]
        return weights

    assert all(torch.equal(a, b) for a, b in zip(after_a_step(), after_a_step(), strict=True))


def test_it_refuses_a_task_that_it_does_not_fit(model: Entry[nn.Module], sample_tasks: Tasks) -> None:
    other = "regression" if "language-model" in model.card.facts["tasks"] else "language-model"
    with pytest.raises(TuilabError, match=r"^model\.\w+: .*[Cc]hoose"):
        model.build(sample_tasks[other][0])
