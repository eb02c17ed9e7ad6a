"""Buckets: what is kept of a stretch of rows, and how stretches are put together.

A bucket holds the smallest, largest, mean, first and last value of its rows. Row and non-finite counts are
kept as running totals (how many came before this bucket), so the count of any stretch of buckets is one
subtraction, and a bucket also knows where its rows begin in the table they came from. Buckets without rows
are not stored: a series with one value every million steps costs as little as its rows.
"""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_Number = TypeVar("_Number", np.float64, np.int64)

LOW, HIGH, MEAN, FIRST, LAST = range(5)
KEY, ROW, BAD = range(3)

_FIRST = np.zeros(1, np.int64)

_SHORT = 64
"""Rows a stretch below which NumPy is faster in float64 than in float32: 1.5 against 3.9 ms a million."""

_ROOM = 512
"""Powers of two by which values are scaled down where their sum would pass the largest float64."""


@dataclass(slots=True)
class Summary:
    """Statistics of consecutive stretches of rows, one entry a stretch."""

    stats: Floats
    """(5, n): low, high, mean of the finite values; first, last of all. No finite value: inf, -inf, 0."""
    bad: Ints
    """(n,): how many values are NaN or infinite."""


def summarize(values: NDArray[np.floating], starts: Ints, even: int = 0) -> Summary:
    """Summarise rows in stretches that begin at `starts` (ascending) and end where the next begins.

    `even` says that all stretches have so many rows; then their sums are quicker.
    """
    if values.dtype != np.float64 and (values.dtype != np.float32 or len(values) < _SHORT * len(starts)):
        values = values.astype(np.float64)
    sizes = np.empty_like(starts)
    np.subtract(starts[1:], starts[:-1], out=sizes[:-1])
    sizes[-1] = len(values) - starts[-1]
    stats = np.empty((5, len(starts)))
    with np.errstate(all="ignore"):
        stats[LOW] = np.minimum.reduceat(values, starts)
        stats[HIGH] = np.maximum.reduceat(values, starts)
        # einsum adds up the rows of a table in a third of the time.
        totals = np.einsum("ij->i", values.reshape(-1, even)) if even else np.add.reduceat(values, starts)
        if even:
            stats[FIRST], stats[LAST] = values[::even], values[even - 1 :: even]
        else:
            stats[FIRST], stats[LAST] = values[starts], values[starts + sizes - 1]
        # A NaN or an infinity makes its total non-finite, so this one look at the totals clears every value.
        if not np.isfinite(totals).all():
            return _summarize_holes(values.astype(np.float64), starts, sizes, stats)
        np.divide(totals, sizes, out=stats[MEAN])
    return Summary(stats, np.zeros(len(starts), np.int64))


def _summarize_holes(values: Floats, starts: Ints, sizes: Ints, stats: Floats) -> Summary:
    """Do what `summarize` does where some rows are not finite, or their sum is too large for a float."""
    finite = np.isfinite(values)
    bad = np.add.reduceat(~finite, starts, dtype=np.int64)
    stats[LOW] = np.minimum.reduceat(np.where(finite, values, np.inf), starts)
    stats[HIGH] = np.maximum.reduceat(np.where(finite, values, -np.inf), starts)
    stats[MEAN] = _means(np.where(finite, values, 0.0), starts, sizes - bad)
    return Summary(stats, bad)


def merge(stats: Floats, starts: Ints, finite: Ints, totals: Ints) -> Floats:
    """Put neighbouring buckets together.

    Args:
        stats: (5, m), the buckets to merge.
        starts: (n,), where each group of them begins.
        finite: (m,), finite values in each bucket.
        totals: (n,), finite values in each group.
    """
    merged = np.empty((5, len(starts)))
    np.minimum.reduceat(stats[LOW], starts, out=merged[LOW])
    np.maximum.reduceat(stats[HIGH], starts, out=merged[HIGH])
    merged[FIRST] = stats[FIRST][starts]
    merged[LAST, :-1] = stats[LAST][starts[1:] - 1]
    merged[LAST, -1] = stats[LAST, -1]
    with np.errstate(all="ignore"):
        sums = np.add.reduceat(stats[MEAN] * finite, starts)
        np.divide(sums, np.maximum(totals, 1), out=merged[MEAN])
        if not np.isfinite(sums).all():
            merged[MEAN] = _means(stats[MEAN], starts, totals, finite)
    return merged


def _means(values: Floats, starts: Ints, counts: Ints, weights: Ints | None = None) -> Floats:
    """Mean of each stretch, without overflow: values whose sum is too large are added up scaled down."""
    sums = np.add.reduceat(values if weights is None else values * weights, starts)
    means = np.asarray(sums / np.maximum(counts, 1), np.float64)
    if not np.isfinite(means).all():
        small = np.ldexp(values, -_ROOM)
        scaled = np.add.reduceat(small if weights is None else small * weights, starts)
        means = np.where(np.isfinite(means), means, np.ldexp(scaled / np.maximum(counts, 1), _ROOM))
    return means


