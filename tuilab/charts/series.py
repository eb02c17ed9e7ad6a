"""Series: one metric over the steps of a run, summarised so that any view of it costs the same.

One table of buckets is kept up to date: 16 steps each at first, four times coarser whenever it would pass
2**14 buckets, so memory is bounded (1 MB) however long a run gets. Coarser levels are folded from it when
a view asks for them, and then only what is new. Extending therefore costs the new rows and nothing else;
drawing costs the columns.

Views finer than the buckets read whole rows. A run's table on disk already holds those, and is mapped
anew as it grows, so a series does not keep arrays: it is given a `source(a, b)`, a function that looks
rows up wherever the table is mapped at that moment. A float32 copy would cost 0.35 GB a metric after a
day at 1,000 steps a second, and would lose digits of the values a cursor reads. Without a source
(evaluations, tests) the rows are kept.
"""

import numpy as np
from numpy.typing import NDArray

from tuilab.charts.buckets import LOW, MEAN, Buckets, Floats, Ints, merge, summarize
from tuilab.charts.columns import FINEST, Columns, Grid, grid, joined
from tuilab.charts.rows import KeptRows, Source, Values, as_values

MOST_BUCKETS = 2**14
"""Buckets in the finest level kept: the memory of a series, and the speed of reading a long one, for NumPy
takes 1,024 values at a time in half the time that it takes 64. The closest view reads some million rows in a
millisecond or two, once."""

_BLOCK = 2**18
"""Rows summarised at a time: their values stay in the second-level cache while four passes go over them."""

_LONG = 2**12
"""Rows from which on it pays to cut them at the borders of buckets."""

_FEW = 2**10
"""Finest buckets that are as quick to go through as bringing a coarser level up to date."""

_RECENT = 2
"""Answers remembered beside the newest: charts of one series at a time. Each costs a few kilobytes."""


