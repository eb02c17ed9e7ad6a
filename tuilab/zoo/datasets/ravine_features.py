"""A table whose columns differ a thousandfold in scale: why features are normalised."""

from typing import Annotated

import torch

from tuilab.knobs import Knob
from tuilab.zoo.data import Data, Request, regression
from tuilab.zoo.made import MADE, Samples, blur, generator
from tuilab.zoo.registries import datasets


@datasets.register(
    "ravine-features",
    source="https://doi.org/10.1007/978-3-642-35289-8_3",
    task="regression",
    rows=1000,
    unit="rows",
    shape=[6],
    classes=[],
    **MADE,
)
def ravine_features(
    request: Request,
    *,
    samples: Samples = 1000,
    features: Annotated[int, Knob("columns", 2, 1000)] = 6,
    ratio: Annotated[
        float, Knob("how many times the largest column's scale is the smallest's", 1, 1e6)
    ] = 1000.0,
    noise: Annotated[float, Knob("spread of the targets around the plane", 0, 10)] = 0.1,
) -> Data:
    """Six columns that matter alike, in units from metres to millimetres: the loss is a ravine.

    LeCun et al. 1998, section 4.3. As they are, plain descent follows the
    largest column and never learns the smallest: the ravine is as steep as the
    square of the ratio. Normalised, the same rate learns all of them at once.
    """
    source = generator(request.seed)
    hidden = torch.randn(samples, features, generator=source)
    signs = torch.where(torch.arange(features) % 2 == 0, 1.0, -1.0)
    y = blur((hidden * signs).sum(dim=1, keepdim=True), noise, source)
    scales = ratio ** (torch.linspace(0, 1, features) - 0.5)
    names = tuple(f"x{number + 1}" for number in range(features))
    return regression(hidden * scales, y, request, features=names, target="y")
