"""Looking at the charts: cursor, zoom, axes, smoothing, choice of charts, memory."""

import re
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.ui import written
from tests.ui.test_run_screen import rows, settle, watching
from tests.ui.written import Written
from tuilab.ui.screens import run_memory
from tuilab.ui.screens.run import RunScreen
from tuilab.ui.widgets.chart import Chart
from tuilab.ui.widgets.chart_board import ChartBoard


def board(pilot: Pilot[None]) -> ChartBoard:
    return pilot.app.screen.query_one(ChartBoard)


async def test_the_cursor_reads_the_same_step_in_every_chart(done: Written) -> None:
    async with watching(done.run, (160, 50)) as pilot:
        await pilot.press("left", "left", "left")
        await pilot.pause()
        headers = [row for row in rows(pilot) if "step 9" in row]
        assert sum(row.count("   step 9") for row in headers) == 4
        await pilot.press("escape")
        await pilot.pause()
        assert not any("   step 9" in row for row in rows(pilot))


async def test_the_cursor_tells_exact_values_and_the_extent_of_its_column(done: Written) -> None:
    async with watching(done.run, (80, 24)) as pilot:
        await pilot.press("left", "home")
        await pilot.pause()
        shown = rows(pilot)
        at = next(number for number, row in enumerate(shown) if "step 0 to" in row)
        last = int(shown[at].split("step 0 to ")[1].split()[0])
        losses = done.run.steps["loss"][: last + 1]
        exact = [losses[0], losses[-1], losses.min(), losses.max(), losses.mean()]
        assert shown[at + 1].split() == ["first", "last", "min", "max", "mean", "steps", "NaN/inf"]
        row = next(row for row in shown[at + 2 :] if "train" in row)
        assert row.split()[2:] == [*(f"{value:#.4g}" for value in exact), str(last + 1), "0"]


async def test_home_is_the_first_column_also_where_there_was_no_cursor(done: Written) -> None:
    async with watching(done.run, (80, 24)) as pilot:
        await pilot.press("home")
        await pilot.pause()
        assert any("step 0 to" in row for row in rows(pilot))


async def test_the_cursor_stays_in_view_where_the_axis_is_moved(done: Written) -> None:
    async with watching(done.run, (80, 24)) as pilot:
        await pilot.press("end", *["plus"] * 3, "left_square_bracket", "left_square_bracket")
        _, right = board(pilot).lens.window or (0.0, 0.0)
        assert right < done.run.steps["step"][-1]
        assert board(pilot).lens.cursor == right


async def test_on_an_axis_of_seconds_the_cursor_tells_parts_of_them(done: Written) -> None:
    async with watching(done.run, (80, 24)) as pilot:
        await pilot.press("x", "x", "x", "end", *["plus"] * 9)
        await pilot.pause()
        assert "time" in board(pilot).lens.x_mode
        assert re.search(r"\d+:\d\d\.\d+, step 999", "\n".join(rows(pilot)))


async def test_zoom_pan_and_follow(done: Written) -> None:
    async with watching(done.run) as pilot:
        await pilot.press("plus", "plus")
        assert board(pilot).lens.window == (375.0, 625.0)
        await pilot.press("right_square_bracket")
        assert board(pilot).lens.window == (437.5, 687.5)
        await pilot.press("f")
        assert board(pilot).lens.window is None


async def test_a_logarithmic_axis_is_zoomed_and_panned_by_what_is_seen_and_remembered(done: Written) -> None:
    async with watching(done.run) as pilot:
        await pilot.press("X", "plus")
        left, right = board(pilot).lens.window or (0.0, 0.0)
        end = board(pilot).whole()[1]
        assert (left, right) == pytest.approx((end**0.25, end**0.75))
        await pilot.press("left_square_bracket")
        assert board(pilot).lens.window == pytest.approx((end**0.125, end**0.625))
        await pilot.press("minus")
        assert board(pilot).lens.window is None
    assert run_memory.load().x_log
    async with watching(done.run) as pilot:
        assert board(pilot).lens.x_log


async def test_a_cursor_beyond_the_data_tells_where_it_is(done: Written, tmp_path: Path) -> None:
    run = Written(tmp_path / "other")
    run.meta()
    run.hold()
    run.advance(300)
    run.status("running", rate=10.0)
    async with watching(run.run) as pilot:
        await pilot.press("end", *["shift+right"] * 9)
        await pilot.pause()
        assert any(re.search(r"1 loss   step [34]\d\d", row) for row in rows(pilot)), rows(pilot)
        assert "no value here" in "\n".join(rows(pilot))
    run.close()


async def test_the_wheel_zooms_where_the_pointer_is(done: Written) -> None:
    async with watching(done.run) as pilot:
        await pilot._post_mouse_events([written_wheel()], Chart, offset=(30, 5))
        await pilot.pause()
        window = board(pilot).lens.window
        assert window is not None
        assert window[1] - window[0] == pytest.approx(800)


def written_wheel() -> type:
    from textual.events import MouseScrollUp

    return MouseScrollUp


