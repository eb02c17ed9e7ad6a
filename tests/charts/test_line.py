"""What line charts look like. Rows are compared as they are, so a failing test shows the chart."""

import numpy as np

from tests.charts.curves import down, falling, series, shown, spiked, up
from tuilab.charts.line import Curve, View, draw
from tuilab.charts.series import Series


def test_a_rising_line_is_drawn_corner_to_corner() -> None:
    frame = draw(View(4, 2, 0, 7, y_limits=(0, 7)), [Curve("loss", series(*range(8)))])
    assert shown(frame) == [
        "  ⡠⠊",
        "⡠⠊",
    ]


def test_a_chart_has_a_legend_and_quiet_axes() -> None:
    frame = draw(View(40, 8, 0, 100, title="loss"), [Curve("train", series(*falling))])
    assert shown(frame) == [
        "   loss  ── train 1.449",
        "10┤⢧",
        "  │ ⠣⡀",
        " 5┤  ⠈⠒⢄⣀",
        "  │     ⠈⠉⠓⠒⠤⠤⠤⣀⣀⣀⣀⡀",
        " 0┤                ⠈⠉⠉⠉⠉⠉",
        "  └┴─────────────────┴─────────────────┴",
        "   0                 50              100",
    ]


def test_a_chart_reads_in_ascii_too() -> None:
    frame = draw(View(40, 8, 0, 100, title="loss", glyphs="ascii"), [Curve("train", series(*falling))])
    assert shown(frame) == [
        "   loss  -- train 1.449",
        "10+|.",
        "  | |.",
        " 5+  '-;.",
        "  |     '''---;......",
        " 0+                 '''''",
        "  ++-----------------+-----------------+",
        "   0                 50              100",
    ]


def test_a_chart_reads_in_half_blocks_too() -> None:
    frame = draw(View(40, 8, 0, 100, title="loss", glyphs="half"), [Curve("train", series(*falling))])
    assert shown(frame) == [
        "   loss  ── train 1.449",
        "10┤█",
        "  │ █▄",
        " 5┤  ▀▀▄▄",
        "  │     ▀▀▀▀█▄▄▄▄▄▄▄▄▄",
        " 0┤                  ▀▀▀▀",
        "  └┴─────────────────┴─────────────────┴",
        "   0                 50              100",
    ]


def test_holes_are_marked_below_and_never_bridged() -> None:
    values = [5, 5, 5, 5, 5, np.nan, np.nan, 5, 5, np.inf, 3, 3, 3]
    frame = draw(View(30, 6, 0, 20, legend=False), [Curve("loss", series(*values))])
    assert shown(frame) == [
        "5┤⠉⠉⠉⠉⠉⠉   ⠈⠉⠁",
        "4┤",
        " │",
        "3┤              ⣀⣀⣀",
        " └┴──────××───×─┴────────────┴",
        "  0             10          20",
    ]


def test_one_spike_among_thousands_reaches_its_height() -> None:
    frame = draw(View(30, 6, 0, 3000, legend=False), [Curve("loss", series(*spiked))])
    assert shown(frame) == [
        " │           ⢘",
        "5┤           ⢐",
        " │           ⢐",
        "0┤⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒",
        " └┴─────────────────┴─────────",
        "  0                 2k",
    ]


def test_robust_limits_leave_a_spike_outside_under_an_arrow() -> None:
    frame = draw(View(30, 6, 0, 3000, legend=False, robust=True), [Curve("loss", series(*spiked))])
    assert shown(frame) == [
        "1.1┤          ▲⡆",
        "1.0┤⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣸⣇⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀",
        "   │",
        "0.9┤",
        "   └┴────────────────┴────────",
        "    0                2k",
    ]


def test_values_that_a_log_axis_cannot_show_are_marked_at_its_foot() -> None:
    values = [1, 10, 100, 0, -5, 10, 1, 0.1]
    frame = draw(View(30, 7, 0, 20, legend=False, y_scale="log"), [Curve("loss", series(*values))])
    assert shown(frame) == [
        "   │  ⡜",
        " 10┤ ⡜    ⠠⡀",
        "   │⢰⠁     ⢣",
        "   │⠊      ⠘⡄",
        "0.1┤   ▼ ▼  ⠘⡄",
        "   └┴────────────────────────┴",
        "    0                       20",
    ]


def test_a_power_law_is_straight_where_both_axes_are_logarithmic() -> None:
    curve = Curve("loss", series(*(1 / (step + 1) for step in range(1000))))
    frame = draw(View(40, 8, 1, 1000, x_scale="log", y_scale="log"), [curve])
    assert shown(frame) == [
        "     ── loss 0.001",
        "    │⠉⠉⠒⠒⠒⠤⢄⣀⣀",
        " 0.1┤         ⠉⠑⠒⠢⠤⣀⣀",
        "    │               ⠈⠉⠑⠒⠦⢤⣀⣀",
        "0.01┤                      ⠈⠉⠓⠲⠤⢤⣀⡀",
        "1e-3┤                             ⠉⠙⠒⠲⠤⣄",
        "    └┴──────────┴───────────┴──────────┴",
        "     1          10         100      1000",
    ]


def test_the_planned_future_goes_on_where_the_past_ends() -> None:
    past = [1 - step / 100 for step in range(50)]
    frame = draw(
        View(40, 6, 0, 100, title="lr", planned=lambda steps: 1 - steps / 100), [Curve("lr", series(*past))]
    )
    assert shown(frame) == [
        "  lr  ── lr 0.51",
        "1┤⠉⠙⠒⠒⠒⠤⠤⠤⢄⣀⣀⣀",
        " │            ⠉⠉⠉⠑⠒⠒⠒⠤⠤⠤⢄⣀⣀⣀",
        "0┤                          ⠉⠉⠉⠑⠒⠒⠒⠤⠤⠤⣀⣀",
        " └┴──────────────────┴─────────────────┴",
        "  0                  50              100",
    ]


