"""What every model keeps, whichever it is."""

import math
import re
from collections.abc import Callable
from typing import Any, get_args

import pytest
import torch
from torch import Tensor, nn

from tuilab.errors import TuilabError
from tuilab.registry import Entry
from tuilab.zoo.models.activations import Activation, activation_layer
from tuilab.zoo.registries import losses, models
from tuilab.zoo.tasks.seq2seq import Seq2Seq, started
from tuilab.zoo.tasks.task import Task

Batcher = Callable[[Task, int], tuple[Tensor, Tensor]]
Tasks = dict[str, list[Task]]
Case = tuple[Entry[nn.Module], dict[str, Any]]

LARGEST = 1000
"""Numbers in an input: the ends of knobs are tried on smaller ones only, to save time."""


def _fitting(entry: Entry[nn.Module], tasks: Tasks, knobs: dict[str, Any]) -> list[tuple[Task, nn.Module]]:
    """Return the model built for every sample task that it says it fits and does not refuse."""
    built: list[tuple[Task, nn.Module]] = []
    refusals: list[str] = []
    for name in entry.card.facts["tasks"]:
        for task in tasks[name]:
            if knobs and math.prod(task.input_shape) > LARGEST:
                continue
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


def _inputs(task: Task, x: Tensor, y: Tensor) -> tuple[Tensor, ...]:
    """Return what the model itself is given of a batch."""
    return (x, started(y)) if isinstance(task, Seq2Seq) else (x,)


def test_its_outputs_have_the_shape_the_task_names(
    model: Entry[nn.Module], sample_tasks: Tasks, batch: Batcher
) -> None:
    for task, network in _fitting(model, sample_tasks, {}):
        x, y = batch(task, 4)
        expected: dict[str, tuple[int, ...]] = {
            "language-model": (*x.shape[1:], task.outputs),
            "masked-model": (*x.shape[1:], task.outputs),
            "seq2seq": (*y.shape[1:], task.outputs),
            "autoencoder": task.input_shape,
        }
        outputs = network(*_inputs(task, x, y))
        assert outputs.shape == (4, *expected.get(task.name, (task.outputs,)))


def test_gradients_reach_every_parameter(
    model: Entry[nn.Module], sample_tasks: Tasks, batch: Batcher
) -> None:
    for task, network in _fitting(model, sample_tasks, {}):
        # Enough rows that every token and every place occurs.
        _loss(task, network, *batch(task, 64)).backward()
        silent = [name for name, p in network.named_parameters() if p.grad is None or not p.grad.any()]
        assert silent == []


def test_it_runs_in_bfloat16_and_its_loss_stays_in_float32(
    model: Entry[nn.Module], sample_tasks: Tasks, batch: Batcher
) -> None:
    for task, network in _fitting(model, sample_tasks, {}):
        x, y = batch(task, 6)
        torch.manual_seed(1)
        exact = _loss(task, network, x, y)
        torch.manual_seed(1)
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
        inputs = _inputs(task, *batch(task, 5))
        rows = zip(*(part.split(1) for part in inputs), strict=True)
        with torch.no_grad():
            together, alone = network(*inputs), torch.cat([network(*row) for row in rows])
        torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("activation", get_args(get_args(Activation)[0]))
def test_an_activation_bends_as_torch_says_and_its_slope_has_a_slope(activation: str) -> None:
    named = {"sigmoid": "Sigmoid", "hard-sigmoid": "Hardsigmoid", "leaky-relu": "LeakyReLU"}
    torchs = named.get(activation) or next(n for n in vars(nn) if n.lower() == activation)
    layer, x = activation_layer(activation), torch.linspace(-5, 5, 101, requires_grad=True)
    assert isinstance(layer, getattr(nn, torchs))
    torch.testing.assert_close(layer(x), getattr(nn, torchs)()(x))
    (slope,) = torch.autograd.grad(layer(x * 1.5).sum(), x, create_graph=True)
    torch.autograd.grad((slope * x).sum(), x)


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
    for name in ("regression", "language-model", "masked-model", "seq2seq", "autoencoder", "surface"):
        if name not in model.card.facts["tasks"]:
            with pytest.raises(TuilabError, match=r"^model\.\w+: .*[Cc]hoose") as refusal:
                model.build(sample_tasks[name][0])
            chosen = re.findall(r"[Cc]hoose ([\w-]+)", str(refusal.value))[0]
            assert name in models[chosen].card.facts["tasks"]
