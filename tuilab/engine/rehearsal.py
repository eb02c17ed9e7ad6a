"""A rehearsal of users' own components: built, they take one step with two samples before there is a run.

What torch says of a mistake names neither the file nor the knob. Here each part is watched while it
works, and what goes wrong is told at the key of the part whose fault it is. What comes with tuilab is not
watched: its mistakes are ours, and crash with a traceback.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from tuilab.engine.loader import first
from tuilab.errors import TuilabError
from tuilab.spec import COMPONENTS, Spec
from tuilab.words import counted
from tuilab.zoo import own
from tuilab.zoo.data import Data
from tuilab.zoo.own import REGISTRIES
from tuilab.zoo.splits import TensorSplit
from tuilab.zoo.tasks.task import Task

if TYPE_CHECKING:
    from tuilab.engine.build import Built

_MISFITS = (RuntimeError, ValueError, IndexError)
"""What torch raises where shapes and types do not go together."""

_HINTS = (
    ("leaf Variable", " Put @torch.no_grad() above step."),
    ("NotImplementedError", "It needs a method step(self, closure=None), which changes the weights."),
)
"""What may be meant by what torch says of an optimizer."""

_WATCHED = 100_000
"""Rows of a data set that are looked at: reading all of a large one would take as long as an epoch."""


def is_own(spec: Spec, table: str) -> bool:
    """Whether a table names a component from a user's file."""
    return own.is_own(REGISTRIES[COMPONENTS[table]][spec.component(table)[0]].build)


@contextmanager
def watched(spec: Spec, table: str, doing: str = "cannot be built") -> Iterator[None]:
    """Tell what a user's component raises at its key, with its place in the file.

    Raises:
        TuilabError: in place of what was raised.
    """
    try:
        yield
    except TuilabError:
        raise
    except Exception as error:
        if not is_own(spec, table):
            raise
        name = spec.component(table)[0]
        hint = next((hint for sign, hint in _HINTS if sign in repr(error)), "")
        said = f"{type(error).__name__}: {error}{own.place(error)}{hint}"
        raise TuilabError(f"{table}.name: {name!r} {doing}: {said}") from error


def check_data(data: Any, name: str) -> None:
    """Refuse what a user's data set returned where it is no data, or is not what its task says.

    Raises:
        TuilabError: says what, and of which split.
    """
    if not isinstance(data, Data):
        _fail("data", name, f"must return a Data(task, train, eval, test), not a {type(data).__name__}.")
    told = REGISTRIES["datasets"][name].card.facts.get("task")
    if data.task.name != told:
        _fail("data", name, f"is registered with task={told!r} and poses a {data.task.name} task.")
    for part in ("train", "eval", "test"):
        split = getattr(data, part)
        if isinstance(split, TensorSplit):
            _check_rows(split, data.task, name, part)
    task = data.task
    if task.labels and len(task.labels) != task.outputs:
        _fail(
            "data",
            name,
            f"has {task.outputs} outputs and names {counted(len(task.labels), 'class')}.",
        )


def _check_rows(split: TensorSplit, task: Task, name: str, part: str) -> None:
    x: Any = split.x
    y: Any = split.y  # whatever stands there
    for what, rows in (("x", x), ("y", y)):
        if not isinstance(rows, Tensor):
            hint = " torch.from_numpy makes one." if type(rows).__module__ == "numpy" else ""
            _fail("data", name, f"has {what} of {part} as a {type(rows).__name__}, not as a tensor.{hint}")
    if len(x) != len(y):
        _fail("data", name, f"has {len(x)} rows of x and {len(y)} of y in {part}.")
    if tuple(x.shape[1:]) != tuple(task.input_shape):
        _fail("data", name, f"has samples of shape {tuple(x.shape[1:])}; its task says {task.input_shape}.")
    if not task.tokens and x.dtype != torch.float32:
        _fail(
            "data", name, f"has x of {x.dtype}: a network computes with torch.float32. x.float() gives that."
        )
    if not bool(x[:_WATCHED].isfinite().all()):
        _fail("data", name, f"has x that are not finite numbers (NaN or infinite) in {part}.")
    if task.labels:
        _check_classes(y, task, name, part)


def _check_classes(y: Tensor, task: Task, name: str, part: str) -> None:
    if y.dtype != torch.int64 or y.dim() != 1:
        _fail(
            "data",
            name,
            f"has y of {y.dtype} and shape {tuple(y.shape)}: a class is a number. y.long() gives that.",
        )
    low, high = (int(y.min()), int(y.max())) if len(y) else (0, 0)
    if low < 0 or high >= task.outputs:
        _fail(
            "data",
            name,
            f"has classes {low} to {high} in {part}; with {task.outputs} outputs they are "
            f"numbered 0 to {task.outputs - 1}.",
        )


