"""Series that were met, or could be: each at every scale, rung and size, alone and on top of others."""

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from tuilab.charts.canvas import LADDER
from tuilab.charts.frame import Style
from tuilab.charts.heat import HeatView, heat
from tuilab.charts.line import Curve, View, draw
from tuilab.charts.series import Series
from tuilab.charts.xmap import Elapsed, Linear

MILLION = 1_000_000

spike = np.full(MILLION, 0.5, np.float32)
spike[765_432] = 1e6

HOSTILE: dict[str, NDArray[np.floating]] = {
    "nothing": np.zeros(0),
    "all NaN": np.full(1000, np.nan),
    "all infinite": np.tile([np.inf, -np.inf], 500),
    "infinite first": np.append(np.inf, np.linspace(2, 1, 999)),
    "NaN first, one value": np.append(np.full(999, np.nan), 3.0),
    "constant": np.full(1000, 0.1),
    "zero": np.zeros(1000),
    "negative": -np.geomspace(1e-3, 1e3, 1000),
    "largest": np.tile([1.7976931348623157e308, -1.7976931348623157e308], 500),
    "denormal": np.tile([5e-324, 1e-310, 0.0], 300),
    "1e308 apart": np.array([1e308, -1e308, 5e-324, np.nan]),
    "a single value": np.array([42.0]),
    "two values": np.array([1.0, 2.0]),
    "one spike in a million": spike,
    "one NaN in a million": np.where(np.arange(MILLION) == 123_456, np.nan, 1.0),
    "half precision": np.linspace(0, 6e4, 1000).astype(np.float16),
    "next to each other": np.array([1.0, np.nextafter(1.0, 2.0)]),
    "every decade": np.geomspace(1e-300, 1e300, 1000),
}


def made(values: NDArray[np.floating], every: int = 1) -> Series:
    series = Series()
    series.extend(np.arange(len(values)) * every, values)
    return series


series = {name: made(values) for name, values in HOSTILE.items()}
scales = [("linear", "linear"), ("linear", "log"), ("log", "linear"), ("log", "log")]


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize(("x_scale", "y_scale"), scales)
def test_extremes_and_holes_of_hostile_series_show(name: str, x_scale: str, y_scale: str) -> None:
    values = HOSTILE[name].astype(np.float64)
    for glyphs in (rung.name for rung in LADDER):
        view = View(80, 16, 0, max(len(values) - 1, 1), "step", x_scale, y_scale, glyphs=glyphs)
        frame = draw(view, [Curve("loss", series[name])])
        shown = np.isfinite(values) & ((values > 0) | (y_scale == "linear"))
        drawn = frame.styles[frame.plot.top : frame.plot.top + frame.plot.height, frame.plot.left :]
        assert (drawn >= Style.SERIES).any() == shown.any(), "\n".join(frame.text())
        assert (frame.styles == Style.NONFINITE).any() == (not np.isfinite(values).all())
        if shown.any():
            # A column that reaches to zero or below is drawn down to the edge, whatever lies between.
            mixed = y_scale == "log" and (values[np.isfinite(values)] <= 0).any()
            assert mixed or frame.y_limits[0] <= values[shown].min()
            assert frame.y_limits[1] >= values[shown].max()
            occupied = np.flatnonzero((drawn >= Style.CLIP).any(axis=1))
            if values[shown].max() / 2 > values[shown].min() > 0:
                assert len(occupied) > 1, "smallest and largest stand apart"
        else:
            assert any("no " in row or "nothing" in row for row in frame.text())


@pytest.mark.parametrize("pair", list(itertools.pairwise(HOSTILE)), ids=" and ".join)
def test_runs_of_different_lengths_share_a_chart(pair: tuple[str, str]) -> None:
    first, second = (series[name] for name in pair)
    last = max(len(first), len(second), 2) - 1
    for y_scale in ("linear", "log"):
        curves = [
            Curve("A", first, 0, 0, "A", 0.9),
            Curve("B", second, 1, 0, "B", xmap=Linear(1.0)),
            Curve("C", second, 2, 1, "C", kind="points"),
        ]
        frame = draw(View(90, 20, 0, last, y_scale=y_scale, cursor=last / 3), curves)
        assert [len(row) for row in frame.text()] == [90] * 20
        alone = draw(View(90, 20, 0, last, y_scale=y_scale, y_limits=frame.y_limits), curves[:1])
        if len(first) and (alone.styles >= Style.SERIES).any():
            used = set(np.unique(frame.styles).tolist())
            assert used & {16, 17}, "a curve stays visible under two others"


@pytest.mark.parametrize("name", HOSTILE)
def test_heat_maps_stand_every_series(name: str) -> None:
    rows = [("a", series[name]), ("b", series["constant"])]
    for other_scale, robust in itertools.product((False, True), (False, True)):
        view = HeatView(
            70, 8, 0, max(len(series[name]) - 1, 1), other_scale=other_scale, robust=robust, cursor=0.0
        )
        frame = heat(view, rows)
        assert [len(row) for row in frame.text()] == [70] * 8
        if not np.isfinite(HOSTILE[name]).all():
            assert (frame.styles == Style.NONFINITE).any()


def test_steps_that_go_back_are_refused_and_leave_the_series_as_it_was() -> None:
    held = made(np.arange(5000.0))
    for steps in ([4999], [0, 1], [6000, 5999], [7000, 7000]):
        with pytest.raises(ValueError, match="ascend"):
            held.extend(np.array(steps), np.zeros(len(steps)))
    assert len(held) == 5000
    assert held.last_step == 4999
    held.extend(np.array([5000]), np.array([1.0]))
    assert len(held) == 5001


def test_a_clock_that_is_set_back_or_breaks_keeps_every_value() -> None:
    values, clock = np.arange(1000.0), Elapsed()
    times = np.arange(1000.0)
    times[300:600] -= 250
    times[700:720] = np.nan
    clock.extend(np.arange(1000), times)
    frame = draw(View(80, 12, 0, clock.newest, "time"), [Curve("loss", made(values), xmap=clock)])
    assert frame.y_limits[1] >= 999
    assert (frame.styles >= Style.SERIES).any()


def test_the_last_rows_of_a_very_long_series_are_taken_in_however_they_come() -> None:
    for rest in (1, 4097, 5000, 16_000, 70_000):
        held = Series(lambda a, b: (np.arange(a, b), np.zeros(b - a, np.float32)))
        total = 2**24 + rest
        held.extend(np.arange(total), np.zeros(total, np.float32))
        assert len(held) == total
