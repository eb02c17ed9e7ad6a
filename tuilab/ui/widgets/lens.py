"""How the reader looks at the charts: one value for the whole screen, so that they never disagree."""

import math
from dataclasses import dataclass

X_MODES = ("step", "epoch", "samples", "time")

SMOOTHINGS = (0.0, 0.6, 0.9, 0.98)
"""Weights of the past to choose from: none, light, usual, heavy."""


@dataclass(frozen=True, slots=True)
class Lens:
    """What all charts share."""

    x_mode: str = "step"
    x_log: bool = False
    smoothing: float = 0.0
    robust: bool = False
    glyphs: str = "braille"
    window: tuple[float, float] | None = None
    """Left and right end in units of the x axis; None follows the run."""
    cursor: float | None = None
    """X that is read; None where nobody points."""

    @property
    def marks(self) -> str:
        """What differs from the usual view, in a word or two."""
        marks = {
            f"by {self.x_mode}": self.x_mode != "step",
            f"smooth {self.smoothing:g}": self.smoothing,
            "log x": self.x_log,
            "clipped": self.robust,
            "zoomed": self.window,
        }
        return " ".join(mark for mark, on in marks.items() if on)


def budget(total: float, reached: float, least: float = 0.0) -> float:
    """Return the right end of an axis that follows a run.

    It is the smallest power-of-two part of the whole that holds the data. Its columns
    keep their edges until it doubles, so what was drawn stays.

    >>> budget(1000, 100), budget(1000, 126), budget(1000, 2000), budget(0, 100)
    (125.0, 250.0, 2000, 128.0)
    """
    if total <= 0:
        end = max(least, 1.0)
        while end < reached:
            end *= 2
        return end
    if reached > total:
        return reached
    end = float(total)
    while end / 2 >= max(reached, least) and end / 2 >= 1:
        end /= 2
    return end


def zoomed(
    window: tuple[float, float], at: float, factor: float, whole: tuple[float, float], least: float = 0.0
) -> tuple[float, float]:
    """Return a window so many times as wide, with `at` in the same place, inside the whole.

    It does not get narrower than `least`.

    >>> zoomed((0, 100), 50, 0.5, (0, 100)), zoomed((25, 75), 50, 2, (0, 100))
    ((25.0, 75.0), (0, 100))
    >>> zoomed((0, 100), 50, 0.5, (0, 100), least=80)
    (10.0, 90.0)
    """
    wide = max(window[1] - window[0], 5e-324)
    factor = max(factor, min(least / wide, 1.0))
    left, right = at - (at - window[0]) * factor, at + (window[1] - at) * factor
    return fitted((left, right), whole)


def logarithmic(span: tuple[float, float]) -> tuple[float, float]:
    """Return a span of a logarithmic axis in powers of e; what lies before 1 is where 1 is.

    >>> [round(end, 3) for end in logarithmic((0.0, 1000.0))]
    [0.0, 6.908]
    """
    return math.log(max(span[0], 1.0)), math.log(max(span[1], 1.0))


def fitted(window: tuple[float, float], whole: tuple[float, float]) -> tuple[float, float]:
    """Return the window moved, or cut, so that it lies inside the whole."""
    width = window[1] - window[0]
    if width >= whole[1] - whole[0]:
        return whole
    left = min(max(window[0], whole[0]), whole[1] - width)
    return left, left + width
