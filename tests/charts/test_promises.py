"""What is promised of every series and every line chart, held against a hostile world.

Gaps, spikes, holes, constants, single points, the largest and the smallest numbers there are.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tuilab.charts import series as series_module
from tuilab.charts import xmap as xmap_module
from tuilab.charts.axes import Scale
from tuilab.charts.buckets import Floats, Ints
from tuilab.charts.canvas import LADDER, glyphs_named
from tuilab.charts.columns import Columns, Grid, even_grid, grid
from tuilab.charts.frame import Frame, Style
from tuilab.charts.line import Curve, View, draw
from tuilab.charts.series import Series
from tuilab.charts.xmap import Elapsed
from tuilab.ui.terminal.cells import cells

Data = tuple[Ints, Floats]

_ODD = [
    np.nan,
    np.inf,
    -np.inf,
    0.0,
    -0.0,
    1e308,
    -1e308,
    1.7976931348623157e308,
    5e-324,
    -5e-324,
    3.4028235e38,
    1e-300,
]


def values() -> st.SearchStrategy[float]:
    """A value, ordinary or not."""
    return st.one_of(st.sampled_from(_ODD), st.floats(), st.floats(-10, 10), st.integers(-3, 3).map(float))


@st.composite
def data(draw: st.DrawFn, longest: int = 3000, value: st.SearchStrategy[float] | None = None) -> Data:
    """Steps and values: noise of some size, sprinkled with odd values, with or without gaps in the steps."""
    count = draw(st.integers(1, longest))
    seed = draw(st.integers(0, 2**20))
    generator = np.random.default_rng(seed)
    size = draw(st.sampled_from([0.0, 1e-310, 1e-6, 1.0, 1e6, 1e300]))
    made = draw(st.sampled_from([0.0, 1.0, -1e5])) + size * generator.standard_normal(count)
    odd = draw(st.lists(st.tuples(st.integers(0, count - 1), value or values()), max_size=12))
    for index, odd_value in odd:
        made[index : index + draw(st.sampled_from([1, 1, 40]))] = odd_value
    gap = draw(st.sampled_from([1, 1, 3, 100, 10**6]))
    gaps = generator.integers(1, gap + 1, count) if draw(st.booleans()) else np.full(count, gap)
    return draw(st.sampled_from([0, 1, 15, 10**9])) + np.cumsum(gaps) - gaps[0], made


def chunked(steps: Ints, made: NDArray[np.floating], cuts: list[int], series: Series | None = None) -> Series:
    """A series fed in pieces."""
    series = series if series is not None else Series()
    bounds = [0, *sorted({cut % len(steps) for cut in cuts} - {0}), len(steps)]
    for begin, end in pairwise(bounds):
        series.extend(steps[begin:end], made[begin:end])
    return series


rungs = st.sampled_from([glyphs.name for glyphs in LADDER])
scales = st.sampled_from(["linear", "log"])
burst = 100 * np.arange(150), np.random.default_rng(0).standard_normal(150)
"""Rows a hundred steps apart, for a clock that makes many of them share a column."""
cuts = st.lists(st.integers(0, 5000), max_size=4)


def whole(steps: Any, width: int = 60, height: int = 12, **more: Any) -> View:
    """The view of all steps."""
    return replace(View(width, height, float(steps[0]), float(max(steps[-1], steps[0] + 1))), **more)


def shown(frame: Frame) -> str:
    """What a failing test prints."""
    return "\n" + "\n".join(frame.text())


@pytest.fixture(params=[2**17, 4], ids=["fine", "coarse"])
def small(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything once as it is, and once with so little memory that buckets coarsen at once."""
    monkeypatch.setattr(series_module, "MOST_BUCKETS", request.param)
    monkeypatch.setattr(series_module, "_FEW", request.param)


def by_hand(steps: Any, values: Any, cut: Grid) -> Iterator[tuple[int, Any]]:
    """Columns with rows, and the values in them."""
    for column, (begin, end) in enumerate(pairwise(cut.edges)):
        inside = values[(steps >= begin) & (steps < end)]
        if len(inside):
            yield column, inside


