"""The contract of the zoo: whatever is registered is tested, without a test of its own.

A test that asks for `model`, `dataset`, `loss` or `optimizer` runs once for each
entry of that registry; `model_case` and the like run once for each end of each
knob's range too.
"""

import contextlib
import math
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from tuilab import zoo
from tuilab.errors import TuilabError
from tuilab.knobs import Field
from tuilab.registry import Card, Entry, Registry
from tuilab.zoo.datasets.cartpole import CartPole
from tuilab.zoo.registries import datasets, losses, models, optimizers
from tuilab.zoo.tasks.autoencoder import Autoencoder
from tuilab.zoo.tasks.classification import Classification
from tuilab.zoo.tasks.language_model import LanguageModel
from tuilab.zoo.tasks.masked_model import MaskedModel
from tuilab.zoo.tasks.regression import Regression
from tuilab.zoo.tasks.reinforcement import Reinforcement
from tuilab.zoo.tasks.seq2seq import END, Seq2Seq
from tuilab.zoo.tasks.surface import Surface
from tuilab.zoo.tasks.task import Task

zoo.load()

REGISTRIES: dict[str, Registry[Any]] = {
    "dataset": datasets,
    "model": models,
    "loss": losses,
    "optimizer": optimizers,
}

LARGEST = {"dataset": 400, "model": 16, "loss": 16, "optimizer": 16}
"""Whole numbers are tried up to this only: a model 65,536 units wide would prove nothing more."""

Case = tuple[Entry[Any], dict[str, Any]]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    for kind, registry in REGISTRIES.items():
        if kind in metafunc.fixturenames:
            metafunc.parametrize(kind, list(registry), ids=lambda entry: entry.name)
        if f"{kind}_case" in metafunc.fixturenames:
            cases = [(entry, knobs) for entry in registry for knobs in ends(entry.card, LARGEST[kind])]
            metafunc.parametrize(f"{kind}_case", cases, ids=_shown)


def ends(card: Card, largest: int) -> Iterator[dict[str, Any]]:
    """Yield the defaults, then each knob at each end of its range with the others at their defaults."""
    yield {}
    for knob in card.fields:
        for value in _ends_of(knob, largest):
            if value != knob.default:
                yield {knob.name: knob.check(value)}


def _ends_of(knob: Field, largest: int) -> list[Any]:
    low = knob.low if knob.low is not None else -1.0
    high = knob.high if knob.high is not None else 1.0
    values: list[Any] = list(knob.words)
    for kind in knob.kinds:
        match kind:
            case "bool":
                values += [False, True]
            case "int":
                values += [int(low), int(min(high, largest))]
            case "float":
                values += [low, high]
            case "ints":
                values += [[], [int(low)], [int(low), int(min(high, largest))]]
            case "floats":
                values += [[low, high]]
            case "tables" | "strs" | "str" | "table":
                pass  # what may stand in them is each component's own
    return values


def _shown(case: Case) -> str:
    entry, knobs = case
    return "-".join([entry.name, *(f"{name}={value}" for name, value in knobs.items())])


def _bowl(position: Tensor) -> Tensor:
    return position.square().sum(dim=-1)


