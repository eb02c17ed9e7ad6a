"""What a series answers, and what it costs."""

import numpy as np
import pytest

from tuilab.charts.columns import even_grid
from tuilab.charts.series import Series


def test_memory_stays_bounded_however_sparse_the_steps_are() -> None:
    held = Series()
    for begin in range(0, 40_000, 1000):
        held.extend((begin + np.arange(1000)) * 10**9, np.ones(1000))
        held.columns(even_grid(0, 4e13, 100))
    assert sum(level.count for level in [held._base, *held._levels.values()]) < 200_000


def test_a_day_at_a_thousand_steps_a_second_needs_megabytes() -> None:
    rows = 86_400_000
    held = Series(lambda a, b: (np.arange(a, b), np.zeros(b - a, np.float32)))
    values = np.zeros(2**20, np.float32)
    for begin in range(0, rows, 2**20):
        end = min(begin + 2**20, rows)
        held.extend(np.arange(begin, end), values[: end - begin])
    held.columns(even_grid(0, rows, 236))
    buckets = [held._base, *held._levels.values()]
    assert sum(level._stats.nbytes + level._index.nbytes for level in buckets) < 20e6


def test_rows_come_from_wherever_the_table_is_mapped_now() -> None:
    table = np.zeros(5000, [("step", "i8"), ("loss", "f4"), ("lr", "f8")])
    table["step"], table["loss"] = np.arange(5000), np.arange(5000) % 7
    held = Series(lambda a, b: (table["step"][a:b], table["loss"][a:b]))
    held.extend(table["step"], table["loss"])
    table = np.copy(table)
    found = held.columns(even_grid(100, 119, 20))
    assert found.mean.tolist() == [step % 7 for step in range(100, 120)]


@pytest.mark.parametrize(
    "kind", [np.float16, np.float32, np.float64, np.longdouble, np.int32, np.uint8, np.bool_]
)
def test_values_may_be_of_any_kind(kind: type) -> None:
    held = Series()
    held.extend(np.arange(100), np.arange(100).astype(kind))
    assert held.columns(even_grid(0, 99, 1)).high[0] == (1 if kind is np.bool_ else 99)


def test_kinds_may_change_on_the_way() -> None:
    held = Series()
    held.extend(np.arange(10), np.full(10, 0.5, np.float16))
    held.extend(np.arange(10, 20), np.full(10, 1e300))
    found = held.columns(even_grid(0, 19, 20))
    assert found.mean.tolist() == [0.5] * 10 + [1e300] * 10


@pytest.mark.parametrize("steps", [[0, 0], [1, 0], [5, 4, 6], [0, 3, 1, 4]])
def test_steps_that_do_not_ascend_are_refused(steps: list[int]) -> None:
    with pytest.raises(ValueError, match="ascend"):
        Series().extend(np.array(steps), np.zeros(len(steps)))


def test_a_cleared_series_begins_anew() -> None:
    held = Series()
    held.extend(np.arange(100), np.ones(100))
    held.clear()
    assert len(held) == 0
    assert held.last_step is None
    assert len(held.columns(even_grid(0, 99, 10)).at) == 0
    held.extend(np.arange(3), np.ones(3))
    assert held.columns(even_grid(0, 99, 10)).rows.tolist() == [3]


def test_nothing_added_changes_nothing() -> None:
    held = Series()
    held.extend(np.zeros(0, np.int64), np.zeros(0))
    assert len(held) == 0
