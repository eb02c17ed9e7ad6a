"""How the weights and gradients of each layer were spread, look by look.

`layers/weight_histogram.npy` and `layers/gradient_histogram.npy` hold, for each look and
layer, the lowest value, the highest, and the counts of equal bins between them.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tuilab.curve_places import LAYERS, value_names
from tuilab.runs import Run

_SUFFIX = "_histogram"

_ENDS = 2
"""The lowest and the highest value stand before the counts."""


class Spread(NamedTuple):
    """Values of one layer at one look, counted."""

    low: float
    high: float
    counts: NDArray[np.float32]
    """Of equal bins between the two."""


class Spreads:
    """Reads the histograms of a run, live or old."""

    def __init__(self, run: Run, what: str) -> None:
        """Open the table of `what`: "weight" or "gradient"."""
        self._run = run
        self._name = f"{what}{_SUFFIX}"
        self._table = run.layers(self._name)

    def refresh(self) -> int:
        """Look again and return how many looks there are."""
        return self._table.refresh()

    @property
    def steps(self) -> NDArray[np.int64]:
        """The step of each look."""
        return self._table["step"]

    @property
    def layers(self) -> list[str]:
        """The layers' names, in the model's order; none before the first look."""
        if not len(self._table):
            return []
        count = self._table.rows.dtype["value"].shape[0]
        return list(value_names(f"{LAYERS}{self._name}", count, self._run.meta))

    def at(self, look: int, layer: int) -> Spread:
        """Return how a layer's values were spread at a look.

        Raises:
            IndexError: there is no such look or layer.
        """
        row: NDArray[Any] = self._table["value"][look, layer]
        return Spread(float(row[0]), float(row[1]), np.asarray(row[_ENDS:]))


def written(run: Run) -> list[str]:
    """Return of what a run has written histograms: "weight", "gradient", both or nothing."""
    found = (run.path / LAYERS).glob(f"*{_SUFFIX}.npy")
    return sorted((path.stem.removesuffix(_SUFFIX) for path in found), reverse=True)
