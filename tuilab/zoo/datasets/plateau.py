"""A pit in a plain: far from it there is almost no slope to follow."""

from torch import Tensor

from tuilab.zoo.data import Data, Request
from tuilab.zoo.made import MADE
from tuilab.zoo.registries import datasets
from tuilab.zoo.surfaces import Noise, Samples, Start, surface
from tuilab.zoo.tasks.surface import Surface


@datasets.register(
    "plateau",
    source="https://proceedings.mlr.press/v9/glorot10a.html",
    task="surface",
    rows=100,
    unit="steps",
    shape=[2],
    classes=[],
    **MADE,
)
def plateau(
    request: Request,
    *,
    start: Start = [3.0, 2.5],  # noqa: B006
    noise: Noise = 0.0,
    samples: Samples = 100,
) -> Data:
    """A pit in a flat plain, 1 - exp(-(x² + y²)/2): the gradient vanishes with the distance.

    What saturated sigmoids do to a deep network, in two dimensions. Steps that
    follow the size of the gradient stand still; steps of the adaptive kind walk on.
    """

    def height(position: Tensor) -> Tensor:
        return 1 - (-0.5 * position.square().sum(dim=-1)).exp()

    task = Surface(height=height, minima=((0.0, 0.0),), start=(0.0, 0.0), window=(-4.0, 4.0, -4.0, 4.0))
    return surface(request, task, start, noise, samples)
