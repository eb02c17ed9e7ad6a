"""A bent valley whose floor hardly falls."""

from torch import Tensor

from tuilab.zoo.data import Data, Request
from tuilab.zoo.made import MADE
from tuilab.zoo.registries import datasets
from tuilab.zoo.surfaces import Noise, Samples, Start, surface
from tuilab.zoo.tasks.surface import Surface


@datasets.register(
    "rosenbrock",
    source="https://doi.org/10.1093/comjnl/3.3.175",
    task="surface",
    rows=100,
    unit="steps",
    shape=[2],
    classes=[],
    **MADE,
)
def rosenbrock(
    request: Request,
    *,
    start: Start = [-1.5, 2.0],  # noqa: B006
    noise: Noise = 0.0,
    samples: Samples = 100,
) -> Data:
    """Rosenbrock's banana: easy to enter the bent valley, slow to follow it to (1, 1).

    Its sides are so steep that plain gradient descent wants a rate below 0.001.
    """

    def height(position: Tensor) -> Tensor:
        x, y = position[..., 0], position[..., 1]
        return (1 - x).square() + 100 * (y - x.square()).square()

    task = Surface(height=height, minima=((1.0, 1.0),), start=(0.0, 0.0), window=(-2.0, 2.0, -1.0, 3.0))
    return surface(request, task, start, noise, samples)