def check_model(model: Any, spec: Spec) -> None:
    """Refuse what a user's model was built as where nothing can be trained in it.

    Raises:
        TuilabError: it is no module, or has no weights.
    """
    name = spec.component("model")[0]
    if not isinstance(model, nn.Module):
        _fail(
            "model",
            name,
            f"must inherit from torch.nn.Module, or be a function that returns one; {_a(model)} is none.",
        )
    if not any(True for _ in model.parameters()):
        _fail(
            "model",
            name,
            "has no weights to train. Layers are found where they are attributes of the module: "
            "self.layer = ..., and many of them in an nn.ModuleList.",
        )


def check_optimizer(optimizer: Any, spec: Spec) -> None:
    """Refuse what a user's optimizer was built as where it cannot be stepped or scheduled.

    Raises:
        TuilabError: it is no optimizer, or its groups have no learning rate.
    """
    name = spec.component("optimizer")[0]
    if not isinstance(optimizer, Optimizer):
        _fail("optimizer", name, f"must inherit from torch.optim.Optimizer; {_a(optimizer)} is none.")
    if any("lr" not in group for group in getattr(optimizer, "param_groups", [{}])):
        _fail(
            "optimizer", name, 'has no learning rate in its groups: super().__init__(parameters, {"lr": lr}).'
        )


def rehearse(built: "Built") -> None:
    """Take one step with two samples, where model, loss or optimizer is a user's own.

    Weights change: what was built is good for nothing else afterwards but its shapes.

    Raises:
        TuilabError: begins with the key of the part that fails.
    """
    spec = built.spec
    if not any(is_own(spec, table) for table in ("model", "loss", "optimizer")):
        return
    x, y = first(built.data.train, 2, built.device)
    built.model.train()
    model, data = spec.component("model")[0], spec.component("data")[0]
    try:
        with watched(spec, "model", f"fails on samples of {data!r}"):
            outputs, targets = _forward(built, x, y, f"{model!r} does not take what {data!r} gives")
        loss = _loss(built, outputs, targets)
        with watched(spec, "model", "cannot be trained"):
            loss.backward()
    except RuntimeError as error:  # a part of ours stumbles over what a user's own gives
        raise TuilabError(
            f"model.name: {model!r} does not fit {data!r}: {error}{own.place(error)}"
        ) from error
    with watched(spec, "optimizer", "cannot take a step"):
        built.optimizer.step(lambda: float(loss.detach())) if built.searches else built.optimizer.step()


def _forward(built: "Built", x: Tensor, y: Tensor, misfit: str) -> tuple[Tensor, Tensor]:
    task, spec = built.data.task, built.spec
    name = spec.component("model")[0]

    def look(module: nn.Module, given: Any, returned: Any) -> None:
        if not isinstance(returned, Tensor):
            _fail("model", name, f"must return one tensor of scores; {_a(returned)} is none.")

    watching = built.model.register_forward_hook(look) if is_own(spec, "model") else None
    try:
        outputs, targets = task.forward(built.model, x, y)
    except _MISFITS as error:
        raise TuilabError(f"model.name: {misfit}: {error}{own.place(error)}") from error
    finally:
        if watching is not None:
            watching.remove()
    if watching is not None:
        wanted = task.output_shape(targets)
        if wanted is not None and tuple(outputs.shape) != wanted:
            shape = tuple(outputs.shape)
            _fail("model", name, f"returns shape {shape} for {len(x)} samples; {wanted} is wanted.")
        if not outputs.requires_grad:
            _fail("model", name, "returns scores without a gradient: leave out .detach() and no_grad.")
    return outputs, targets


def _loss(built: "Built", outputs: Tensor, targets: Tensor) -> Tensor:
    name = built.spec.component("loss")[0]
    with watched(
        built.spec, "loss", f"fails on outputs {tuple(outputs.shape)} and targets {tuple(targets.shape)}"
    ):
        loss = built.loss_fn(outputs, targets)
    if is_own(built.spec, "loss"):
        if not isinstance(loss, Tensor):
            _fail("loss", name, f"must return a tensor, not a {type(loss).__name__}: leave out .item().")
        if loss.dim():
            _fail(
                "loss",
                name,
                f"must return one number, the mean over the batch, not shape {tuple(loss.shape)}.",
            )
        if not loss.requires_grad:
            _fail("loss", name, "returns a number without a gradient: leave out .detach() and no_grad.")
    return loss


def _a(thing: Any) -> str:
    """Return what a thing is."""
    return f"a {type(thing).__name__}"


def _fail(table: str, name: str, what: str) -> NoReturn:
    raise TuilabError(f"{table}.name: {name!r} {what}")
