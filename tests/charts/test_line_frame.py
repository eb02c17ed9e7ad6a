"""What the frame of a line chart knows beside its rows: styles, readings, limits, and windows of any kind."""

import numpy as np
import pytest

from tests.charts.curves import down, series, shown, spiked, up
from tuilab.charts.frame import Style, band_style, line_style
from tuilab.charts.line import Curve, View, draw
from tuilab.charts.series import Series
from tuilab.charts.xmap import Elapsed, Linear


def test_the_line_stands_out_from_its_band_by_style() -> None:
    frame = draw(View(30, 6, 0, 3000, legend=False), [Curve("loss", series(*spiked), style=2)])
    assert set(np.unique(frame.styles[:4, 2:])) == {Style.BLANK, line_style(2), band_style(2)}


def test_curves_that_coincide_take_turns_in_colour() -> None:
    frame = draw(View(40, 8, 0, 60, legend=False), [Curve("one", up), Curve("same", up, style=1)])
    used = frame.styles[frame.styles >= Style.SERIES]
    assert (used == line_style(0)).sum() == pytest.approx((used == line_style(1)).sum(), abs=2)


def test_a_run_to_compare_with_is_dim() -> None:
    frame = draw(View(40, 8, 0, 60, legend=False), [Curve("old", up, dim=True)])
    assert frame.styles.max() < Style.SERIES
    assert (frame.styles == Style.DIM).any()


def test_the_cursor_reads_every_curve_exactly() -> None:
    values = [4.0, 8.0, np.nan, 6.0]
    frame = draw(
        View(2, 4, 0, 3, cursor=0, legend=False),
        [Curve("loss", series(*values[:2])), Curve("none", Series())],
    )
    (read,) = frame.readings
    assert (read.name, read.start, read.stop, read.count, read.bad) == ("loss", 0, 1, 2, 0)
    assert (read.first, read.last, read.low, read.high, read.mean, read.line) == (4, 8, 4, 8, 6, 6)
    (read,) = draw(View(2, 4, 0, 3, cursor=3, legend=False), [Curve("loss", series(*values))]).readings
    assert (read.count, read.bad, read.low, read.high, read.last) == (2, 1, 6, 6, 6)
    assert np.isnan(read.first)


def test_x_under_a_column_and_back() -> None:
    plot = draw(View(40, 8, 0, 100), [Curve("loss", up)]).plot
    for column in range(plot.left, plot.left + plot.width):
        assert plot.column_at(plot.x_at(column)) == column
    assert plot.column_at(-5) == plot.left
    assert plot.column_at(1e9) == plot.left + plot.width - 1


def test_only_cells_that_differ_are_reported() -> None:
    held = series(*range(30))
    view = View(40, 8, 0, 60, y_limits=(0, 60), legend=False)
    before = draw(view, [Curve("loss", held)])
    held.extend(np.arange(30, 31), np.array([30.0]))
    after = draw(view, [Curve("loss", held)])
    ((row, start, end),) = after.changed(before)
    assert end - start == 1
    assert before.chars[row, start] != after.chars[row, start]
    assert after.changed(None) == [(row, 0, 40) for row in range(8)]


def test_limits_stay_while_the_data_fit() -> None:
    held = series(1.0, 2.0)
    first = draw(View(40, 8, 0, 60), [Curve("loss", held)])
    held.extend(np.arange(2, 3), np.array([1.5]))
    again = draw(View(40, 8, 0, 60, y_held=first.y_limits), [Curve("loss", held)])
    assert again.y_limits == first.y_limits
    held.extend(np.arange(3, 4), np.array([50.0]))
    assert draw(View(40, 8, 0, 60, y_held=first.y_limits), [Curve("loss", held)]).y_limits[1] >= 50


def test_limits_hold_all_that_is_finite() -> None:
    frame = draw(View(40, 10, 0, 3), [Curve("loss", series(1e308, -1e308, 5e-324, np.nan))])
    assert frame.y_limits[0] <= -1e308
    assert frame.y_limits[1] >= 1e308


def test_epochs_are_steps_in_another_unit() -> None:
    by_step = draw(View(40, 8, 0, 60, y_limits=(0, 60), legend=False), [Curve("loss", up)])
    by_epoch = draw(
        View(40, 8, 0, 6, "epoch", y_limits=(0, 60), legend=False), [Curve("loss", up, xmap=Linear(0.1))]
    )
    assert shown(by_step)[:6] == shown(by_epoch)[:6]


