"""An ill-conditioned valley: the reason for momentum and for adaptive steps."""

from typing import Annotated

from torch import Tensor

from tuilab.knobs import Knob
from tuilab.zoo.data import Data, Request
from tuilab.zoo.made import MADE
from tuilab.zoo.registries import datasets
from tuilab.zoo.surfaces import Noise, Samples, Start, surface
from tuilab.zoo.tasks.surface import Surface


@datasets.register(
    "ravine",
    source="https://distill.pub/2017/momentum/",
    task="surface",
    rows=100,
    unit="steps",
    shape=[2],
    classes=[],
    **MADE,
)
def ravine(
    request: Request,
    *,
    condition: Annotated[float, Knob("how many times steeper across than along", 1, 1e6)] = 50.0,
    start: Start = [-8.0, 1.5],  # noqa: B006
    noise: Noise = 0.0,
    samples: Samples = 100,
) -> Data:
    """A long valley with steep sides, half of x² + condition · y²: plain descent zigzags in it.

    Gradient descent falls apart at a learning rate above 2 / condition, and
    below that it creeps along the floor. Momentum allows about the square
    root of the condition fewer steps.
    """

    def height(position: Tensor) -> Tensor:
        return 0.5 * (position[..., 0].square() + condition * position[..., 1].square())

    task = Surface(height=height, minima=((0.0, 0.0),), start=(0.0, 0.0), window=(-10.0, 10.0, -3.0, 3.0))
    return surface(request, task, start, noise, samples)