def _sample_tasks() -> dict[str, list[Task]]:
    """Return small tasks of every name, with every shape of input that data sets here have."""
    shapes: list[tuple[int, ...]] = [(5,), (6, 2), (1, 8, 8), (1, 28, 28), (3, 32, 32)]
    return {
        "classification": [
            *(Classification(input_shape=shape, outputs=3, classes=("a", "b", "c")) for shape in shapes),
            Classification(input_shape=(9,), outputs=3, tokens=11, classes=("a", "b", "c")),
        ],
        "regression": [
            *(Regression(input_shape=shape, outputs=2) for shape in shapes),
            Regression(input_shape=(9,), outputs=2, tokens=11),
        ],
        "autoencoder": [
            Autoencoder(input_shape=shape, outputs=math.prod(shape), examples=torch.ones(2, *shape))
            for shape in shapes
        ],
        "masked-model": [
            MaskedModel(
                input_shape=(8,), outputs=7, tokens=8, vocabulary=tuple("abcdefg"), examples=((0, 1, 2, 3),)
            )
        ],
        "seq2seq": [
            Seq2Seq(
                input_shape=(6,),
                outputs=8,
                tokens=7,
                target_length=5,
                source_vocabulary=tuple("-abcdef"),
                target_vocabulary=tuple("-<>abcde"),
                examples=(((1, 2, 3), (3, 4)),),
            )
        ],
        "language-model": [
            LanguageModel(
                input_shape=(8,), outputs=7, tokens=7, vocabulary=tuple("abcdefg"), prompts=("abc",)
            )
        ],
        "reinforcement": [
            Reinforcement(
                input_shape=(4,), outputs=3, actions=2, make=lambda x: CartPole(x, 20), show=lambda x: ""
            )
        ],
        "surface": [
            Surface(height=_bowl, minima=((0.0, 0.0),), start=(1.0, 2.0), window=(-3.0, 3.0, -3.0, 3.0))
        ],
    }


def _batch(task: Task, rows: int) -> tuple[Tensor, Tensor]:
    """Return random inputs and targets that a task could hold."""
    generator = torch.Generator().manual_seed(rows)
    if isinstance(task, Seq2Seq):
        return (
            _padded(rows, task.input_shape[0], 1, task.tokens, generator),
            _ended(_padded(rows, task.target_length, 3, task.outputs, generator)),
        )
    if task.tokens and isinstance(task, Classification | Regression):
        x = _padded(rows, task.input_shape[0], 1, task.tokens, generator)
        if isinstance(task, Regression):
            return x, torch.randn(rows, task.outputs, generator=generator)
        return x, torch.randint(task.outputs, (rows,), generator=generator)
    if isinstance(task, MaskedModel):
        x = torch.randint(task.outputs, (rows, task.input_shape[0]), generator=generator)
        return x, x
    if task.tokens:
        windows = torch.randint(task.tokens, (rows, task.input_shape[0] + 1), generator=generator)
        return windows[:, :-1], windows[:, 1:]
    x = torch.randn(rows, *task.input_shape, generator=generator)
    if isinstance(task, Classification):
        return x, torch.randint(task.outputs, (rows,), generator=generator)
    if isinstance(task, Surface | Autoencoder | Reinforcement):
        return x, torch.zeros(rows)
    return x, torch.randn(rows, task.outputs, generator=generator)


def _padded(rows: int, length: int, low: int, high: int, generator: torch.Generator) -> Tensor:
    """Return random tokens of different lengths, filled up with 0."""
    tokens = torch.randint(low, high, (rows, length), generator=generator)
    lengths = torch.randint(1, length, (rows, 1), generator=generator)
    return tokens.masked_fill(torch.arange(length) >= lengths, 0)


def _ended(targets: Tensor) -> Tensor:
    """Put the end behind the last token of each target."""
    return targets.scatter(1, (targets != 0).sum(dim=1, keepdim=True), END)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Networks this small are slower on more, and much slower where the cores are shared."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def sample_tasks() -> dict[str, list[Task]]:
    return _sample_tasks()


def _some_model(task: Task) -> nn.Module:
    """Return the first model that names the task and does not refuse its inputs."""
    torch.manual_seed(0)
    for entry in models:
        if task.name in entry.card.facts["tasks"]:
            with contextlib.suppress(TuilabError):
                return entry.build(task)
    raise AssertionError(f"no model fits {task}")


@pytest.fixture(scope="session")
def some_model() -> Callable[[Task], nn.Module]:
    return _some_model


@pytest.fixture(scope="session")
def batch() -> Callable[[Task, int], tuple[Tensor, Tensor]]:
    return _batch


@pytest.fixture
def small_network() -> nn.Module:
    """Two matrices, a norm and biases, from a fixed seed."""
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 8), nn.LayerNorm(8), nn.Tanh(), nn.Linear(8, 3))
