"""A round bowl: the surface on which gradient descent cannot go wrong."""

from torch import Tensor

from tuilab.zoo.data import Data, Request
from tuilab.zoo.made import MADE
from tuilab.zoo.registries import datasets
from tuilab.zoo.surfaces import Noise, Samples, Start, surface
from tuilab.zoo.tasks.surface import Surface


@datasets.register(
    "bowl",
    source="https://distill.pub/2017/momentum/",
    task="surface",
    rows=100,
    unit="steps",
    shape=[2],
    classes=[],
    **MADE,
)
def bowl(
    request: Request,
    *,
    start: Start = [-3.0, 2.0],  # noqa: B006
    noise: Noise = 0.0,
    samples: Samples = 100,
) -> Data:
    """A round bowl, half of x² + y²: every slope points straight at the lowest place.

    Gradient descent comes closer by the factor 1 - lr a step; at a rate of 1
    it is there at once, above 2 it flies off.
    """

    def height(position: Tensor) -> Tensor:
        return 0.5 * position.square().sum(dim=-1)

    task = Surface(height=height, minima=((0.0, 0.0),), start=(0.0, 0.0), window=(-4.0, 4.0, -4.0, 4.0))
    return surface(request, task, start, noise, samples)
