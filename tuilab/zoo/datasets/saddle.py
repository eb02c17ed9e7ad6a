"""A pass between two valleys: flat at the top, and down on both sides."""

from torch import Tensor

from tuilab.zoo.data import Data, Request
from tuilab.zoo.made import MADE
from tuilab.zoo.registries import datasets
from tuilab.zoo.surfaces import Noise, Samples, Start, surface
from tuilab.zoo.tasks.surface import Surface


@datasets.register(
    "saddle",
    source="https://arxiv.org/abs/1406.2572",
    task="surface",
    rows=100,
    unit="steps",
    shape=[2],
    classes=[],
    **MADE,
)
def saddle(
    request: Request,
    *,
    start: Start = [2.0, 0.001],  # noqa: B006
    noise: Noise = 0.0,
    samples: Samples = 100,
) -> Data:
    """A saddle at the origin between two valleys: slopes vanish there, but it is no minimum.

    Height x²/2 - y²/2 + y⁴/4. Starting almost on the ridge, gradient descent
    comes to the pass, stays long and leaves slowly; adaptive steps hardly notice it.
    """

    def height(position: Tensor) -> Tensor:
        x, y = position[..., 0], position[..., 1]
        return 0.5 * x.square() - 0.5 * y.square() + 0.25 * y.square().square()

    task = Surface(
        height=height, minima=((0.0, 1.0), (0.0, -1.0)), start=(0.0, 0.0), window=(-2.5, 2.5, -2.0, 2.0)
    )
    return surface(request, task, start, noise, samples)
