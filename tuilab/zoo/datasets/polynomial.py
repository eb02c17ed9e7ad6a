"""A cubic with noise, and more powers of x than it needs: overfitting to be seen."""

from typing import Annotated

import torch

from tuilab.knobs import Knob
from tuilab.zoo.data import Data, Request, regression
from tuilab.zoo.made import MADE, Samples, blur, generator
from tuilab.zoo.registries import datasets

_CUBIC = (0.5, -2.0, 3.0)
"""Weights of x, x² and x³: a curve with a bump and a dip between -1 and 1."""


@datasets.register(
    "polynomial",
    source="https://www.microsoft.com/en-us/research/publication/pattern-recognition-machine-learning/",
    task="regression",
    rows=60,
    unit="points",
    shape=[12],
    classes=[],
    **MADE,
)
def polynomial(
    request: Request,
    *,
    samples: Samples = 60,
    degree: Annotated[int, Knob("powers of x that the model is given; the truth needs 3", 1, 40)] = 12,
    noise: Annotated[float, Knob("spread of the targets around the curve", 0, 10)] = 0.3,
) -> Data:
    """A cubic whose inputs are x, x², x³ and further powers, with few points to learn from.

    As in Bishop 2006, section 1.1: a linear model with degree 1 or 2 misses
    the curve, 3 finds it, 12 bends to the noise.
    """
    source = generator(request.seed)
    x = torch.rand(samples, 1, generator=source) * 2 - 1
    powers = x ** torch.arange(1, max(degree, 3) + 1)  # (samples, powers)
    y = blur(powers[:, :3] @ torch.tensor(_CUBIC)[:, None], noise, source)
    names = ("x", "x²", "x³", *(f"x^{power}" for power in range(4, degree + 1)))[:degree]
    return regression(powers[:, :degree], y, request, features=names, target="y")
