"""The chart widget: draws what it is given, repaints what differs, says where the reader points."""

from contextlib import nullcontext

import numpy as np
import pytest
from textual.app import App, ComposeResult
from textual.geometry import Region

from tuilab.charts.series import Series
from tuilab.charts.view import Curve
from tuilab.ui.widgets.chart import Chart
from tuilab.ui.widgets.chart_header import header
from tuilab.ui.widgets.lens import Lens
from tuilab.ui.widgets.painted import Lines
from tuilab.ui.widgets.picture import Picture
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


def test_the_header_drops_what_has_no_room() -> None:
    curves = [Curve("train", rising()), Curve("eval", rising(), style=1, dash=1)]

    def text(width: int) -> str:
        return "".join(piece for piece, _ in header("loss", 1, curves, None, Lens(), "", True, width))

    assert text(60) == "1 loss   ── train 99.00     ╌╌ eval 99.00  "
    assert text(40) == "1 loss   ── train 99.00  "
    assert text(8) == "1 loss"


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
