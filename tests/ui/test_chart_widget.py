"""The chart widget: draws what it is given, repaints what differs, says where the reader points."""

from contextlib import nullcontext

import numpy as np
import pytest
from textual.app import App, ComposeResult
from textual.geometry import Region

from tuilab.charts.series import Series
from tuilab.charts.view import Curve
from tuilab.ui.widgets.chart import Chart
from tuilab.ui.widgets.lens import Lens
from tuilab.ui.widgets.painted import Lines
from tuilab.ui.widgets.picture import Picture, drawn, head, head_rows
from tuilab.ui.widgets.pieces import differing


def rising(count: int = 100) -> Series:
    series = Series()
    series.extend(np.arange(count), np.arange(count, dtype=np.float64))
    return series


class Board(App[None]):
    """One chart."""

    def compose(self) -> ComposeResult:
        yield Chart(nullcontext())

    @property
    def chart(self) -> Chart:
        return self.query_one(Chart)

    def rows(self) -> list[str]:
        return [strip.text for strip in self.screen._compositor.render_strips()]


async def test_a_rising_line_goes_from_corner_to_corner() -> None:
    async with (app := Board()).run_test(size=(24, 7)) as pilot:
        app.chart.show(Picture("loss", [Curve("train", rising())], (0, 99)), Lens())
        await pilot.pause()
        assert app.rows()[0].startswith("loss   ── 99.00")
        top, bottom = app.rows()[1], app.rows()[4]
        assert "⠊" in top[-2:]
        assert bottom.index(bottom.strip("0┤ ")[0]) < 6


async def test_a_frame_that_is_the_same_repaints_nothing() -> None:
    async with (app := Board()).run_test(size=(60, 12)) as pilot:
        picture = Picture("loss", [Curve("train", rising())], (0, 999))
        app.chart.show(picture, Lens())
        await pilot.pause()
        app.chart.show(picture, Lens())
        assert not app.chart._repaint_regions


async def test_a_series_begun_anew_is_drawn_though_it_is_as_long_as_before() -> None:
    async with (app := Board()).run_test(size=(60, 12)) as pilot:
        series = rising()
        picture = Picture("loss", [Curve("train", series)], (0, 999))
        app.chart.show(picture, Lens())
        await pilot.pause()
        drawn_once = app.chart.frame
        app.chart.show(picture, Lens())
        assert app.chart.frame is drawn_once
        series.clear()
        series.extend(np.arange(100), np.full(100, 7.0))
        app.chart.show(picture, Lens())
        await pilot.pause()
        assert app.rows()[0].startswith("loss   ── 7.000")


async def test_rows_take_the_colours_of_another_theme() -> None:
    async with (app := Board()).run_test(size=(60, 12)) as pilot:
        app.chart.show(Picture("loss", [Curve("train", rising())], (0, 999)), Lens())
        colours = []
        for theme in ("textual-dark", "textual-light"):
            app.theme = theme
            await pilot.pause()
            strip = app.screen._compositor.render_strips()[0]
            colours.append({segment.style.bgcolor for segment in strip if segment.style})
        assert colours[0].isdisjoint(colours[1])


async def test_new_points_repaint_their_columns_alone() -> None:
    async with (app := Board()).run_test(size=(60, 12)) as pilot:
        series = rising(500)
        picture = Picture("loss", [Curve("train", series)], (0, 999))
        app.chart.show(picture, Lens())
        await pilot.pause()
        series.extend(np.arange(500, 504), np.full(4, 250.0))
        app.chart.show(picture, Lens())
        body = [region for region in app.chart._repaint_regions if region.y > 0]
        assert body
        assert sum(region.area for region in body) <= 8
        assert all(25 <= region.x <= 40 for region in body)


async def test_a_chart_given_another_size_draws_itself_anew() -> None:
    async with (app := Board()).run_test(size=(60, 12)) as pilot:
        app.chart.show(Picture("loss", [Curve("train", rising())], (0, 99)), Lens())
        await pilot.resize_terminal(30, 8)
        await pilot.pause()
        assert app.chart.frame is not None
        assert app.chart.frame.chars.shape == (7, 30)
        assert len(app.rows()[0]) == 30


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (5, 3), (300, 2)])
async def test_no_size_is_too_small(size: tuple[int, int]) -> None:
    async with (app := Board()).run_test(size=size) as pilot:
        app.chart.show(Picture("loss", [Curve("train", rising())], (0, 99)), Lens(cursor=50.0))
        await pilot.pause()


