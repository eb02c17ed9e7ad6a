"""Shading: from the values of a heat map to its shades, on a scale chosen by what the values are.

Values on both sides of zero are shaded by their distance from it, each side in characters and colours of its
own. Values of one sign that span two decades are shaded by their logarithm, the others linearly. On a
logarithmic scale zeros and negative values have no shade: they are marked as what they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tuilab.charts.axes import Scale, limits, usable, visible
from tuilab.charts.buckets import Floats, Ints
from tuilab.charts.canvas import Chars, Glyphs
from tuilab.charts.columns import Columns
from tuilab.charts.frame import HEAT_LEVELS, cold_style, heat_style, warm_style
from tuilab.charts.trace import Mask

KINDS = ("linear", "log", "symmetric")

_DECADES = 100.0
"""Ratio from which a logarithm shows more: below, one shade of a linear scale holds no more than a fifth."""

_SHADES = "░▒▓█"
_PLAIN_SHADES = ".:-=+*#@"
_BELOW = "⠂⠒⠶⠿"
_CONSOLE_BELOW = "·-=≡"
_PLAIN_BELOW = "`,;invNM"


@dataclass(frozen=True, slots=True)
class Shading:
    """A scale from values to shades."""

    kind: str
    """One of `KINDS`."""
    low: float
    high: float
    """Values of the lightest and the densest shade; for a symmetric scale the same on both sides of zero."""

    def levels(self, values: Floats) -> tuple[Ints, Mask]:
        """Return the level of each value, from 0 to 15, and whether it lies below zero on a symmetric scale.

        Values are finite, and above zero on a logarithmic scale.
        """
        if self.kind == "symmetric":
            return Scale(0.0, self.high, False).dots(np.abs(values), HEAT_LEVELS), values < 0
        below = np.zeros(len(values), np.bool_)
        return Scale(self.low, self.high, self.kind == "log").dots(values, HEAT_LEVELS), below


def shades_of(glyphs: Glyphs, below: bool = False) -> Chars:
    """Characters from light to dense; for values below zero others than for those above."""
    if glyphs.ascii:
        text = _PLAIN_BELOW if below else _PLAIN_SHADES
    elif below:
        text = _CONSOLE_BELOW if glyphs.marks.plain else _BELOW
    else:
        text = _SHADES
    return np.array([ord(char) for char in text], np.uint32)


def level_styles(kind: str, levels: Ints, below: Mask) -> Ints:
    """Return the style of each level.

    >>> level_styles("symmetric", np.array([15, 15]), np.array([True, False])).tolist()
    [95, 79]
    """
    if kind != "symmetric":
        return levels + heat_style(0)
    return levels + np.where(below, cold_style(0), warm_style(0))


def choose(
    found: Sequence[Columns], robust: bool, held: tuple[float, float] | None, other: bool = False
) -> Shading:
    """Return the scale that suits the means in view.

    Args:
        found: The rows of the map.
        robust: Limits from the 1st to the 99th percentile.
        held: Limits of the frame before, kept while they serve.
        other: Logarithmic where it would not be, and linear where it would.
    """
    means = np.concatenate([it.mean for it in found]) if found else np.zeros(0)
    means = means[np.isfinite(means)]
    kind = _kind(means)
    if other:
        signed = "symmetric" if (means < 0).any() and (means > 0).any() else "linear"
        kind = signed if kind == "log" else "log"
    if kind == "symmetric":
        return _symmetric([it.of_means() for it in found], robust, held)
    log = kind == "log"
    seen = visible([it.of_means() for it in found], log, robust)
    held = usable(held, log)
    if seen is None:
        return Shading(kind, *(held or ((0.1, 1.0) if log else (0.0, 1.0))))
    low, high = limits(*seen, log, held)
    # A margin around a constant must not promise values on the other side of zero.
    return Shading(kind, max(low, 0.0) if seen[0] >= 0 else low, high)


def _kind(means: Floats) -> str:
    """Return which scale tells most of some values.

    >>> [_kind(np.array(values)) for values in ([-1.0, 2.0], [1e-4, 0.5], [0.1, 0.5], [0, 0, 0, 1e-4, 1.0])]
    ['symmetric', 'log', 'linear', 'linear']
    """
    if (means < 0).any():
        return "symmetric" if (means > 0).any() else "linear"
    above = means[means > 0]
    wide = len(above) > 0 and above.max() / _DECADES >= above.min()
    return "log" if wide and 2 * len(above) >= len(means) else "linear"


def _symmetric(found: list[Columns], robust: bool, held: tuple[float, float] | None) -> Shading:
    low, high = visible(found, False, robust) or (0.0, 1.0)
    most = max(abs(low), abs(high))
    kept = held[1] if held is not None and held[0] == -held[1] and held[1] >= most >= 0.4 * held[1] else None
    top = kept or limits(0.0, most, False)[1]
    return Shading("symmetric", -top, top)
