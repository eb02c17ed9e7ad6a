"""Round clouds of points: the easiest classification, of any size."""

from typing import Annotated

import torch

from tuilab.knobs import Knob
from tuilab.zoo.data import Data, Request, cut
from tuilab.zoo.made import MADE, Samples, blur, generator
from tuilab.zoo.registries import datasets
from tuilab.zoo.tasks.classification import Classification


@datasets.register(
    "blobs",
    source="https://scikit-learn.org/stable/modules/generated/sklearn.datasets.make_blobs.html",
    task="classification",
    rows=1000,
    unit="points",
    shape=[2],
    classes=["cloud 1", "cloud 2", "cloud 3"],
    **MADE,
)
def blobs(
    request: Request,
    *,
    samples: Samples = 1000,
    clouds: Annotated[int, Knob("classes, one cloud each", 2, 1000)] = 3,
    features: Annotated[int, Knob("coordinates of a point", 1, 10_000)] = 2,
    spread: Annotated[float, Knob("size of a cloud; their centres lie within -5 and 5", 0, 20)] = 1.0,
) -> Data:
    """Round clouds around random centres; a line between each two separates what can be separated.

    Where the centres fall is up to `train.seed`. Many features put them far
    apart and few samples make it a lesson in overfitting.
    """
    source = generator(request.seed)
    centres = torch.rand(clouds, features, generator=source) * 10 - 5
    y = torch.arange(samples) % clouds
    x = blur(centres[y], spread, source)
    task = Classification(
        input_shape=(features,),
        outputs=clouds,
        classes=tuple(f"cloud {number + 1}" for number in range(clouds)),
        features=tuple(f"x{number + 1}" for number in range(features)),
    )
    return Data(task, *cut(x, y, request))