def check(found: Columns, steps: Any, values: Any, cut: Grid) -> None:
    expected = list(by_hand(steps, values, cut))
    assert found.at.tolist() == [column for column, _ in expected]
    for index, (_, inside) in enumerate(expected):
        finite = inside[np.isfinite(inside)]
        assert found.rows[index] == len(inside)
        assert found.bad[index] == len(inside) - len(finite)
        np.testing.assert_equal(found.stats[3:, index], [inside[0], inside[-1]])
        if len(finite):
            assert found.low[index] == finite.min()
            assert found.high[index] == finite.max()
            small = np.ldexp(finite, -40)  # or the largest values would overflow here
            allowed = np.abs(small).max() * 1e-9 + 1e-320
            assert abs(np.ldexp(found.mean[index], -40) - small.mean()) <= allowed
        else:
            assert np.isnan(found.stats[:3, index]).all()


@pytest.mark.usefixtures("small")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(data(), cuts, st.integers(1, 300), st.floats(0, 1), st.floats(0, 1))
def test_columns_are_what_the_rows_say(made: Data, cuts: list[int], columns: int, a: float, b: float) -> None:
    steps, values = made
    held = chunked(steps, values, cuts)
    last = float(steps[-1])
    cut = even_grid(min(a, b) * last, max(a, b) * last + 1, columns)
    check(held.columns(cut), steps, values, cut)


@pytest.mark.usefixtures("small")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(data(), cuts, st.integers(1, 60))
def test_columns_may_be_of_any_width(made: Data, cuts: list[int], columns: int) -> None:
    steps, values = made
    cut = grid(np.geomspace(1, steps[-1] + 1, columns + 1))
    check(chunked(steps, values, cuts).columns(cut), steps, values, cut)


@pytest.mark.usefixtures("small")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(data(), cuts, st.integers(1, 300))
def test_asked_again_while_it_grows_a_series_answers_as_if_built_at_once(
    made: Data, cuts: list[int], columns: int
) -> None:
    steps, values = made
    cut = even_grid(0, float(steps[-1]), columns)
    held = Series()
    bounds = [0, *sorted({cut % len(steps) for cut in cuts} - {0}), len(steps)]
    for begin, end in pairwise(bounds):
        held.extend(steps[begin:end], values[begin:end])
        check(held.columns(cut), steps[:end], values[:end], cut)


