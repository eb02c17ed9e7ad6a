"""Exclusive or: the problem that a single layer cannot learn."""

from typing import Annotated

import torch

from tuilab.knobs import Knob
from tuilab.zoo.data import Data, Request, cut
from tuilab.zoo.made import MADE, Samples, blur, generator
from tuilab.zoo.registries import datasets
from tuilab.zoo.tasks.classification import Classification

_CLASSES = ("same sign", "different sign")


@datasets.register(
    "xor",
    source="https://mitpress.mit.edu/9780262630221/perceptrons/",
    task="classification",
    rows=1000,
    unit="points",
    shape=[2],
    classes=list(_CLASSES),
    **MADE,
)
def xor(
    request: Request,
    *,
    samples: Samples = 1000,
    noise: Annotated[float, Knob("how far points stray after their class is settled", 0, 2)] = 0.05,
) -> Data:
    """Points of a square by whether their coordinates share a sign: beyond any single layer.

    Minsky and Papert 1969. Two hidden units can express it, but rarely find
    it; eight do.
    """
    source = generator(request.seed)
    places = torch.rand(samples, 2, generator=source) * 2 - 1
    y = (places[:, 0] * places[:, 1] < 0).long()
    x = blur(places, noise, source)
    task = Classification(input_shape=(2,), outputs=2, classes=_CLASSES, features=("x", "y"))
    return Data(task, *cut(x, y, request))