def test_flags_and_cursor_stand_on_the_axis() -> None:
    flags = [(10, "checkpoint"), (50, "change"), (90, "?")]
    frame = draw(
        View(40, 8, 0, 100, title="loss", flags=flags, cursor=30), [Curve("train", series(*falling))]
    )
    assert shown(frame) == [
        "   loss  ── train 2.44",
        "10┤⠣⡀         │",
        "  │ ⠑⢤⣀       │",
        "  │    ⠉⠒⠢⠤⢤⣀⣀⣀",
        " 0┤           │⠉⠉⠉⠉⠉⠉⠙⠒⠒⠒",
        "  │   ◆       │      △              ?",
        "  └┴──────────│──────┴─────────────────┴",
        "   0                 50              100",
    ]


def test_two_curves_are_told_apart_by_their_dashes() -> None:
    frame = draw(View(40, 8, 0, 60), [Curve("up", up), Curve("down", down, style=1, dash=1)])
    assert shown(frame) == [
        "   ── up 59      ╌╌ down 0",
        "50┤⠑⠒ ⠤⣀⢀⡀                       ⣀⣀⡠⠤⠒⠒⠁",
        "  │      ⠈⠉⠁⠒⠤⠄⣀⣀        ⢀⣀⡠⠤⠒⠒⠉⠉",
        "  │              ⢀⣉⡲⠤⠲⠶⠊⣉⠁",
        "  │       ⣀⣀⠤⠔⠒⠊⠉⠁       ⠉ ⠒⠢⠠⢄⣀",
        " 0┤⣀⠤⠔⠒⠊⠉⠉                      ⠈⠉⠉⠂⠢⠤ ⡀",
        "  └┴───────────┴───────────┴───────────┴",
        "   0           20          40         60",
    ]


def test_curves_that_coincide_both_keep_their_letters() -> None:
    frame = draw(View(40, 8, 0, 60), [Curve("one", up, letter="a"), Curve("same", up, style=1, letter="b")])
    assert shown(frame) == [
        "   ─a─ one 59      ─b─ same 59",
        "50┤                              ⣀⣀a⠤⠒⠒⠁",
        "  │                      ⢀⣀⡠⠤⠒⠒⠉⠉",
        "  │              ⢀⣀a⠤⠒⠒⠊b⠁",
        "  │       ⣀⣀⠤⠔⠒⠊⠉⠁",
        " 0┤a⠤⠔⠒⠊b⠉",
        "  └┴───────────┴───────────┴───────────┴",
        "   0           20          40         60",
    ]


def test_few_values_are_marked_where_they_are() -> None:
    frame = draw(
        View(40, 8, 0, 1000), [Curve("eval", series(1, 0.5, 0.3, 0.25, 0.22, every=200), kind="points")]
    )
    assert shown(frame) == [
        "    ── eval 0.22",
        "1.0┤⠓⠢⣀",
        "   │   ⠉⠢⢄",
        "0.5┤      ⠉⠗⠤⠤⣀⡀",
        "   │           ⠈⠉⠑⠗⠒⠒⠒⠤⠤⠤⢴⠤⠤⠤⢄⣀⣀⣠",
        "  0┤                            ⠈",
        "   └┴─────────────────┴────────────────┴",
        "    0                500            1000",
    ]


def test_a_single_point_is_visible() -> None:
    frame = draw(View(30, 6, 0, 20, title="loss"), [Curve("train", series(3.0))])
    assert shown(frame) == [
        "    loss  ── train 3",
        "3.2┤",
        "3.0┤⠂",
        "2.8┤",
        "   └┴────────────────────────┴",
        "    0                       20",
    ]


def test_a_constant_is_a_line_in_the_middle() -> None:
    frame = draw(View(30, 6, 0, 20, title="loss"), [Curve("train", series(*[0.0] * 10))])
    assert shown(frame) == [
        "   loss  ── train 0",
        " 1┤",
        " 0┤⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠂",
        "-1┤",
        "  └┴────────────┴────────────┴",
        "   0            10          20",
    ]


def test_nothing_yet_is_an_empty_chart() -> None:
    frame = draw(View(30, 5, 0, 10, title="loss"), [Curve("train", Series())])
    assert shown(frame) == [
        "loss  ── train",
        "         no data yet",
        "",
        "┴──────────────┴─────────────┴",
        "0              5            10",
    ]


def test_the_smallest_charts_keep_the_curve() -> None:
    frame = draw(View(20, 2, 0, 10, title="loss"), [Curve("train", series(1, 2, 3, np.nan, 4))])
    assert shown(frame) == [
        "   ⣀⠄   ⠁",
        "⡠⠔⠊   ×",
    ]


def test_a_legend_without_room_ends_in_an_ellipsis() -> None:
    frame = draw(View(24, 5, 0, 60), [Curve("learning rate", up), Curve("gradient norm", down)])
    assert shown(frame) == [
        "   ── learning rate  ──…",
        "50┤⠉⠓⠒⠒⠤⠤⠤⣄⣀⣀⣀⣀⣀⡠⠤⠤⠔⠒⠒⠊⠉",
        " 0┤⣀⡠⠤⠤⠔⠒⠒⠊⠉⠉⠉⠉⠉⠒⠒⠒⠦⠤⠤⣀⣀",
        "  └┴────────────────┴───",
        "   0                50",
    ]
