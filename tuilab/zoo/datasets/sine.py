"""A sine wave with noise: a curve that a line misses."""

import math
from typing import Annotated

import torch

from tuilab.knobs import Knob
from tuilab.zoo.data import Data, Request, regression
from tuilab.zoo.made import MADE, Samples, blur, generator
from tuilab.zoo.registries import datasets


@datasets.register(
    "sine",
    source="https://www.microsoft.com/en-us/research/publication/pattern-recognition-machine-learning/",
    task="regression",
    rows=200,
    unit="points",
    shape=[1],
    classes=[],
    **MADE,
)
def sine(
    request: Request,
    *,
    samples: Samples = 200,
    cycles: Annotated[float, Knob("waves between -1 and 1", 0.1, 50)] = 1.5,
    noise: Annotated[float, Knob("spread of the targets around the curve", 0, 10)] = 0.1,
) -> Data:
    """Points around a sine wave, for x from -1 to 1; more cycles want a wider network.

    Networks learn slow waves first: with many cycles the loss rests for long
    before it falls.
    """
    source = generator(request.seed)
    x = torch.rand(samples, 1, generator=source) * 2 - 1
    y = blur((math.pi * cycles * x).sin(), noise, source)
    return regression(x, y, request, features=("x",), target="y")
