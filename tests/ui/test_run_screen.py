"""The run screen in front of run directories that the real writers wrote."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.app import App
from textual.pilot import Pilot

from tests.ui import written
from tests.ui.written import Written
from tuilab import commands
from tuilab.runs import Run
from tuilab.ui.screens.run import RunScreen
from tuilab.ui.screens.stop import StopDialog
from tuilab.ui.widgets.chart import Chart
from tuilab.ui.widgets.chart_tabs import ChartTabs


class Watch(App[None]):
    """Nothing but a run screen."""

    def __init__(self, run: Run) -> None:
        super().__init__()
        self._run = run

    def on_mount(self) -> None:
        self.push_screen(RunScreen(self._run))


@asynccontextmanager
async def watching(run: Run, size: tuple[int, int] = (120, 40)) -> AsyncIterator[Pilot[None]]:
    app = Watch(run)
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        yield pilot


async def settle(pilot: Pilot[None]) -> None:
    """Wait until what is on disk is on the screen."""
    await pilot.pause()
    for _ in range(3):
        screen = next((s for s in pilot.app.screen_stack if isinstance(s, RunScreen)), None)
        if screen is not None:
            screen.look()
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()


def rows(pilot: Pilot[None]) -> list[str]:
    """What is on the screen."""
    return [strip.text for strip in pilot.app.screen._compositor.render_strips()]


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Written]:
    """A run that is under way."""
    run = Written(tmp_path)
    run.meta()
    run.hold()
    run.tell("started", 0, "digits-mlp on cpu")
    run.advance(300)
    run.evaluate(100)
    run.evaluate(200)
    run.status("running")
    yield run
    run.close()


async def test_four_charts_stand_side_by_side_where_there_is_room(live: Written) -> None:
    async with watching(live.run) as pilot:
        text = "\n".join(rows(pilot))
        for title in ("1 loss", "2 accuracy", "3 gradient norm", "4 learning rate"):
            assert title in text


async def test_the_status_line_tells_state_step_epoch_rate_eta_device_and_best(live: Written) -> None:
    async with watching(live.run) as pilot:
        line = rows(pilot)[0]
        for fact in ("▶ running", "300 / 1,000", "epoch 6.52", "412 steps/s", "ETA", "0:01", "cpu", "0.9780"):
            assert fact in line


@pytest.mark.parametrize("size", [(80, 24), (40, 12), (20, 5), (2, 1), (200, 50), (320, 100)])
async def test_every_size_shows_the_state_and_does_not_crash(live: Written, size: tuple[int, int]) -> None:
    async with watching(live.run, size) as pilot:
        assert "▶" in rows(pilot)[0]


async def test_a_small_screen_shows_one_chart_and_the_others_by_number(live: Written) -> None:
    async with watching(live.run, (80, 24)) as pilot:
        assert sum(chart.display for chart in pilot.app.screen.query(Chart)) == 1
        await pilot.press("4")
        await pilot.pause()
        assert any("3 grad norm" in row and "4 lr" in row for row in rows(pilot))
        assert pilot.app.screen.query_one(ChartTabs)._rows[0][9] == ("4 ", "painted--accent")
        assert any("4 learning rate" in row for row in rows(pilot))


async def test_new_steps_are_drawn(live: Written) -> None:
    async with watching(live.run) as pilot:
        before = rows(pilot)
        live.advance(200)
        live.status("running")
        await settle(pilot)
        assert "500 / 1,000" in rows(pilot)[0]
        assert rows(pilot)[3:20] != before[3:20]


async def test_nothing_new_repaints_nothing(live: Written) -> None:
    async with watching(live.run) as pilot:
        painted: list[object] = []
        pilot.app.screen._compositor.add_dirty_regions = painted.append  # type: ignore[attr-defined]
        await settle(pilot)
        assert not pilot.app.screen._compositor._dirty_regions


async def test_space_pauses_and_two_screens_show_it(live: Written) -> None:
    async with watching(live.run) as pilot:
        await pilot.press("space")
        assert [c.action for c in commands.take(live.run.path / "commands")] == ["pause"]
        live.status("paused")
        await settle(pilot)
        assert "‖ paused" in rows(pilot)[0]
        await pilot.press("p")
        assert [c.action for c in commands.take(live.run.path / "commands")] == ["continue"]
    async with watching(Run(live.run.path)) as other:
        assert "‖ paused" in rows(other)[0]


async def test_the_stop_dialog_does_nothing_until_it_is_told(live: Written) -> None:
    async with watching(live.run) as pilot:
        await pilot.press("s")
        await pilot.pause()
        assert isinstance(pilot.app.screen, StopDialog)
        await pilot.press("enter")
        await settle(pilot)
        assert not commands.take(live.run.path / "commands")
        await pilot.press("s")
        await pilot.pause()
        await pilot.press("s")
        await settle(pilot)
        assert [c.action for c in commands.take(live.run.path / "commands")] == ["stop"]


async def test_another_learning_rate_is_sent(live: Written) -> None:
    async with watching(live.run) as pilot:
        await pilot.press("l")
        await pilot.pause()
        await pilot.press("end", "ctrl+u", *"-1", "enter")
        await pilot.press("ctrl+u", *"1e-4", "enter")
        await settle(pilot)
        taken = commands.take(live.run.path / "commands")
        assert [(c.action, c.values) for c in taken] == [("set", {"optimizer.lr": 1e-4})]


async def test_a_worker_that_is_gone_is_told_with_what_to_do(live: Written) -> None:
    async with watching(live.run, (80, 24)) as pilot:
        live.die()
        await settle(pilot)
        assert "✗ crashed" in rows(pilot)[0]
        assert "r resumes" in rows(pilot)[2]


async def test_a_run_that_has_not_begun_says_so(tmp_path: Path) -> None:
    run = Written(tmp_path)
    run.hold()
    run.status("starting", rate=0.0, eta=None, best={}, steps_per_epoch=0.0, epoch=0.0)
    async with watching(run.run) as pilot:
        assert "starting" in rows(pilot)[0]
        assert "getting ready" in rows(pilot)[2]
    run.close()


async def test_a_diverged_run_says_why_and_marks_where(tmp_path: Path) -> None:
    run = Written(tmp_path)
    run.advance(600, nan_from=560)
    run.tell("diverged", 600, "The loss has not been finite for 40 steps.")
    run.status("diverged")
    async with watching(run.run, (80, 24)) as pilot:
        text = "\n".join(rows(pilot))
        assert "✗ diverged" in text
        assert "not been finite" in rows(pilot)[2]
        assert "×" in text
        assert "nan" in text
    run.close()


async def test_a_run_of_two_steps_is_drawn(tmp_path: Path) -> None:
    run = Written(tmp_path)
    run.hold()
    run.advance(2)
    run.status("running")
    async with watching(run.run) as pilot:
        assert "2 / 1,000" in rows(pilot)[0]
    run.close()


async def test_text_of_a_sample_is_readable_and_cannot_command_the_terminal(live: Written) -> None:
    live.tell("sample", 300, "def the\x1b[2J list\nof 日本語")
    async with watching(live.run) as pilot:
        text = "\n".join(rows(pilot))
        assert "def the␛[2J list of 日本語" in text
        await pilot.press("e")
        text = "\n".join(rows(pilot))
        assert "def the␛[2J list " in text
        assert "of 日本語" in text


async def test_a_run_taken_up_again_is_drawn_anew(live: Written) -> None:
    async with watching(live.run) as pilot:
        live.steps.rewind(100)
        live.evals.rewind(100)
        live.done = 100
        live.status("running")
        await settle(pilot)
        assert "100 / 1,000" in rows(pilot)[0]
        screen = pilot.app.screen
        assert isinstance(screen, RunScreen)
        assert len(screen.feed.series("loss")) == 100


async def test_a_finished_run_is_whole(tmp_path: Path) -> None:
    run = written.finished(tmp_path, 5000)
    async with watching(run.run) as pilot:
        assert "✓ finished" in rows(pilot)[0]
        screen = pilot.app.screen
        assert isinstance(screen, RunScreen)
        assert len(screen.feed.series("loss")) == 5000
    run.close()


async def test_a_command_for_a_directory_that_vanished_is_told_in_words(live: Written) -> None:
    async with watching(live.run) as pilot:
        live.run.path.rename(live.run.path.with_name("elsewhere"))
        await pilot.press("p")
        await settle(pilot)
        said = [str(notice.message) for notice in pilot.app._notifications]
        assert [words[:64] for words in said] == [
            "The run's directory cannot be written: No such file or directory"
        ]


async def test_leaving_sends_nothing(live: Written) -> None:
    async with watching(live.run) as pilot:
        await pilot.press("q")
        await pilot.pause()
    assert not commands.take(live.run.path / "commands")
    assert live.run.status.state == "running"