class Series:
    """A metric's values by step, extended as they arrive and read by columns.

    Args:
        source: Looks up rows given earlier, see `rows.Source`; without it the series keeps its own copy.

    >>> series = Series()
    >>> series.extend(np.arange(4), np.array([3.0, 1.0, np.nan, 2.0]))
    >>> found = series.columns(np.array([0.0, 2.0, 4.0]))
    >>> found.low.tolist(), found.high.tolist(), found.bad.tolist()
    ([1.0, 2.0], [3.0, 2.0], [0, 1])
    """

    def __init__(self, source: Source | None = None) -> None:
        self._kept = None if source is not None else KeptRows()
        self._source: Source = source if source is not None else self._kept  # type: ignore[assignment]
        self.derived: dict[object, object] = {}
        """What others have made of this series and want to find again; forgotten by `clear`."""
        self.version = 0
        """Another number whenever the rows are others."""
        self.clear()

    def clear(self) -> None:
        """Forget everything, as when a table was replaced."""
        self._base = Buckets(FINEST)
        self._levels: dict[int, Buckets] = {}
        self._recent: list[tuple[Grid, int, Columns]] = []
        self.version += 1
        self._last_step: int | None = None
        self._last_value = np.nan
        if self._kept is not None:
            self._source = self._kept = KeptRows()
        self.derived.clear()

    def __len__(self) -> int:
        return int(self._base.rows[-1])

    @property
    def last_step(self) -> int | None:
        """Step of the newest row."""
        return self._last_step

    @property
    def last_value(self) -> float:
        """Value of the newest row; NaN where there is none."""
        return self._last_value

    @property
    def bad(self) -> int:
        """How many values are NaN or infinite."""
        return int(self._base.bad[-1])

    def rows(self, start: int, stop: int) -> tuple[Ints, Values]:
        """Steps and values of rows `start` to `stop - 1`, contiguous."""
        steps, values = self._source(start, stop)
        return np.ascontiguousarray(steps, np.int64), as_values(values)

    def extend(self, steps: NDArray[np.integer], values: NDArray[np.generic]) -> None:
        """Append rows, in ascending order of step; gaps are fine, and so are NaN and infinities.

        Rows that span exactly as many steps as they are many are taken to have no gap, unlooked at.

        Raises:
            ValueError: Steps do not ascend, or there are not as many as values.
        """
        if len(steps) != len(values):
            raise ValueError(f"{len(steps)} steps were given with {len(values)} values")
        begin, count = 0, len(steps)
        self.version += 1
        self._make_room(count)
        while begin < count:
            end = min(begin + _BLOCK, count)
            if count - begin > _LONG:
                # Blocks that begin and end with a bucket are summarised faster; odd rows go by themselves.
                size = 1 << self._base.shift
                end = begin + (-int(steps[begin]) % size or (end - begin) // size * size or end - begin)
            self._extend(steps[begin:end], values[begin:end])
            begin = end

    def _extend(self, steps: NDArray[np.integer], raw: NDArray[np.generic]) -> None:
        """Append one block."""
        first, last, count = int(steps[0]), int(steps[-1]), len(steps)
        dense = last - first == count - 1
        if (self._last_step is not None and first <= self._last_step) or last - first < count - 1:
            raise ValueError(f"steps must ascend: {first} to {last} in {count} rows after {self._last_step}")
        if not dense:
            steps = np.ascontiguousarray(steps, np.int64)
            if not (steps[1:] > steps[:-1]).all():
                raise ValueError(f"steps must ascend, and between {first} and {last} some do not")
        values = as_values(raw)
        shift = self._base.shift
        keys, starts = _dense_starts(first, last, shift) if dense else _starts(steps, shift)
        whole = dense and not (first | count) & ((1 << shift) - 1)
        self._base.append(keys, starts, count, summarize(values, starts, whole << shift))
        if self._kept is not None:
            self._kept.append(np.asarray(steps, np.int64), values)
        self._last_step, self._last_value = last, float(values[-1])

    def _make_room(self, ahead: int) -> None:
        """Go over to coarser buckets before there are too many."""
        while self._base.count + (ahead >> self._base.shift) > MOST_BUCKETS:
            coarser = Buckets(self._base.shift + 2)
            coarser.fold(self._base)
            coarser.settled = 0
            self._base = coarser
            self._levels.clear()
        self._base.reserve(self._base.count + (ahead >> self._base.shift))

    def columns(self, where: Grid | Floats) -> Columns:
        """Summarise each column of a grid, or between ascending edges given in steps."""
        cut = where if isinstance(where, Grid) else grid(where)
        rows, begin, parts = len(self), 0, []
        for known, rows_then, columns in self._recent:
            if known is cut:
                if rows_then == rows:
                    return columns
                if len(columns.at):
                    begin = int(columns.at[-1])
                    parts.append(columns.head())
                break
        for shift, first, end in cut.runs:
            if end > begin:
                first = max(first, begin)
                parts.append(self._columns(cut.edges[first : end + 1], shift, first))
        columns = joined(parts)
        self._recent = [
            (cut, rows, columns),
            *(kept for kept in self._recent[:_RECENT] if kept[0] is not cut),
        ]
        return columns

    def _columns(self, edges: Ints, shift: int, offset: int) -> Columns:
        """Columns that share one bucket size."""
        if shift < self._base.shift:
            return self._from_rows(edges, offset)
        level = self._level(shift, int(edges[0]))
        at = _positions(level.keys, edges >> level.shift)
        found = np.flatnonzero(at[1:] > at[:-1])
        if not len(found):
            return _nothing()
        begins, ends = at[found], at[found + 1]
        first, last = int(begins[0]), int(ends[-1])
        before, bad_before = level.rows, level.bad
        rows, finite = before[ends] - before[begins], before[first + 1 : last + 1] - before[first:last]
        if not self.bad:
            stats = merge(level.stats[:, first:last], begins - first, finite, rows)
            return Columns(found + offset, stats, rows, np.zeros_like(rows), True)
        bad = bad_before[ends] - bad_before[begins]
        finite -= bad_before[first + 1 : last + 1] - bad_before[first:last]
        stats = merge(level.stats[:, first:last], begins - first, finite, rows - bad)
        return _columns(found + offset, stats, rows, bad)

    def _level(self, shift: int, start: int) -> Buckets:
        """Buckets to answer from: of that size, or the finest if it has few from step `start` on."""
        base = self._base
        if shift == base.shift or (self._last_step or 0) - start < _FEW << base.shift:
            return base
        level = self._levels.setdefault(shift, Buckets(shift))
        level.fold(base)
        return level

    def _from_rows(self, edges: Ints, offset: int) -> Columns:
        """Columns finer than the buckets, from whole rows; buckets say which rows to read."""
        base = self._base
        outer = edges[0] >> base.shift, (edges[-1] + (1 << base.shift) - 1) >> base.shift
        start, stop = base.rows[np.searchsorted(base.keys, outer)].tolist()
        if start >= stop:
            return _nothing()
        steps, values = self._source(start, stop)
        at = _positions(steps, edges)
        found = np.flatnonzero(at[1:] > at[:-1])
        if not len(found):
            return _nothing()
        begins, ends = at[found], at[found + 1]
        summary = summarize(as_values(values[begins[0] : ends[-1]]), begins - begins[0])
        rows = ends - begins
        return _columns(found + offset, summary.stats, rows, summary.bad)


def _starts(steps: NDArray[np.integer], shift: int) -> tuple[Ints, Ints]:
    """Bucket numbers of rows, and the row each bucket begins with."""
    keys = np.asarray(steps, np.int64) >> shift
    starts = np.concatenate(([0], np.flatnonzero(keys[1:] != keys[:-1]) + 1))
    return keys[starts], starts


def _dense_starts(first: int, last: int, shift: int) -> tuple[Ints, Ints]:
    """The same for rows without gaps, by arithmetic."""
    keys = np.arange(first >> shift, (last >> shift) + 1)
    starts = keys << shift
    starts -= first
    starts[0] = 0
    return keys, starts


def _positions(ascending: NDArray[np.integer], bounds: Ints) -> Ints:
    """Where each bound would be inserted; by arithmetic if there are no gaps."""
    count = len(ascending)
    if count and int(ascending[-1]) - int(ascending[0]) == count - 1:
        inside: Ints = np.minimum(np.maximum(bounds - ascending[0], 0), count)
        return inside
    return np.searchsorted(ascending, bounds)


def _columns(at: Ints, stats: Floats, rows: Ints, bad: Ints) -> Columns:
    """Columns from what was found there, with NaN where no value was finite."""
    clean = not bad.any()
    if not clean:
        stats[LOW : MEAN + 1, rows == bad] = np.nan
    return Columns(at, stats, rows, bad, clean)


def _nothing() -> Columns:
    none = np.zeros(0, np.int64)
    return Columns(none, np.empty((5, 0)), none, none, True)
