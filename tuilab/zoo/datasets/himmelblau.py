"""Four valleys, all equally deep: where it ends is decided at the start."""

from torch import Tensor

from tuilab.zoo.data import Data, Request
from tuilab.zoo.made import MADE
from tuilab.zoo.registries import datasets
from tuilab.zoo.surfaces import Noise, Samples, Start, surface
from tuilab.zoo.tasks.surface import Surface


@datasets.register(
    "himmelblau",
    source="https://en.wikipedia.org/wiki/Himmelblau%27s_function",
    task="surface",
    rows=100,
    unit="steps",
    shape=[2],
    classes=[],
    **MADE,
)
def himmelblau(
    request: Request,
    *,
    start: Start = [-0.5, -1.0],  # noqa: B006
    noise: Noise = 0.0,
    samples: Samples = 100,
) -> Data:
    """Himmelblau's function: four equal minima, and the start and the rate choose among them."""

    def height(position: Tensor) -> Tensor:
        x, y = position[..., 0], position[..., 1]
        return (x.square() + y - 11).square() + (x + y.square() - 7).square()

    task = Surface(
        height=height,
        minima=(
            (3.0, 2.0),
            (-2.805118, 3.131312),
            (-3.779310, -3.283186),
            (3.584428, -1.848126),
        ),
        start=(0.0, 0.0),
        window=(-5.0, 5.0, -5.0, 5.0),
    )
    return surface(request, task, start, noise, samples)
