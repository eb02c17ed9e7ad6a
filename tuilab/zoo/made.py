"""What the made data sets share: the facts on their cards, and how many points are drawn."""

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import torch
from torch import Tensor

from tuilab.knobs import Knob

T = TypeVar("T")

MADE: dict[str, Any] = {"licence": "made here", "bytes": 0, "at_hand": True, "where": "made"}
"""Facts of a card; `task`, `rows`, `unit`, `shape` and `classes` are each data set's own."""

Samples = Annotated[int, Knob("points drawn, over all splits", 10, 1_000_000)]


def generator(seed: int) -> torch.Generator:
    """Return the data set's own randomness: the run's is never drawn from."""
    return torch.Generator().manual_seed(seed)


def blur(points: Tensor, noise: float, source: torch.Generator) -> Tensor:
    """Return the points, each moved by a normal draw of that spread."""
    return points + noise * torch.randn(points.shape, generator=source)


Distinct = Annotated[
    int, Knob("samples drawn, over all splits; fewer where no more are different", 10, 1_000_000)
]

_ROUNDS = 20
"""Draws after which no more different ones are expected."""


def distinct(draw: Callable[[int], list[T]], samples: int) -> list[T]:
    """Return so many different things, in the order they were drawn; fewer where there seem to be no more.

    Made samples that occur twice would put what was trained on into the test.

    Args:
        draw: returns so many things, which may repeat.
        samples: how many are wanted.
    """
    found: dict[T, None] = {}
    for _ in range(_ROUNDS):
        found.update(dict.fromkeys(draw(samples)))
        if len(found) >= samples:
            break
    return list(found)[:samples]
