"""One class much rarer than the other: where accuracy says nothing."""

from typing import Annotated

import torch

from tuilab.knobs import Knob
from tuilab.zoo.data import Data, Request, cut
from tuilab.zoo.made import MADE, Samples, blur, generator
from tuilab.zoo.registries import datasets
from tuilab.zoo.tasks.classification import Classification

_CLASSES = ("common", "rare")


@datasets.register(
    "imbalanced",
    source="https://doi.org/10.1109/TKDE.2008.239",
    task="classification",
    rows=2000,
    unit="points",
    shape=[2],
    classes=list(_CLASSES),
    **MADE,
)
def imbalanced(
    request: Request,
    *,
    samples: Samples = 2000,
    share: Annotated[float, Knob("of the rare class", 0.001, 0.5)] = 0.05,
    distance: Annotated[float, Knob("between the centres; the clouds' spread is 1", 0, 20)] = 2.0,
) -> Data:
    """Two overlapping clouds, one of them with a twentieth of the points.

    He and Garcia 2009. Never saying "rare" is right 95 times in a hundred
    and worth nothing: look at the balanced accuracy, and try class weights.
    """
    source = generator(request.seed)
    y = torch.zeros(samples, dtype=torch.int64)
    y[: max(1, round(samples * share))] = 1
    centres = torch.tensor([[-distance / 2, 0.0], [distance / 2, 0.0]])
    x = blur(centres[y], 1.0, source)
    task = Classification(input_shape=(2,), outputs=2, classes=_CLASSES, features=("x", "y"))
    return Data(task, *cut(x, y, request))
