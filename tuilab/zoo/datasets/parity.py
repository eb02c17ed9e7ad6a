"""Whether the ones of a string are even in number: one wrong bit changes everything."""

from typing import Annotated

import torch

from tuilab.knobs import Knob
from tuilab.zoo.data import Data, Request, cut
from tuilab.zoo.made import MADE, Distinct, generator
from tuilab.zoo.registries import datasets
from tuilab.zoo.tasks.classification import Classification

_CLASSES = ("even", "odd")


@datasets.register(
    "parity",
    source="https://mitpress.mit.edu/9780262630221/perceptrons/",
    task="classification",
    rows=5000,
    unit="strings",
    shape=[16],
    classes=list(_CLASSES),
    **MADE,
)
def parity(
    request: Request,
    *,
    samples: Distinct = 5000,
    length: Annotated[int, Knob("bits in a string", 3, 24)] = 16,
) -> Data:
    """Strings of sixteen bits, by whether the ones among them are even or odd in number.

    Minsky and Papert 1969. No part of a string says anything about the answer,
    so there is nothing to learn bit by bit. A recurrent network needs one bit of
    memory for it, once it finds that out; until then it guesses.
    """
    chosen = torch.randperm(2**length, generator=generator(request.seed))[:samples]
    bits = (chosen[:, None] >> torch.arange(length)) & 1
    task = Classification(input_shape=(length,), outputs=2, tokens=3, classes=_CLASSES)
    return Data(task, *cut(bits + 1, bits.sum(dim=1) % 2, request))  # 0 would be padding
