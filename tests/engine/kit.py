"""What tests of whole runs ask of one."""

from collections.abc import Callable

import numpy as np

from tuilab.runs import Run

MakeRun = Callable[..., Run]
Train = Callable[[Run], str]

SOME = ["digits-mlp", "fashion-cnn", "docs-gpt", "diabetes-linear", "moons-mlp", "ravine-momentum"]
"""Of each kind of data one. Every component is held to the same in `test_contract`."""


def losses(run: Run) -> bytes:
    run.steps.refresh()
    return np.ascontiguousarray(run.steps["loss"]).tobytes()


def kinds(run: Run) -> list[str]:
    return [event.kind for event in run.events().read()]
