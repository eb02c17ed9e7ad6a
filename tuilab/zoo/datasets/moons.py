"""Two interleaved half-circles: the smallest problem that no straight line solves."""

import math
from typing import Annotated

import torch

from tuilab.knobs import Knob
from tuilab.zoo.data import Data, Request, cut
from tuilab.zoo.made import MADE, Samples, blur, generator
from tuilab.zoo.registries import datasets
from tuilab.zoo.tasks.classification import Classification

_CLASSES = ("upper", "lower")


@datasets.register(
    "moons",
    source="https://scikit-learn.org/stable/modules/generated/sklearn.datasets.make_moons.html",
    task="classification",
    rows=1000,
    unit="points",
    shape=[2],
    classes=list(_CLASSES),
    **MADE,
)
def moons(
    request: Request,
    *,
    samples: Samples = 1000,
    noise: Annotated[float, Knob("how far points stray from their half-circle (radius 1)", 0, 2)] = 0.2,
) -> Data:
    """Two half-circles that reach into each other; a line gets 87 % of them, a bend nearly all.

    With the default noise the moons overlap slightly: about 97 % is the best
    that any model can do.
    """
    source = generator(request.seed)
    y = torch.arange(samples) % 2
    angle = torch.rand(samples, generator=source) * math.pi
    upper = torch.stack([angle.cos(), angle.sin()], dim=1)
    lower = torch.stack([1 - angle.cos(), 0.5 - angle.sin()], dim=1)
    x = blur(torch.where(y[:, None] == 0, upper, lower), noise, source)
    task = Classification(input_shape=(2,), outputs=2, classes=_CLASSES, features=("x", "y"))
    return Data(task, *cut(x, y, request))
