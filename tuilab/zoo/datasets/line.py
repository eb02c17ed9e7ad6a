"""A straight line with noise: regression at its smallest."""

from typing import Annotated

import torch

from tuilab.knobs import Knob
from tuilab.zoo.data import Data, Request, regression
from tuilab.zoo.made import MADE, Samples, blur, generator
from tuilab.zoo.registries import datasets


@datasets.register(
    "line",
    source="https://doi.org/10.1214/ss/1009213726",
    task="regression",
    rows=200,
    unit="points",
    shape=[1],
    classes=[],
    **MADE,
)
def line(
    request: Request,
    *,
    samples: Samples = 200,
    slope: Annotated[float, Knob("how steeply the line rises", -100, 100)] = 3.0,
    intercept: Annotated[float, Knob("its height at zero", -100, 100)] = 1.0,
    noise: Annotated[float, Knob("spread of the targets around the curve", 0, 10)] = 0.5,
) -> Data:
    """Points around a straight line, for x from -1 to 1; two numbers explain all but the noise."""
    source = generator(request.seed)
    x = torch.rand(samples, 1, generator=source) * 2 - 1
    y = blur(slope * x + intercept, noise, source)
    return regression(x, y, request, features=("x",), target="y")
