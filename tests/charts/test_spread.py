"""Histograms over steps and confusion matrices as they look."""

import numpy as np

from tuilab.charts.confusion import ConfusionView, confusion
from tuilab.charts.frame import Style
from tuilab.charts.spread import Look, SpreadView, spread

narrow = Look(-1.0, 1.0, np.array([1.0, 10.0, 10.0, 1.0]))
wide = Look(-2.0, 2.0, np.array([5.0, 1.0, 1.0, 5.0]))


def test_a_look_holds_until_the_next_and_ends_with_the_newest() -> None:
    frame = spread(SpreadView(40, 8, 0, 39), np.array([0, 20, 25]), [narrow, wide, narrow])
    assert [row.rstrip() for row in frame.text()] == [
        "   share of the values  1e-4 ░▒▓█ 1",
        " 2┤                  █████",
        "  │████████████████████████",
        " 0┤██████████████████▓▓▓▓▓█",
        "  │████████████████████████",
        "-2┤                  █████",
        "  └┴────────┴────────┴─────────┴────────",
        "   0        10       20        30",
    ]


def test_values_that_are_all_one_and_those_that_are_not_finite_are_shown() -> None:
    same, broken = Look(0.5, 0.5, np.array([8.0])), Look(np.nan, np.nan, np.array([8.0]))
    frame = spread(SpreadView(30, 7, 0, 9), np.array([0, 5]), [same, broken])
    assert (frame.styles >= Style.HEAT).any(axis=0).sum() >= 10
    assert (frame.styles == Style.NONFINITE).any()


def test_no_size_is_too_small_for_a_spread_or_a_matrix() -> None:
    counts = np.arange(49).reshape(7, 7)
    for width in (0, 1, 2, 5, 17, 400):
        for height in (0, 1, 2, 3, 4, 9, 60):
            for glyphs in ("braille", "half", "ascii"):
                view = SpreadView(width, height, 0, 9, glyphs=glyphs, cursor=3.0)
                for looks in ([], [narrow, wide]):
                    drawn = spread(view, np.arange(len(looks)), looks)
                    assert drawn.chars.shape == (height, width)
                assert confusion(ConfusionView(width, height, glyphs), counts).chars.shape == (height, width)


def test_a_matrix_tells_its_counts_where_there_is_room() -> None:
    counts = np.array([[90, 10, 0], [0, 100, 0], [5, 0, 95]])
    frame = confusion(ConfusionView(36, 6), counts, ["cat", "dog", "cow"])
    assert [row.rstrip() for row in frame.text()][:5] == [
        "true \\ said   285 of 300 right",
        "         cat    dog    cow",
        " cat      90     10      ·",
        " dog       ·    100      ·",
        " cow       5      ·     95",
    ]


def test_a_matrix_without_room_for_counts_is_shaded_and_every_mistake_shows() -> None:
    counts = np.diag(np.full(100, 1000))
    counts[3, 97] = 1
    frame = confusion(ConfusionView(60, 22), counts)
    assert frame.text()[0].startswith("true \\ said   100000 of 100001 right")
    filled = np.argwhere(frame.styles >= Style.WARM)
    assert any(row == 2 and column > 50 for row, column in filled)
