"""Two spirals wound around each other: the hardest of the flat toys."""

import math
from typing import Annotated

import torch

from tuilab.knobs import Knob
from tuilab.zoo.data import Data, Request, cut
from tuilab.zoo.made import MADE, Samples, blur, generator
from tuilab.zoo.registries import datasets
from tuilab.zoo.tasks.classification import Classification

_CLASSES = ("first arm", "second arm")


@datasets.register(
    "spirals",
    source="https://playground.tensorflow.org",
    task="classification",
    rows=1000,
    unit="points",
    shape=[2],
    classes=list(_CLASSES),
    **MADE,
)
def spirals(
    request: Request,
    *,
    samples: Samples = 1000,
    noise: Annotated[float, Knob("how far points stray from their arm (outer radius 1)", 0, 1)] = 0.03,
    turns: Annotated[float, Knob("how often an arm winds around the centre", 0.25, 5)] = 1.5,
) -> Data:
    """Two spiral arms; more turns want a wider or deeper network and more steps."""
    source = generator(request.seed)
    y = torch.arange(samples) % 2
    # An arm is longer at its rim: the root spreads the points evenly along it.
    radius = torch.rand(samples, generator=source).sqrt()
    angle = radius * turns * 2 * math.pi + y * math.pi
    x = blur(torch.stack([radius * angle.cos(), radius * angle.sin()], dim=1), noise, source)
    task = Classification(input_shape=(2,), outputs=2, classes=_CLASSES, features=("x", "y"))
    return Data(task, *cut(x, y, request))
