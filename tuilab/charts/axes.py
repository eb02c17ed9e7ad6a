"""Axes: from values to dots, and which range of values to show.

Limits are round numbers just outside of what is visible. Given the limits that were shown before, they are
kept as long as everything fits and fills a fair part of them, so an axis does not twitch with every new
point.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tuilab.charts.buckets import Floats, Ints
from tuilab.charts.columns import Columns
from tuilab.charts.ticks import nice_step

_NUDGE = 1e-6
"""Share of a dot by which values are raised: round ones would sit between two dots, where the last bit of a
mean decides."""

_LARGEST = 1.7e308

_ENOUGH = 8
"""Columns from which on a percentile means something."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Values to dots along the vertical axis."""

    low: float
    high: float
    log: bool

    def dots(self, values: Floats, dots: int) -> Ints:
        """The dot of each value, 0 at the bottom; what lies outside is moved to the edge, NaN anywhere."""
        inside = np.fmax(np.fmin(values, self.high), self.low)
        span = self.high - self.low
        if self.log:
            bottom, top = math.log10(self.low), math.log10(self.high)
            share = (np.log10(inside) - bottom) / (top - bottom)
        elif 1e-290 < span < _LARGEST:
            inside -= self.low
            inside *= (dots - 1) / span
            inside += 0.5 + _NUDGE
            return inside.astype(np.int64)
        else:
            share = (inside / 4 - self.low / 4) / (self.high / 4 - self.low / 4)
        return (share * (dots - 1) + (0.5 + _NUDGE)).astype(np.int64)


def x_end(x0: float, x1: float) -> float:
    """The right end of an axis: the one asked for, or one that leaves the axis an extent.

    >>> x_end(0, 5), x_end(3, 3), x_end(1e17, 1e17) > 1e17
    (5, 4.0, True)
    """
    return x1 if x1 > x0 else x0 + max(1.0, abs(x0) * 1e-12)


def visible(columns: list[Columns], log: bool, robust: bool) -> tuple[float, float] | None:
    """Smallest and largest value in view, None if there is none; on a logarithmic axis only above zero.

    Robust: from the 1st percentile of the columns' smallest values to the 99th of their largest.
    """
    if len(columns) == 1:
        lows, highs = columns[0].low, columns[0].high
    else:
        lows = np.concatenate([found.low for found in columns]) if columns else np.zeros(0)
        highs = np.concatenate([found.high for found in columns]) if columns else np.zeros(0)
    if log:
        # Where a column reaches below zero its smallest value above is not known; its largest stands in.
        lows = np.where(lows > 0, lows, highs)
        lows, highs = lows[lows > 0], highs[highs > 0]
    elif not all(found.clean for found in columns):
        lows, highs = lows[lows == lows], highs[highs == highs]
    if not len(lows):
        return None
    if robust and len(lows) >= _ENOUGH:
        # At least one column gives way, so that a single spike is outside however narrow the chart.
        rank = -(-len(lows) // 100)
        low = np.partition(lows, rank)[rank]
        rank = len(highs) - 1 - -(-len(highs) // 100)
        return float(low), float(max(np.partition(highs, rank)[rank], low))
    return float(np.minimum.reduce(lows)), float(np.maximum.reduce(highs))


def usable(pair: tuple[float, float] | None, log: bool) -> tuple[float, float] | None:
    """Limits if an axis can have them.

    >>> usable((0.0, 1.0), False), usable((0.0, 1.0), True), usable((1.0, 1.0), False), usable(None, True)
    ((0.0, 1.0), None, None, None)
    """
    if pair is None or not -math.inf < pair[0] < pair[1] < math.inf or (log and pair[0] <= 0):
        return None
    return pair


def limits(
    low: float, high: float, log: bool, held: tuple[float, float] | None = None
) -> tuple[float, float]:
    """Round limits for values from `low` to `high`, or those held so far if they still serve.

    >>> limits(0.083, 2.31, log=False), limits(3.0, 3.0, log=False), limits(0.003, 0.4, log=True)
    ((0.0, 2.4), (2.7, 3.3), (0.003, 0.4))
    >>> limits(0.2, 2.0, log=False, held=(0.0, 2.4))
    (0.0, 2.4)
    """
    if held is not None and _serves(low, high, log, held):
        return held
    return _log_limits(low, high) if log else _linear_limits(low, high)


def _serves(low: float, high: float, log: bool, held: tuple[float, float]) -> bool:
    """Whether values fit limits, and fill four tenths of them (from zero, if that is where they begin)."""
    if not held[0] <= low <= high <= held[1]:
        return False
    if log:
        return math.log(high / 2) - math.log(low / 2) >= 0.4 * (
            math.log(held[1]) - math.log(held[0])
        ) - math.log(10)
    bottom = 0.0 if held[0] == 0 else low
    return high / 4 - bottom / 4 >= 0.4 * (held[1] / 4 - held[0] / 4)


def _linear_limits(low: float, high: float) -> tuple[float, float]:
    """Outward to a twentieth of the span, to zero where that is near; a tenth around a constant."""
    if high / 4 - low / 4 <= abs(high) * 1e-12:
        margin = max(abs(high) * 0.1, abs(low) * 0.1) or 1.0
        low, high = (
            low - margin if low > -_LARGEST + margin else low,
            high + margin if high < _LARGEST - margin else high,
        )
    if 0 <= low < 0.25 * high:
        low = 0.0
    elif 0.25 * low < high <= 0:
        high = 0.0
    step = nice_step((high / 4 - low / 4) / 5)
    bottom = max(math.floor(low / step + 1e-9) * step, -_LARGEST)
    top = min(math.ceil(high / step - 1e-9) * step, _LARGEST)
    bottom, top = min(_clean(bottom, step), low), max(_clean(top, step), high)
    return (
        (bottom, top) if bottom < top else (math.nextafter(bottom, -math.inf), math.nextafter(top, math.inf))
    )


def _clean(value: float, step: float) -> float:
    """A multiple of a step without the dust of binary fractions."""
    decimals = 2 - math.floor(math.log10(step))
    return round(value, decimals) if -300 < decimals < 300 else value


def _log_limits(low: float, high: float) -> tuple[float, float]:
    """Outward to one digit times a power of ten; to the next powers of two around a constant."""
    if high <= low * (1 + 1e-9):
        low, high = max(low / 2, 5e-324), max(min(high, _LARGEST / 2) * 2, high)
    bottom, top = _one_digit(low, math.floor), _one_digit(high, math.ceil)
    return (bottom if 0 < bottom < low else low), max(min(top, _LARGEST), high)


def _one_digit(value: float, toward: Callable[[float], int]) -> float:
    """A value rounded to one digit."""
    mantissa, exponent = f"{value:.15e}".split("e")
    digit = toward(round(float(mantissa), 9))
    return float(f"{digit}e{exponent}") if abs(int(exponent)) < 308 else value