@pytest.mark.parametrize(
    "values",
    [[], [1.0], [np.nan] * 5, [np.inf, -np.inf, 0.0], [1e308, -1e308, 5e-324], [0.0] * 50, [-1.0, -2.0, 0.0]],
    ids=["none", "one", "nan", "infinite", "extreme", "constant", "negative"],
)
@pytest.mark.parametrize("logarithmic", [False, True])
async def test_no_series_is_too_strange(values: list[float], logarithmic: bool) -> None:
    series = Series()
    if values:
        series.extend(np.arange(len(values)), np.array(values))
    async with (app := Board()).run_test(size=(60, 12)) as pilot:
        for lens in (
            Lens(),
            Lens(cursor=1.0, smoothing=0.9, robust=True),
            Lens(glyphs="ascii", window=(1, 2)),
        ):
            picture = Picture("loss", [Curve("train", series)], (0, 16), logarithmic=logarithmic)
            app.chart.show(picture, lens)
            await pilot.pause()


def texts(lens: Lens, width: int, height: int, *curves: Curve) -> list[str]:
    """The rows above a chart of that size, as text."""
    picture = Picture("loss", curves, (0, 99), number=1, chosen=True)
    rows = head_rows(picture, lens, width, height)
    frame = drawn(picture, lens, width, height - rows)
    return ["".join(text for text, _ in row).rstrip() for row in head(picture, frame, lens, width, rows)]


def test_the_header_goes_on_in_another_row_or_drops_what_has_no_room() -> None:
    curves = Curve("train", rising()), Curve("eval", rising(), style=1, dash=1)
    assert texts(Lens(), 60, 8, *curves) == ["1 loss   ── train 99.00     ╌╌ eval 99.00"]
    assert texts(Lens(), 42, 8, *curves) == ["1 loss  ── train 99.00    ╌╌ eval 99.00"]
    assert texts(Lens(), 40, 8, *curves) == ["1 loss   ── train 99.00", "   ╌╌ eval 99.00"]
    assert texts(Lens(), 40, 6, *curves) == ["1 loss   ── train 99.00"]
    assert texts(Lens(), 8, 7, *curves)[0] == "1 loss"


def test_the_cursor_reads_every_curve_in_a_table() -> None:
    odd = Series()
    odd.extend(np.arange(100), np.where(np.arange(100) == 1, np.inf, 5.0))
    curves = Curve("train", rising()), Curve("eval", odd, style=1, dash=1)
    assert texts(Lens(cursor=0.0), 80, 12, *curves) == [
        "1 loss   step 0 to 1",
        "            first    last     min      max      mean     steps    NaN/inf",
        "  ── train  0        1.000    0        1.000    0.5000   2        0",
        "  ╌╌ eval   5.000    inf      5.000    5.000    5.000    2        1",
    ]
    narrow = texts(Lens(cursor=0.0), 58, 12, *curves)
    assert narrow[1].split() == ["first", "last", "min", "max", "NaN/inf"]


def test_the_cursor_never_reads_past_the_last_step() -> None:
    assert texts(Lens(cursor=99.0), 40, 5, Curve("train", rising(98)))[0].startswith("1 loss   step 97")


def test_only_cells_that_differ_are_repainted() -> None:
    old = [("step ", ""), ("99", "bold"), (" of 1000 of all the steps 7", "")]
    new = [("step ", ""), ("98", "bold"), (" of 1000 of all the steps 8", "")]
    assert differing(old, new, 40) == [(6, 1), (33, 1)]
    assert differing(old, old, 40) == []
    assert differing([("日", "")], [("本", "")], 40) == [(0, 40)]


async def test_a_shorter_row_leaves_nothing_behind() -> None:
    class Two(App[None]):
        def compose(self) -> ComposeResult:
            yield Lines()

    async with (app := Two()).run_test(size=(20, 3)) as pilot:
        lines = app.query_one(Lines)
        lines.show([[("a long row", "")], [("another", "")]])
        await pilot.pause()
        lines.show([[("short", "")]])
        assert Region(0, 1, 7, 1) in lines._repaint_regions
        await pilot.pause()
        rows = [strip.text.rstrip() for strip in app.screen._compositor.render_strips()]
        assert rows == ["short", "", ""]
