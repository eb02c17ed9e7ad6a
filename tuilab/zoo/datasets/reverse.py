"""A word backwards: the smallest task for an encoder and a decoder."""

import string
from typing import Annotated

import torch

from tuilab.knobs import Knob
from tuilab.zoo.data import Data, Request
from tuilab.zoo.made import MADE, Distinct, distinct, generator
from tuilab.zoo.registries import datasets
from tuilab.zoo.sources.pairs import translated


@datasets.register(
    "reverse",
    source="https://arxiv.org/abs/1409.3215",
    task="seq2seq",
    rows=10_000,
    unit="strings",
    shape=[12],
    classes=[],
    **MADE,
)
def reverse(
    request: Request,
    *,
    samples: Distinct = 10_000,
    length: Annotated[int, Knob("letters of the longest string", 2, 500)] = 12,
    letters: Annotated[int, Knob("different letters", 2, 26)] = 26,
) -> Data:
    """Random strings of up to twelve letters, to be given back from the end.

    Attention solves it in a few hundred steps, because where to look is all there
    is to learn. A network that squeezes the string into one vector is at its
    limit soon (Sutskever et al. 2014 fed theirs backwards for that reason).
    """
    source = generator(request.seed)
    alphabet = string.ascii_lowercase[:letters]

    def draw(count: int) -> list[str]:
        lengths = torch.randint((length + 1) // 2, length + 1, (count,), generator=source).tolist()
        numbers = torch.randint(letters, (count, length), generator=source).tolist()
        return [
            "".join(alphabet[number] for number in row[:size])
            for row, size in zip(numbers, lengths, strict=True)
        ]

    pairs = [(text, text[::-1]) for text in distinct(draw, samples)]
    symbols = tuple(alphabet)
    return translated(
        pairs, request, source_symbols=symbols, target_symbols=symbols, lengths=(length, length)
    )