def test_a_pause_takes_its_time_on_an_axis_of_wall_time() -> None:
    noisy = [step % 7 for step in range(60)]
    clock = Elapsed()
    clock.extend(np.arange(60), np.where(np.arange(60) < 30, np.arange(60), 30 + np.arange(60)) + 1e9)
    frame = draw(View(32, 6, 0, 90, "time", legend=False), [Curve("loss", series(*noisy), xmap=clock)])
    assert shown(frame) == [
        "5┤ ⢠⡁ ⣧ ⢼⡆⢠⡁           ⣧ ⢼⡆⢠⡁ ⣧",
        " │ ⡞⡇⣰⢹⢀⠇⡇⡞⡇          ⣰⢹⢀⠇⡇⡞⡇⣰⢹⢀",
        " │⢠⠃⢸⡎⢸⡼ ⣧⠃⢸  ⢀⣀⣀⣀⣀⡠⠤⠤⠎⢸⡼ ⣧⠃⢸⡎⢸⡼",
        "0┤⡝ ⡈ ⢸⠇ ⡟ ⡈⠉⠉⠁        ⢸⠇ ⡟ ⡈ ⢸⠇",
        " └┴─────────┴─────────┴─────────",
        "  0        30s        1m",
    ]


def test_an_evaluation_after_the_newest_step_stands_where_that_is_on_an_axis_of_wall_time() -> None:
    clock = Elapsed()
    clock.extend(np.arange(100), np.arange(100) / 10)
    evals = series(2, 1, 3, every=50)
    frame = draw(View(32, 6, 0, 40, "time", legend=False), [Curve("eval", evals, xmap=clock)])
    assert shown(frame) == [
        "3┤      ⢠⠃",
        "2┤⡀    ⢠⠃",
        " │⠈⠢⡀ ⢀⠎",
        "1┤  ⠑⢄⠎",
        " └┴──────────┴──────────┴───────",
        "  0         15s        30s",
    ]
    whole = draw(View(32, 6, 0, clock.newest, "time", legend=False), [Curve("eval", evals, xmap=clock)])
    assert whole.y_limits[1] >= 3


def test_the_last_row_is_in_view_in_any_unit() -> None:
    for an_epoch in range(1, 3000, 7):
        for last in (100, 630, 1000):
            steps = Linear(1 / an_epoch)
            ended = draw(
                View(32, 6, 0, last / an_epoch), [Curve("loss", series(0, 1, every=last), xmap=steps)]
            )
            assert ended.y_limits[1] >= 1, (an_epoch, last)


def test_names_cannot_break_the_chart_or_the_terminal() -> None:
    curve = Curve("损\x1b[2J\ud800", up, letter="損")
    frame = draw(View(40, 8, 0, 60, title="a\nb"), [curve])
    assert shown(frame)[0] == "   a?b  ─?─ 损?[2J? 59"
    assert all(row.isascii() for row in draw(View(40, 8, 0, 60, title="ä", glyphs="ascii"), [curve]).text())


def test_steps_may_be_as_large_as_they_come() -> None:
    held = Series()
    held.extend(np.array([0, 1, 2**40, 2**60, 2**62 - 1]), np.arange(5.0))
    frame = draw(View(40, 8, 0, 2.0**62), [Curve("loss", held)])
    assert (frame.styles >= Style.SERIES).any()


@pytest.mark.parametrize("limits", [(1.0, 1.0), (2.0, 1.0), (0.0, 1.0), (float("nan"), 1.0)])
def test_limits_that_cannot_be_shown_give_way_to_those_of_the_data(limits: tuple[float, float]) -> None:
    frame = draw(View(40, 8, 0, 60, y_scale="log", y_limits=limits), [Curve("loss", up)])
    assert 0 < frame.y_limits[0] <= 1
    assert frame.y_limits[1] >= 59


def test_curves_of_one_name_are_read_one_by_one() -> None:
    frame = draw(View(40, 8, 0, 60, cursor=0), [Curve("loss", up), Curve("loss", down, style=1)])
    assert [read.low for read in frame.readings] == [0.0, 58.0]
    assert shown(frame)[0] == "   ── loss 0.5     ── loss 58.5"


@pytest.mark.parametrize(
    ("values", "x0", "said"),
    [([], 0, "no data yet"), ([np.nan] * 9, 0, "no finite value here"), ([1.0] * 9, 100, "no step here")],
)
def test_an_empty_plot_says_why(values: list[float], x0: float, said: str) -> None:
    series = Series()
    series.extend(np.arange(len(values)), np.array(values))
    assert any(said in row for row in draw(View(40, 9, x0, x0 + 8), [Curve("loss", series)]).text())


@pytest.mark.parametrize("x_scale", ["linear", "log"])
@pytest.mark.parametrize(
    ("x0", "x1"), [(1e17, 1e17 + 1), (1e17, 1e17 + 16), (1e300, 1e301), (-9, -3), (5, 2), (0, 2.0**63)]
)
def test_no_window_is_too_far_or_too_narrow(x0: float, x1: float, x_scale: str) -> None:
    series = Series()
    series.extend(np.array([0, 10**17, 2**62]), np.arange(3.0))
    frame = draw(View(40, 9, x0, x1, x_scale=x_scale, cursor=x0), [Curve("loss", series)])
    assert frame.chars.shape == (9, 40)