class Buckets:
    """A growing table of buckets of `2**shift` steps each, in ascending order of step, empty ones left out.

    `index[KEY]` is the step of a bucket's beginning divided by `2**shift`; `index[ROW]` and `index[BAD]`
    count the rows and the non-finite values before it. Both running totals have one entry more, the totals
    so far.
    """

    def __init__(self, shift: int) -> None:
        self.shift = shift
        self.count = 0
        self.settled = 0
        """For a level folded from a finer one: where in that one the last bucket, still open, begins."""
        self._stats = np.empty((5, 64))
        self._index = np.zeros((3, 65), np.int64)

    @property
    def keys(self) -> Ints:
        """(count,), bucket numbers."""
        return self._index[KEY, : self.count]

    @property
    def rows(self) -> Ints:
        """(count + 1,), rows before each bucket, and in all."""
        return self._index[ROW, : self.count + 1]

    @property
    def bad(self) -> Ints:
        """(count + 1,), non-finite values before each bucket, and in all."""
        return self._index[BAD, : self.count + 1]

    @property
    def stats(self) -> Floats:
        """(5, count), what `Summary.stats` says."""
        return self._stats[:, : self.count]

    def append(self, keys: Ints, starts: Ints, rows: int, summary: Summary) -> None:
        """Add summarised rows; the first stretch may continue the bucket that was last.

        Args:
            keys: Bucket number of each stretch.
            starts: Where each stretch begins among the new rows.
            rows: How many rows are new.
            summary: Their statistics.
        """
        index, last = self._index, self.count
        rows_before, bad_before = int(index[ROW, last]), int(index[BAD, last])
        skip = int(last > 0 and keys[0] == index[KEY, last - 1])
        if skip:
            self._widen(int(starts[1]) if len(starts) > 1 else rows, summary)
        self.reserve(last + len(keys) - skip)
        index, self.count = self._index, last + len(keys) - skip
        self._stats[:, last : self.count] = summary.stats[:, skip:]
        index[KEY, last : self.count] = keys[skip:]
        index[ROW, last : self.count] = starts[skip:] + rows_before
        index[ROW, self.count] = rows_before + rows
        index[BAD, self.count + 1 - len(keys) : self.count + 1] = np.cumsum(summary.bad) + bad_before

    def _widen(self, rows: int, summary: Summary) -> None:
        """Let the last bucket take the first stretch of a summary in."""
        last, index = self.count - 1, self._index
        low, high, mean, _, _ = self._stats[:, last].tolist()
        new_low, new_high, new_mean, _, new_last = summary.stats[:, 0].tolist()
        old = int(index[ROW, last + 1] - index[ROW, last] - index[BAD, last + 1] + index[BAD, last])
        new = rows - int(summary.bad[0])
        both = max(old + new, 1)
        mean = mean * (old / both) + new_mean * (new / both)
        self._stats[:FIRST, last] = min(low, new_low), max(high, new_high), mean
        self._stats[LAST, last] = new_last

    def fold(self, finer: "Buckets") -> None:
        """Bring this level up to date with the finer one it is made from, at the cost of what is new."""
        if finer.count == 0 or finer.rows[-1] == self.rows[-1]:
            return
        begin = self.settled
        keys = finer.keys[begin:] >> (self.shift - finer.shift)
        starts = np.concatenate((_FIRST, (keys[1:] != keys[:-1]).nonzero()[0] + 1))
        bounds = np.append(starts, len(keys))
        good = finer.rows[begin:] - finer.bad[begin:]
        totals = good[bounds]
        count = max(self.count - 1, 0)
        self.reserve(count + len(starts))
        here = slice(count, count + len(starts))
        self._stats[:, here] = merge(
            finer.stats[:, begin:], starts, good[1:] - good[:-1], totals[1:] - totals[:-1]
        )
        self._index[KEY, here] = keys[starts]
        self._index[ROW:, count : count + len(starts) + 1] = finer._index[ROW:, begin + bounds]
        self.count = count + len(starts)
        self.settled = begin + int(starts[-1])

    def reserve(self, count: int) -> None:
        """Make room for so many buckets; room that is not used yet takes no memory, being zeros."""
        room = self._stats.shape[1]
        if count > room:
            room = max(count, room * 2)
            self._stats = _grown(self._stats, room)
            self._index = _grown(self._index, room + 1)


def _grown(table: NDArray[_Number], columns: int) -> NDArray[_Number]:
    """A copy with room for more columns."""
    grown = np.zeros((len(table), columns), table.dtype)
    grown[:, : table.shape[1]] = table
    return grown