async def test_a_click_puts_the_cursor_and_a_double_click_maximises(done: Written) -> None:
    async with watching(done.run) as pilot:
        await pilot.click(Chart, offset=(30, 5))
        await pilot.pause()
        assert board(pilot).lens.cursor is not None
        await pilot.click(Chart, offset=(30, 5), times=2)
        await pilot.pause()
        assert sum(chart.display for chart in pilot.app.screen.query(Chart)) == 1


@pytest.mark.parametrize(
    "key", ["x", "X", "z", "b", "g", "y", "enter", "h", "tab", "shift+tab", "less_than_sign"]
)
async def test_every_key_can_be_pressed_again_and_again(done: Written, key: str) -> None:
    async with watching(done.run) as pilot:
        await pilot.press(*[key] * 5)
        await settle(pilot)
        assert "finished" in rows(pilot)[0]


async def test_the_axis_of_a_run_that_is_over_ends_where_it_ended(done: Written) -> None:
    async with watching(done.run, (80, 24)) as pilot:
        ends = {"epoch": 1000 / 46, "samples": 64_000.0, "time": 999 / 412, "step": 1000.0}
        for mode, end in ends.items():
            await pilot.press("x")
            assert board(pilot).lens.x_mode == mode
            assert board(pilot).whole()[1] == pytest.approx(end)
            await pilot.press("end")
            await pilot.pause()
            assert any("step 9" in row for row in rows(pilot)), "the newest column holds values"


async def test_the_axis_of_a_run_stopped_early_ends_there(tmp_path: Path) -> None:
    run = Written(tmp_path)
    run.meta()
    run.advance(300)
    run.status("stopped")
    async with watching(run.run, (80, 24)) as pilot:
        assert board(pilot).whole() == (0.0, 300.0)
    run.close()


async def test_a_logarithmic_axis_is_told_and_remembered(done: Written) -> None:
    async with watching(done.run) as pilot:
        await pilot.press("y")
        await pilot.pause()
        assert any("1 loss  log" in row for row in rows(pilot))
    async with watching(done.run) as pilot:
        assert any("1 loss  log" in row for row in rows(pilot))


async def test_charts_are_added_by_search_and_stay_for_the_next_run(done: Written) -> None:
    async with watching(done.run, (120, 50)) as pilot:
        await pilot.press("slash", *"second", "enter", "escape")
        await settle(pilot)
        assert any("5 samples a second" in row for row in rows(pilot))
    async with watching(done.run, (120, 50)) as pilot:
        assert any("5 samples a second" in row for row in rows(pilot))


async def test_charts_are_taken_away_and_put_into_another_order(done: Written) -> None:
    async with watching(done.run, (120, 50)) as pilot:
        await pilot.press("3", "delete")
        await settle(pilot)
        assert [panel.key for panel in board(pilot).panels] == ["loss", "eval.accuracy", "lr"]
        await pilot.press("1", "greater_than_sign")
        await settle(pilot)
        assert [panel.key for panel in board(pilot).panels] == ["eval.accuracy", "loss", "lr"]


async def test_layers_are_a_heat_map(done: Written) -> None:
    async with watching(done.run, (120, 50)) as pilot:
        await pilot.press("h")
        await settle(pilot)
        text = "\n".join(rows(pilot))
        assert "5 gradient norm of each layer" in text
        assert "0.weight" in text
        assert "█" in text


async def test_the_workers_own_output_is_shown_without_its_escapes(done: Written) -> None:
    (done.run.path / "worker.log").write_text("loading\r 50%\r100%\n\x1b[31mred\x1b[0m\n")
    async with watching(done.run) as pilot:
        await pilot.press("v")
        await settle(pilot)
        text = "\n".join(rows(pilot))
        assert "100%" in text
        assert "red" in text
        assert " 50%" not in text


async def test_events_can_be_read_back(done: Written) -> None:
    for number in range(100):
        done.tell("checkpoint", number, f"number {number}")
    async with watching(done.run, (80, 24)) as pilot:
        await pilot.press("e")
        await settle(pilot)
        assert any("number 99" in row for row in rows(pilot))
        await pilot.press("pageup", "pageup")
        await pilot.pause()
        assert not any("number 99" in row for row in rows(pilot))
        await pilot.press("escape")
        await pilot.pause()
        assert any("1 loss" in row for row in rows(pilot))


async def test_a_directory_that_vanishes_is_told(done: Written) -> None:
    async with watching(done.run) as pilot:
        done.run.path.rename(done.run.path.with_name("elsewhere"))
        await settle(pilot)
        assert "finished" in rows(pilot)[0]
        assert any("cannot be read" in row for row in rows(pilot))
        assert isinstance(pilot.app.screen, RunScreen)


async def test_rows_out_of_order_are_passed_over(tmp_path: Path) -> None:
    run = Written(tmp_path)
    block = written.rows(0, 100, 1000)
    block["step"][60:] += 5
    block["step"][50:60] = 3
    run.steps.append(block)
    run.status("running")
    async with watching(run.run) as pilot:
        screen = pilot.app.screen
        assert isinstance(screen, RunScreen)
        assert len(screen.feed.series("loss")) == 90
    run.close()
