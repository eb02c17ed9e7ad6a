"""Smoothing equals its formula, whatever came between and however it was fed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tuilab.charts.columns import even_grid
from tuilab.charts.series import Series
from tuilab.charts.smooth import Smoothed, smoothed


def by_formula(values: list[float], weight: float) -> list[float]:
    """The debiased mean, one value after the other."""
    total, seen, means = 0.0, 0, []
    for value in values:
        if np.isfinite(value):
            total, seen = weight * total + (1 - weight) * value, seen + 1
            means.append(total / (1 - weight**seen))
        else:
            means.append(np.nan)
    return means


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.floats(-1e6, 1e6) | st.sampled_from([np.nan, np.inf]), min_size=1, max_size=400),
    st.sampled_from([0.0, 0.5, 0.9, 0.999, 0.999999]),
    st.lists(st.integers(0, 400), max_size=4),
)
def test_fed_in_pieces_it_follows_the_formula(values: list[float], weight: float, cuts: list[int]) -> None:
    series = Series()
    follower = Smoothed(series, weight)
    for piece in np.split(np.arange(len(values)), sorted(cut % len(values) for cut in cuts)):
        series.extend(piece, np.array(values)[piece])
        follower.catch_up()
    _, means = follower.series.rows(0, len(values))
    np.testing.assert_allclose(means, by_formula(values, weight), rtol=1e-6, atol=1e-3)


def test_rows_far_along_are_the_same_computed_again() -> None:
    values = np.random.default_rng(0).standard_normal(50_000)
    series = Series()
    series.extend(np.arange(len(values)), values)
    held = smoothed(series, 0.99)
    expected = np.array(by_formula(values.tolist(), 0.99))
    np.testing.assert_allclose(held.rows(40_000, 40_100)[1], expected[40_000:40_100], rtol=1e-9)
    cut = even_grid(0, 49_999, 10)
    found = held.columns(cut)
    assert found.mean[5] == pytest.approx(expected[cut.edges[5] : cut.edges[6]].mean())
    assert found.high.max() == pytest.approx(expected.max())


def test_a_constant_stays_what_it_is_from_the_first_value_on() -> None:
    series = Series()
    series.extend(np.arange(100), np.full(100, 3.0))
    assert smoothed(series, 0.999).rows(0, 100)[1] == pytest.approx(3.0)


def test_a_long_series_is_caught_up_with_in_parts() -> None:
    series = Series()
    series.extend(np.arange(1000), np.ones(1000))
    assert len(smoothed(series, 0.9, most=300)) == 300
    assert len(smoothed(series, 0.9, most=300)) == 600
    series.clear()
    assert len(smoothed(series, 0.9)) == 0


@pytest.mark.parametrize("weight", [-0.1, 1.0, float("nan")])
def test_a_weight_outside_its_range_is_refused(weight: float) -> None:
    with pytest.raises(ValueError, match="weight"):
        Smoothed(Series(), weight)
