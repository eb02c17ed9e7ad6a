"""What the made data sets share: the facts on their cards, and how many points are drawn."""

from typing import Annotated, Any

import torch
from torch import Tensor

from tuilab.knobs import Knob

MADE: dict[str, Any] = {"licence": "made here", "bytes": 0, "at_hand": True, "where": "made"}
"""Facts of a card; `task`, `rows`, `unit`, `shape` and `classes` are each data set's own."""

Samples = Annotated[int, Knob("points drawn, over all splits", 10, 1_000_000)]


def generator(seed: int) -> torch.Generator:
    """Return the data set's own randomness: the run's is never drawn from."""
    return torch.Generator().manual_seed(seed)


def blur(points: Tensor, noise: float, source: torch.Generator) -> Tensor:
    """Return the points, each moved by a normal draw of that spread."""
    return points + noise * torch.randn(points.shape, generator=source)
