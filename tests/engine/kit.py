"""What tests of whole runs ask of one."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn
from torch.func import functional_call

from tuilab.engine.build import Built
from tuilab.engine.loader import first
from tuilab.engine.trainer import Trainer
from tuilab.runs import Run
from tuilab.tables import Table

MakeRun = Callable[..., Run]
Train = Callable[[Run], str]
Stepped = Callable[[Run, int], Trainer]

SMALL = {"model.width": "[6]", "model.activation": "tanh", "data.limit": "200", "data.batch_size": "full"}
"""A run whose Hessian is small enough to be written down."""

SOME = ["digits-mlp", "fashion-cnn", "docs-gpt", "diabetes-linear", "moons-mlp", "ravine-momentum"]
"""Of each kind of data one. Every component is held to the same in `test_contract`."""


def losses(run: Run) -> bytes:
    run.steps.refresh()
    return np.ascontiguousarray(run.steps["loss"]).tobytes()


def kinds(run: Run) -> list[str]:
    return [event.kind for event in run.events().read()]


def read(run: Run, name: str) -> np.ndarray:
    return np.asarray(Table(run.path / name)["value"], dtype=np.float64)


def flat_loss(built: Built) -> tuple[Callable[[Tensor], Tensor], Tensor]:
    """Return the loss of the first samples as a function of all weights in float64, and the weights."""
    model, task = built.model, built.data.task
    names, shapes = zip(*((name, p.shape) for name, p in model.named_parameters()), strict=True)
    x, y = first(built.data.train, 256, built.device)

    class Whole(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, x: Tensor, y: Tensor) -> Tensor:
            return built.loss_fn(*task.forward(self.model, x, y))

    whole = Whole().eval()

    def loss(weights: Tensor) -> Tensor:
        parts = weights.split([shape.numel() for shape in shapes])
        given = {f"model.{n}": part.view(s) for n, part, s in zip(names, parts, shapes, strict=True)}
        value: Tensor = functional_call(whole, given, (x.double(), y))
        return value

    return loss, torch.cat([p.detach().double().flatten() for p in model.parameters()])
