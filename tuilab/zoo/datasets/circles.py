"""A ring around a disc: no straight line has one of them to itself."""

import math
from typing import Annotated

import torch

from tuilab.knobs import Knob
from tuilab.zoo.data import Data, Request, cut
from tuilab.zoo.made import MADE, Samples, blur, generator
from tuilab.zoo.registries import datasets
from tuilab.zoo.tasks.classification import Classification

_CLASSES = ("outer", "inner")


@datasets.register(
    "circles",
    source="https://scikit-learn.org/stable/modules/generated/sklearn.datasets.make_circles.html",
    task="classification",
    rows=1000,
    unit="points",
    shape=[2],
    classes=list(_CLASSES),
    **MADE,
)
def circles(
    request: Request,
    *,
    samples: Samples = 1000,
    noise: Annotated[float, Knob("how far points stray from their circle (outer radius 1)", 0, 2)] = 0.1,
    factor: Annotated[float, Knob("radius of the inner circle", 0, 0.99)] = 0.5,
) -> Data:
    """A circle inside a circle; a line does hardly better than a coin, one hidden layer solves it."""
    source = generator(request.seed)
    y = torch.arange(samples) % 2
    angle = torch.rand(samples, generator=source) * 2 * math.pi
    radius = torch.where(y == 0, 1.0, factor)
    x = blur(torch.stack([radius * angle.cos(), radius * angle.sin()], dim=1), noise, source)
    task = Classification(input_shape=(2,), outputs=2, classes=_CLASSES, features=("x", "y"))
    return Data(task, *cut(x, y, request))
