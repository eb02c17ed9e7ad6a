"""Heat maps and images as they look."""

import numpy as np
import pytest

from tuilab.charts.contour import ContourView, contour
from tuilab.charts.frame import HEAT_LEVELS, Style, cold_style, heat_style, warm_style
from tuilab.charts.heat import HeatView, heat
from tuilab.charts.histogram import HistogramView, counted, histogram
from tuilab.charts.image import half_blocks, image
from tuilab.charts.series import Series


def series(*values: float, every: int = 1) -> Series:
    made = Series()
    made.extend(every * np.arange(len(values)), np.array(values, np.float64))
    return made


layers = [
    ("embed", series(*np.geomspace(1e-3, 1e-1, 20))),
    ("block.0", series(*[1e-2] * 10, *[np.nan] * 3, *[1e-2] * 7)),
    ("head", series(*np.geomspace(1e-1, 1e-4, 20))),
]


def test_layers_are_rows_and_steps_are_columns() -> None:
    frame = heat(HeatView(40, 6, 0, 29, title="gradient", robust=False), layers)
    assert [row.rstrip() for row in frame.text()] == [
        "        gradient  log  1e-4 ░▒▓█ 0.1",
        "  embed ▒▒▒▒▒▓▓▓▓▓▓▓▓▓███████",
        "block.0 ▓▓▓▓▓▓▓▓▓▓▓×××▓▓▓▓▓▓▓",
        "   head █████▓▓▓▓▓▓▒▒▒▒▒░░░░░",
        "        ┴──────────┴──────────┴─────────",
        "        0          10         20",
    ]


def test_layers_without_a_row_of_their_own_share_one() -> None:
    frame = heat(HeatView(40, 5, 0, 29, glyphs="ascii", robust=False), layers)
    assert [row.rstrip() for row in frame.text()] == [
        "        log  1e-4 .:-=+*#@ 0.1",
        "embed+1 ***********xxx####@@@",
        "   head @@###**++++===--:::..",
        "        +----------+----------+---------",
        "        0          10         20",
    ]


def test_every_level_has_a_style_of_its_own() -> None:
    frame = heat(HeatView(60, 4, 0, 19, robust=False), layers[:1])
    used = np.unique(frame.styles[frame.styles >= Style.HEAT])
    assert used.min() >= heat_style(0)
    assert used.max() == heat_style(HEAT_LEVELS - 1)


def test_values_on_both_sides_of_zero_have_shades_of_their_own() -> None:
    rows = [("up", series(0.1, 0.5, 1.0)), ("down", series(-0.1, -0.5, -1.0))]
    frame = heat(HeatView(34, 5, 0, 2, robust=False), rows)
    assert [row.rstrip() for row in frame.text()] == [
        "     symmetric  -1 ⠿⠶⠒⠂░▒▓█ 1",
        "  up ░░░░░░░░░░░░░░▓▓▓▓▓▓▓▓▓▓▓▓▓▓█",
        "down ⠂⠂⠂⠂⠂⠂⠂⠂⠂⠂⠂⠂⠂⠂⠶⠶⠶⠶⠶⠶⠶⠶⠶⠶⠶⠶⠶⠶⠿",
        "     ┴─────────────┴─────────────┴",
        "     0             1             2",
    ]
    assert frame.styles[1, -1] == warm_style(HEAT_LEVELS - 1)
    assert frame.styles[2, -1] == cold_style(HEAT_LEVELS - 1)


def test_what_a_logarithm_cannot_show_is_marked_as_what_it_is() -> None:
    rows = [("a", series(1e-3, 1.0, 1.0, 1.0)), ("b", series(0.0, 0.1, 0.01, np.nan))]
    frame = heat(HeatView(43, 5, 0, 3, robust=False), rows)
    assert [row.rstrip() for row in frame.text()][:3] == [
        "  log  0.001 ░▒▓█ 1   0 zero",
        "a ░░░░░░░░░░░░░████████████████████████████",
        "b 0000000000000▓▓▓▓▓▓▓▓▓▓▓▓▓▓▒▒▒▒▒▒▒▒▒▒▒▒▒×",
    ]
    rows[0] = ("a", series(-1.0, -2.0, -1.0, -3.0))
    assert "below zero" in heat(HeatView(60, 5, 0, 3, other_scale=True), rows).text()[0]


@pytest.mark.parametrize(
    ("values", "usual", "other"),
    [
        ([0.01, 0.02], "linear", "log"),
        ([1e-5, 0.02], "log", "linear"),
        ([-0.01, 0.02], "symmetric", "log"),
        ([-0.01, -0.02], "linear", "log"),
        ([0.0, 0.0], "linear", "log"),
        ([np.nan, np.inf], "linear", "log"),
    ],
)
def test_the_scale_follows_the_values_and_can_be_another(values: list[float], usual: str, other: str) -> None:
    for other_scale, kind in ((False, usual), (True, other)):
        frame = heat(HeatView(60, 5, 0, 1, other_scale=other_scale), [("a", series(*values))])
        assert frame.text()[0].split()[0] == kind