def near(column: float, columns: int, across: int, dashed: bool) -> range:
    """Cells where a step may be: a column's edge is moved by at most a quarter of its width.

    A dashed line has its gaps where it is level, and then its values show in the cell before or after.
    """
    first, last = (int(min(max(column + move, 0), columns - 1)) // across for move in (-0.3, 0.3))
    return range(max(first - dashed, 0), min(last + 1 + dashed, columns // across))


@settings(deadline=None, max_examples=150)
@given(data(), cuts, rungs, scales, st.integers(0, 3), st.floats(0, 0.99))
@example((np.array([0]), np.array([2.22507386e-311])), [], "braille", "log", 0, 0.0)
def test_every_extreme_and_every_hole_is_visible(
    made: Data, cuts: list[int], glyphs: str, y_scale: str, dash: int, smoothing: float
) -> None:
    steps, made_values = made
    view = whole(steps, glyphs=glyphs, y_scale=y_scale)
    curve = Curve("loss", chunked(steps, made_values, cuts), dash=dash, smoothing=smoothing)
    frame = draw(view, [curve])
    plot, rung = frame.plot, glyphs_named(glyphs)
    columns = plot.width * rung.across
    width = (view.x1 - view.x0) / columns
    finite = np.isfinite(made_values) & ((made_values > 0) | (y_scale == "linear"))
    scale = Scale(*frame.y_limits, y_scale == "log")
    for extreme in {made_values[finite].min(), made_values[finite].max()} if finite.any() else set():
        dot = int(scale.dots(np.array([extreme]), plot.height * rung.down)[0])
        row = plot.top + plot.height - 1 - dot // rung.down
        for step in steps[finite & (made_values == extreme)][:3]:
            cells = near((step - view.x0) / width, columns, rung.across, bool(dash))
            rows = range(max(row - bool(dash), plot.top), min(row + bool(dash) + 1, plot.top + plot.height))
            styles = {int(frame.styles[row, plot.left + cell]) for cell in cells for row in rows}
            assert max(styles) >= Style.CLIP, f"{extreme} at {step}: {shown(frame)}"
    rule = frame.chars[-2]
    for step in steps[~np.isfinite(made_values)]:
        cells = near((step - view.x0) / width, columns, rung.across, False)
        assert any(rule[plot.left + cell] == ord(rung.marks.nonfinite) for cell in cells), shown(frame)


@settings(deadline=None, max_examples=150)
@given(data(), st.integers(0, 3000), rungs, scales, st.integers(0, 3), st.sampled_from([0.0, 0.9]), values())
def test_no_column_once_drawn_changes_when_points_arrive(
    made: Data, cut: int, glyphs: str, y_scale: str, dash: int, smoothing: float, jump: float
) -> None:
    steps, made_values = made
    cut = cut % len(steps)
    if cut == 0:
        return
    view = whole(steps, glyphs=glyphs, y_scale=y_scale, y_limits=(0.5, 4.0), legend=False)
    made_values[cut] = jump
    series = chunked(steps[:cut], made_values[:cut], [])
    curve = Curve("loss", series, dash=dash, smoothing=smoothing, letter="a")
    before = draw(view, [curve])
    series.extend(steps[cut:], made_values[cut:])
    after = draw(view, [curve])
    cell = before.plot.column_at(float(steps[cut - 1])) - 1
    assert (before.chars[:, :cell] == after.chars[:, :cell]).all(), shown(before) + shown(after)
    assert (before.styles[:, :cell] == after.styles[:, :cell]).all(), shown(before) + shown(after)


def ticks(kind: str, count: int, seed: int) -> Floats:
    """Times of so many rows on a clock that is hard to draw."""
    generator = np.random.default_rng(seed)
    even = generator.random(count)
    apart = {
        "bursts": generator.exponential(1, count) ** 4,
        "any size": 10 ** generator.uniform(-9, 6, count),
        "pauses": np.where(generator.integers(0, max(count // 4, 2), count) == 0, 1e6, even),
        "coarse": (even < 0.02).astype(np.float64),
        "set back": np.where(even < 0.02, -50, even),
        "slow at last": np.where(np.arange(count) > count - 20, 1e6 * even, even > 0.5),
    }
    times = 1e9 + np.cumsum(apart[kind])
    return np.where(generator.random(count) < 0.05, np.nan, times) if seed % 8 == 0 else times


@pytest.fixture(params=[2**14, 8], ids=["to the row", "with few times remembered"])
def knots(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every time remembered, and one of a hundred."""
    monkeypatch.setattr(xmap_module, "MOST_KNOTS", request.param)


@pytest.mark.usefixtures("knots")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
@given(
    data(longest=1500),
    st.integers(1, 1500) | st.integers(-20, -1),
    st.sampled_from(["bursts", "any size", "pauses", "coarse", "set back", "slow at last"]),
    st.integers(0, 2**20),
    st.sampled_from([(0.0, 1.0), (0.0, 1.2), (0.2, 0.7), (0.5, 0.51)]),
    st.sampled_from([0.0, 0.9]),
)
@example(burst, 149, "bursts", 4838, (0.0, 1.0), 0.0)
@example(burst, -3, "slow at last", 1, (0.0, 1.0), 0.0)
def test_no_column_changes_on_an_axis_of_wall_time(
    made: Data, cut: int, kind: str, seed: int, span: tuple[float, float], smoothing: float
) -> None:
    steps, made_values = made
    cut = 1 + (cut - 1) % len(steps)
    times = ticks(kind, len(steps), seed)
    whole_clock, clock, series = Elapsed(), Elapsed(), Series()
    whole_clock.extend(steps, times)
    x0, x1 = (share * whole_clock.newest for share in span)
    view = View(60, 12, x0, x1, "time", y_limits=(-2.0, 2.0), legend=False)
    curve = Curve("loss", series, xmap=clock, smoothing=smoothing)
    clock.extend(steps[:cut], times[:cut])
    series.extend(steps[:cut], made_values[:cut])
    before = draw(view, [curve])
    newest = clock.newest
    clock.extend(steps[cut:], times[cut:])
    series.extend(steps[cut:], made_values[cut:])
    after = draw(view, [curve])
    # Where all of the axis is over, nothing at all may change.
    cell = before.plot.column_at(newest) - 1 if newest <= before.plot.x1 else view.width
    assert (before.chars[:, :cell] == after.chars[:, :cell]).all(), shown(before) + shown(after)
    assert (before.styles[:, :cell] == after.styles[:, :cell]).all(), shown(before) + shown(after)


@pytest.mark.usefixtures("knots")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(
    data(longest=1500),
    cuts,
    st.sampled_from(["any size", "pauses", "coarse", "set back"]),
    st.integers(0, 2**20),
)
def test_time_is_found_to_the_row(made: Data, cuts: list[int], kind: str, seed: int) -> None:
    steps, _ = made
    times = ticks(kind, len(steps), seed)
    clock = Elapsed()
    bounds = [0, *sorted({cut % len(steps) for cut in cuts} - {0}), len(steps)]
    for begin, end in pairwise(bounds):
        clock.extend(steps[begin:end], times[begin:end])
    known = times[np.isfinite(times)]
    since = np.maximum.accumulate(np.where(np.isfinite(times), times - (known[0] if len(known) else 0), 0))
    assert clock.newest == since[-1]
    assert clock.x(steps.astype(np.float64)).tolist() == since.tolist()
    asked = np.unique(np.append(since, (since[1:] + since[:-1]) / 2))
    assert clock.steps(asked).tolist() == [steps[since >= x][0] for x in asked]
    assert (clock.steps(since[-1] + np.array([1e-3, 1.0])) > steps[-1] + 1).all()


@settings(deadline=None, max_examples=100)
@given(data(), cuts, rungs, scales, st.sampled_from([0.0, 0.9]), st.booleans())
def test_a_series_fed_in_pieces_looks_like_one_fed_at_once(
    made: Data, cuts: list[int], glyphs: str, y_scale: str, smoothing: float, robust: bool
) -> None:
    steps, made_values = made
    view = whole(steps, glyphs=glyphs, y_scale=y_scale, robust=robust)
    pieces, once = chunked(steps, made_values, cuts), chunked(steps, made_values, [])
    a = draw(view, [Curve("loss", pieces, smoothing=smoothing)])
    b = draw(view, [Curve("loss", once, smoothing=smoothing)])
    assert a.text() == b.text()


@settings(deadline=None, max_examples=200)
@given(
    st.lists(data(longest=300), max_size=3),
    st.tuples(st.integers(0, 400), st.integers(0, 120)),
    st.tuples(st.floats(-10, 1e9), st.floats(0, 1e9)),
    st.tuples(
        rungs,
        scales,
        scales,
        st.booleans(),
        st.booleans(),
        st.sampled_from(["step", "epoch", "samples", "time"]),
    ),
    st.sampled_from([None, (-1.0, 1.0), (0.1, 1e300)]),
    st.floats(0, 1e9) | st.none(),
)
def test_nothing_raises_at_any_size(
    many: list[Data],
    size: tuple[int, int],
    x: tuple[float, float],
    choices: tuple[str, str, str, bool, bool, str],
    held: tuple[float, float] | None,
    cursor: float | None,
) -> None:
    glyphs, x_scale, y_scale, robust, legend, x_mode = choices
    curves = [
        Curve(f"運転 {index}", chunked(*made, []), index, index, "abc"[index], [0, 0.9, 0.5][index])
        for index, made in enumerate(many)
    ]
    view = View(
        *size,
        x[0],
        x[0] + x[1],
        x_mode,
        x_scale,
        y_scale,
        None,
        held,
        robust,
        glyphs,
        "title \x1b\ud800損",
        legend,
        cursor,
        [(0, "checkpoint"), (50, "?"), (10**9, "change")],
        lambda steps: np.sin(steps),
    )
    frame = draw(view, curves)
    assert frame.chars.shape == (size[1], size[0]) == frame.styles.shape
    assert [cells(row) for row in frame.text()] == [size[0]] * size[1]
    assert [sum(cells(text) for text, _ in frame.pieces(y)) for y in range(size[1])] == [size[0]] * size[1]
    assert frame.changed(frame) == []
