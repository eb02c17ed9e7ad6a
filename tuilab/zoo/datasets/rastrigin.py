"""A bowl full of dents: local minima on a grid."""

import math
from typing import Annotated

from torch import Tensor

from tuilab.knobs import Knob
from tuilab.zoo.data import Data, Request
from tuilab.zoo.made import MADE
from tuilab.zoo.registries import datasets
from tuilab.zoo.surfaces import Noise, Samples, Start, surface
from tuilab.zoo.tasks.surface import Surface


@datasets.register(
    "rastrigin",
    source="https://en.wikipedia.org/wiki/Rastrigin_function",
    task="surface",
    rows=100,
    unit="steps",
    shape=[2],
    classes=[],
    **MADE,
)
def rastrigin(
    request: Request,
    *,
    depth: Annotated[float, Knob("how deep the dents are", 0, 100)] = 10.0,
    start: Start = [2.3, -1.8],  # noqa: B006
    noise: Noise = 0.0,
    samples: Samples = 100,
) -> Data:
    """Rastrigin's function: a wide bowl with a dent at every whole number.

    Only the middle dent, at height 0, is the lowest. Plain descent ends in the
    nearest one. At the usual depth of 10 so does momentum; at 2 it rolls on.
    """

    def height(position: Tensor) -> Tensor:
        dents = depth * (1 - (2 * math.pi * position).cos())
        return (position.square() + dents).sum(dim=-1)

    task = Surface(height=height, minima=((0.0, 0.0),), start=(0.0, 0.0), window=(-5.12, 5.12, -5.12, 5.12))
    return surface(request, task, start, noise, samples)
