"""Columns: which steps belong to which column of a chart, and what was found there.

A column's edges depend on the view alone, never on the data, so what is drawn of the past stays where it is
while points arrive. Edges of wide columns are moved back to a multiple of a power of four at most a quarter
of the column wide, where a pyramid answers exactly; columns narrower than that are exact to the step.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np

from tuilab.charts.buckets import FIRST, HIGH, LAST, LOW, MEAN, Floats, Ints

FINEST = 4
"""Binary logarithm of the finest bucket's steps: 16. Below, whole rows are read."""

_FAR = float(2**62)

_ROUNDING = 1e-12
"""Share by which an end may fall short: 1,000 steps in epochs and back are 999.9999999999999 steps."""


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Column edges in whole steps, and the bucket size each stretch of columns is answered from."""

    edges: Ints
    """(columns + 1,), ascending; column i holds the steps from `edges[i]` to `edges[i + 1] - 1`."""
    runs: tuple[tuple[int, int, int], ...]
    """(shift, first column, end column): buckets of `2**shift` steps serve these; 0 means rows."""

    def __len__(self) -> int:
        return len(self.edges) - 1


@lru_cache(maxsize=64)
def even_grid(start: float, stop: float, columns: int) -> Grid:
    """Columns of equal width from step `start` to `stop`, both included."""
    width = min((stop - start) / columns, _FAR)
    first, last = (min(max(end, -_FAR), _FAR) for end in (start, stop))
    edges = np.linspace(first, last, columns + 1)
    return _snapped(edges, np.full(columns, _shift(np.array([width]))[0]))


def grid(edges: Floats, exact: tuple[bool, bool] = (False, False)) -> Grid:
    """Columns with any ascending edges, given in steps; the last edge is included.

    The first may reach back and the last on, by a quarter of its width at most; `exact` says at which of the
    two ends none may, because what is next to it in steps is anywhere in time.
    """
    edges = np.clip(edges, -_FAR, _FAR)
    return _snapped(edges, _shift(np.diff(edges)), exact)


def _shift(widths: Floats) -> Ints:
    """The largest even power of two that is at most a quarter of the width, give or take a rounding error."""
    exponent = np.frexp(np.maximum(widths, 1) * (1 + 1e-9))[1].astype(np.int64) - 3
    exponent -= exponent & 1
    return np.where(exponent >= FINEST, exponent, 0)


def _snapped(edges: Floats, shifts: Ints, exact: tuple[bool, bool] = (False, False)) -> Grid:
    """Move each edge back to a multiple of the bucket of the column before it, and the end of all rows on.

    The column before, because on an axis of wall time only that one is over. And back, because then its last
    rows are drawn a column late at most. What follows it in steps may be any number of columns away in time:
    moved on, an edge before a pause would draw the rows after the pause in a column long left behind.
    """
    whole = np.ceil(edges).astype(np.int64)
    whole[-1] = int(np.floor(edges[-1] + abs(edges[-1]) * _ROUNDING)) + 1
    ahead = whole[1:] == whole[-1]
    moved = ((whole[1:] + ahead * ((1 << shifts) - 1)) >> shifts) << shifts
    whole[1:] = np.where(ahead & exact[1], whole[1:], moved)
    if not exact[0]:
        whole[0] = (int(np.floor(edges[0])) >> int(shifts[0])) << int(shifts[0])
    np.maximum.accumulate(whole, out=whole)
    whole.setflags(write=False)
    both = whole[:-1] | whole[1:]
    aligned = np.where(both == 0, 62, np.frexp((both & -both).astype(np.float64))[1] - 1)
    levels = np.minimum(shifts, aligned - (aligned & 1))
    levels[levels < FINEST] = 0
    breaks = np.flatnonzero(np.diff(levels)) + 1
    bounds = [0, *breaks.tolist(), len(levels)]
    runs = tuple((int(levels[a]), a, b) for a, b in pairwise(bounds))
    return Grid(whole, runs)


@dataclass(frozen=True, slots=True)
class Columns:
    """What a series holds in the columns of a grid; columns without rows are left out."""

    at: Ints
    """(n,), column numbers, ascending."""
    stats: Floats
    """(5, n): low, high, mean, first, last. The first three are NaN where no value is finite."""
    rows: Ints
    """(n,), rows in each column."""
    bad: Ints
    """(n,), of them NaN or infinite."""
    clean: bool
    """Whether there is none of those in any column."""

    def head(self) -> "Columns":
        """All but the last column, which may still grow."""
        return Columns(
            self.at[:-1],
            self.stats[:, :-1],
            self.rows[:-1],
            self.bad[:-1],
            self.clean or not self.bad[:-1].any(),
        )

    def of_means(self) -> "Columns":
        """The same columns as if each held nothing but its mean."""
        return Columns(
            self.at, np.repeat(self.stats[MEAN : MEAN + 1], 5, axis=0), self.rows, self.bad, self.clean
        )

    @property
    def low(self) -> Floats:
        """(n,), smallest finite value."""
        return self.stats[LOW, :]

    @property
    def high(self) -> Floats:
        """(n,), largest finite value."""
        return self.stats[HIGH, :]

    @property
    def mean(self) -> Floats:
        """(n,), mean of the finite values."""
        return self.stats[MEAN, :]

    @property
    def first(self) -> Floats:
        """(n,), value of the first row, finite or not."""
        return self.stats[FIRST, :]

    @property
    def last(self) -> Floats:
        """(n,), value of the last row, finite or not."""
        return self.stats[LAST, :]


def joined(parts: list[Columns]) -> Columns:
    """Columns found one stretch after the other, as one."""
    if len(parts) == 1:
        return parts[0]
    if len(parts) == 2 and parts[0].clean and parts[1].clean:
        # Every frame of a live chart: no more than four copies.
        a, b = parts
        at, rows = np.concatenate((a.at, b.at)), np.concatenate((a.rows, b.rows))
        return Columns(at, np.concatenate((a.stats, b.stats), 1), rows, np.zeros(len(at), np.int64), True)
    return Columns(
        np.concatenate([part.at for part in parts]),
        np.concatenate([part.stats for part in parts], axis=1),
        np.concatenate([part.rows for part in parts]),
        np.concatenate([part.bad for part in parts]),
        all(part.clean for part in parts),
    )
