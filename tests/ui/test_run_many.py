"""Many charts, many layers, and rows that no worker of ours would write."""

from pathlib import Path

import numpy as np
import pytest

from tests.ui import written
from tests.ui.test_run_screen import rows, watching
from tests.ui.written import Written
from tuilab.charts import xmap
from tuilab.charts.frame import Style
from tuilab.charts.heat import HeatView, heat
from tuilab.charts.line import Curve, View, draw
from tuilab.charts.series import Series
from tuilab.tables import TableWriter
from tuilab.ui.screens.run_feed import Feed
from tuilab.ui.screens.run_panels import Panel, panels
from tuilab.ui.widgets.chart import Chart
from tuilab.ui.widgets.tab_text import tab_entries

TABS = [Panel(f"statistic {number} of each layer", (f"metric {number}",)) for number in range(60)]


async def test_the_last_chart_of_five_fills_its_row(done: Written) -> None:
    async with watching(done.run, (160, 50)) as pilot:
        await pilot.press("h")
        await pilot.pause()
        widths = [chart.size.width for chart in pilot.app.screen.query(Chart)]
        assert widths[4] == widths[0] + widths[1] + 2
        await pilot.press("enter", "enter", "4", "delete")
        await pilot.pause()
        widths = [chart.size.width for chart in pilot.app.screen.query(Chart)]
        assert len(widths) == 4
        assert max(widths) - min(widths) <= 1


@pytest.mark.parametrize("width", [40, 100, 200])
@pytest.mark.parametrize("chosen", [0, 7, 59])
def test_the_chosen_chart_is_named_whole_however_many_there_are(width: int, chosen: int) -> None:
    entries = tab_entries(TABS, chosen, lambda _: Series(), width)
    row = "".join(text for entry in entries for text, _ in entry)
    assert len(row) <= width
    assert f"{chosen + 1} {TABS[chosen].title}  " in row


def test_thousands_of_layers_are_cut_into_charts_with_names_of_their_own() -> None:
    names = [f"layers/grad_norm/{number}" for number in range(1200)]
    found = [panel for panel in panels(["loss", *names], {}) if panel.heat]
    assert [name for panel in found for name in panel.metrics] == names
    assert len({panel.key for panel in found}) == len({panel.short for panel in found}) == len(found) == 3


def test_a_map_of_zeros_promises_nothing_below_zero() -> None:
    series = Series()
    series.extend(np.arange(8), np.zeros(8))
    text = "\n".join(heat(HeatView(40, 6, 0, 7), [("a", series), ("b", series)]).text())
    assert "0 ░▒▓█ 1" in text
    assert "░░░░" in text.splitlines()[1]


async def test_rows_out_of_order_are_smoothed_and_zoomed_like_any_other(tmp_path: Path) -> None:
    run = Written(tmp_path, 1000)
    run.meta()
    block = written.rows(0, 1000, 1000)
    block["step"] = np.random.default_rng(0).permutation(1000)
    run.steps.append(block)
    run.status("finished")
    async with watching(run.run, (120, 40)) as pilot:
        await pilot.press("z", "home", *["plus"] * 12, "f", "z")
        await pilot.pause()
        assert any("smooth 0.9" in row for row in rows(pilot))
    run.close()
    feed = Feed(run.run, budget=10.0)
    feed.want(["loss"])
    feed.look()
    while not feed.settled:
        feed.look()
    newest = np.maximum.accumulate(block["step"])
    ascends = np.append(True, block["step"][1:] > newest[:-1])
    steps, losses = feed.series("loss").rows(0, len(feed.series("loss")))
    assert steps.tolist() == block["step"][ascends].tolist()
    assert losses.tolist() == block["loss"][ascends].tolist()


@pytest.mark.parametrize("shuffled", [False, True])
def test_the_time_of_a_step_is_read_from_the_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shuffled: bool
) -> None:
    monkeypatch.setattr(xmap, "MOST_KNOTS", 8)
    run = Written(tmp_path, 1000)
    run.meta()
    block = written.rows(0, 1000, 1000)
    block["time"][500:] += 3600  # an hour in which the machine slept
    if shuffled:
        block["step"] = np.random.default_rng(0).permutation(1000)
    run.steps.append(block)
    run.close()
    feed = Feed(run.run, budget=10.0)
    feed.want(["loss"])
    feed.look()  # the first reads a slice of a curve, the next all there is
    feed.look()
    since = block["time"] - block["time"][0]
    assert feed.elapsed.newest == since[-1]
    if not shuffled:
        assert feed.elapsed.x(np.arange(1000.0)).tolist() == since.tolist()
        assert feed.elapsed.steps(since).tolist() == list(range(1000))
    curve = Curve("loss", feed.series("loss"), xmap=feed.elapsed)
    frame = draw(View(80, 12, 0, feed.elapsed.newest, "time", legend=False), [curve])
    assert (frame.styles >= Style.SERIES).any()


async def test_zooming_ends_at_a_few_steps(done: Written) -> None:
    async with watching(done.run, (80, 24)) as pilot:
        await pilot.press(*["plus"] * 60, "minus", "minus")
        await pilot.pause()
        window = pilot.app.screen.query_one("#board").lens.window  # type: ignore[attr-defined]
        assert window[1] - window[0] == pytest.approx(32)


async def test_names_of_any_kind_command_no_terminal_and_are_found(tmp_path: Path) -> None:
    run = Written(tmp_path)
    run.meta()
    names = ("loss", "evil\x1b[2J", "损失", "x" * 300)
    table = np.zeros(50, [("step", "<i8"), *((name, "<f4") for name in names)])
    table["step"] = np.arange(50)
    run.steps.close()
    (run.run.path / "steps.npy").unlink()
    run.steps = TableWriter(run.run.path / "steps.npy", table.dtype)
    run.steps.append(table)
    run.status("finished")
    async with watching(run.run, (120, 40)) as pilot:
        shown = "".join(rows(pilot))
        assert "evil␛[2J" in shown
        assert "损失" in shown
        assert "\x1b" not in shown
        assert all(strip.cell_length == 120 for strip in pilot.app.screen._compositor.render_strips())
    run.close()
