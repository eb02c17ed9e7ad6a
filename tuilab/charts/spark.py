"""Sparkline: a series in one line of characters, for lists of runs."""

import numpy as np

from tuilab.charts.canvas import glyphs_named
from tuilab.charts.columns import even_grid
from tuilab.charts.series import Series

_BARS = "▁▂▃▄▅▆▇█"
_PLAIN_BARS = "_.-=+*#@"


def spark(series: Series, width: int, glyphs: str = "braille", x1: float | None = None) -> str:
    """The means of so many equal parts of a series, as bars; parts without a finite value show as a cross.

    Args:
        series: What to draw, from step 0.
        width: Characters.
        glyphs: The rung of the ladder; only "ascii" differs.
        x1: Last step, such as a run's budget; left out, the newest.

    >>> series = Series()
    >>> series.extend(np.arange(8), np.array([0, 1, 2, np.nan, 4, 5, 6, 7]))
    >>> spark(series, 8), spark(series, 4, "ascii"), spark(Series(), 4)
    ('▁▂▃×▅▆▇█', '_-*@', '    ')
    """
    plain = glyphs_named(glyphs).ascii
    bars = np.array(list(_PLAIN_BARS if plain else _BARS))
    cells = np.full(width, " ")
    last = series.last_step
    if last is not None and width > 0:
        found = series.columns(even_grid(0.0, max(float(last if x1 is None else x1), 1.0), width))
        cells[found.at] = "x" if plain else "×"
        finite = found.rows > found.bad
        means = found.mean[finite] / 4
        if len(means):
            low, high = means.min(), means.max()
            share = (means - low) / (high - low) if high > low else np.full(len(means), 0.5)
            cells[found.at[finite]] = bars[(share * (len(bars) - 1) + 0.5).astype(np.int64)]
    return "".join(cells.tolist())
