"""Sums, written out: arithmetic learned from examples alone."""

from typing import Annotated

import torch

from tuilab.knobs import Knob
from tuilab.zoo.data import Data, Request
from tuilab.zoo.made import MADE, Distinct, distinct, generator
from tuilab.zoo.registries import datasets
from tuilab.zoo.sources.pairs import translated

_DIGITS = tuple("0123456789")


@datasets.register(
    "addition",
    source="https://arxiv.org/abs/1410.4615",
    task="seq2seq",
    rows=20_000,
    unit="sums",
    shape=[7],
    classes=[],
    **MADE,
)
def addition(
    request: Request,
    *,
    samples: Distinct = 20_000,
    digits: Annotated[int, Knob("of the longest number", 1, 18)] = 3,
    backwards: Annotated[bool, Knob("whether the answer begins with its last digit")] = False,
) -> Data:
    """Two numbers of up to three digits and their sum, as strings: "57+286" becomes "343".

    Zaremba and Sutskever 2014. The carry runs from the last digit to the
    first and the answer is written from the first to the last, which is the
    hard part; written backwards it is learned several times faster.
    """
    source = generator(request.seed)
    step = -1 if backwards else 1

    def draw(count: int) -> list[tuple[int, int]]:
        sizes = torch.randint(1, digits + 1, (count, 2), generator=source)  # small numbers occur, too
        numbers = (torch.rand(count, 2, generator=source, dtype=torch.float64) * 10.0**sizes).long()
        return [(first, second) for first, second in numbers.tolist()]

    sums = distinct(draw, samples)
    pairs = [(f"{first}+{second}", str(first + second)[::step]) for first, second in sums]
    return translated(
        pairs,
        request,
        source_symbols=(*_DIGITS, "+"),
        target_symbols=_DIGITS,
        lengths=(2 * digits + 1, digits + 1),
    )