def test_under_the_cursor_every_row_tells_its_value() -> None:
    frame = heat(HeatView(48, 6, 0, 29, cursor=11, robust=False), layers)
    assert [row[40:].strip() for row in frame.text()[1:4]] == ["0.01438", "NaN/inf", "0.001833"]


def test_no_size_is_too_small_for_a_heat_map() -> None:
    for width in (1, 2, 5, 17, 400):
        for height in (1, 2, 3, 4, 5, 60):
            assert heat(HeatView(width, height, 0, 29, cursor=3), layers).chars.shape == (height, width)
            assert heat(HeatView(width, height, 0, 0), []).chars.shape == (height, width)


def test_the_cursor_reads_every_layer() -> None:
    frame = heat(HeatView(40, 6, 0, 29, cursor=11), layers)
    assert [(read.name, read.bad) for read in frame.readings] == [("embed", 0), ("block.0", 1), ("head", 0)]


def test_an_image_is_bright_where_its_pixels_are_high() -> None:
    disc = np.hypot(*np.mgrid[-1:1:16j, -1:1:16j]) < 0.8
    assert image(disc, 8, 4) == [
        "  ⣀⣤⣤⣀  ",
        " ⣼⣿⣿⣿⣿⣧ ",
        " ⢻⣿⣿⣿⣿⡟ ",
        "  ⠉⠛⠛⠉  ",
    ]
    assert image(disc, 8, 4, "half") == [
        "   ▄▄▄  ",
        " ▄█████ ",
        " █████▀ ",
        "  ▀▀▀   ",
    ]
    assert image(disc, 8, 4, "ascii") == [
        "  :==:  ",
        " #@@@@# ",
        " #@@@@# ",
        "  :==:  ",
    ]
    assert half_blocks(disc, 4, 2)[:, :, 0].tolist() == [[0, 96, 96, 0], [96, 255, 255, 96]]


def test_any_numbers_make_an_image() -> None:
    for pixels in (np.zeros((3, 3)), np.full((2, 5), np.nan), np.array([[1e308, -1e308, np.inf]]), np.eye(1)):
        for glyphs in ("braille", "quadrant", "half", "ascii"):
            assert [len(row) for row in image(pixels, 7, 3, glyphs)] == [7, 7, 7]


def test_a_histogram_shows_the_rarest_value_too() -> None:
    counts, low, high = counted(np.append(np.zeros(10_000), [1.0, np.nan, np.inf]), 20)
    frame = histogram(HistogramView(32, 6, title="weights"), counts, low, high)
    assert [row.rstrip() for row in frame.text()] == [
        "    weights  10001 values",
        "10k┤⣿⡇",
        "   │⣿⡇",
        "  0┤⣿⡇                        ⢀⣀",
        "   └┴─────────────┴────────────┴",
        "    0            0.5         1.0",
    ]


def test_no_size_and_no_values_are_too_odd_for_a_histogram() -> None:
    odd = [np.zeros(0), np.full(3, np.nan), np.array([1e308, -1e308]), np.array([5e-324]), np.arange(3)]
    for width, height in ((0, 0), (1, 1), (3, 7), (400, 120)):
        for values in odd:
            for bins in (1, 7, 1000):
                frame = histogram(HistogramView(width, height), *counted(values, bins))
                assert frame.chars.shape == (height, width)


def test_a_path_is_drawn_over_the_surface_to_its_newest_point() -> None:
    way = np.array([[-1.0, -1.0], [0.0, 0.0], [np.nan, 0.0], [1.0, 0.0], [0.5, 1e300]])
    frame = contour(ContourView(20, 6, (-2, 2), (-1, 1), title="bowl"), np.hypot, way[:4])
    assert [row.rstrip() for row in frame.text()] == [
        "bowl",
        "███▓▓▓▒▒▒░░▒▒▒▓▓▓███",
        "██▓▓▒▒░░░░░░░░▒▒▓▓██",
        "██▓▓▒▒░░░⢀⠤⠤⠤⠤⠤●▓▓██",
        "██▓▓▒▒░⢀⠔⠁░░░▒▒▒▓▓██",
        "███▓▓⢀⠔⠁▒░░▒▒▒▓▓▓███",
    ]
    assert "●" not in "".join(contour(ContourView(20, 6, (-2, 2), (-1, 1)), np.hypot, way).text())


def test_no_surface_is_too_odd_for_a_contour() -> None:
    surfaces = [
        lambda x, y: x * 0,
        lambda x, y: x * np.nan,
        lambda x, y: 1 / x,
        lambda x, y: np.exp(1e3 * x),
        lambda x, y: np.where(x > 0, np.inf, 1e308 * y),
    ]
    for surface in surfaces:
        for width, height in ((0, 1), (1, 1), (2, 9), (400, 120)):
            view = ContourView(width, height, (-1, 1), (-1, 1), title="t")
            for path in (np.zeros((0, 2)), np.full((3, 2), np.inf), np.array([[1e308, -1e308], [0, 0]])):
                assert contour(view, surface, path).chars.shape == (height, width)
