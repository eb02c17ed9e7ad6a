"""The screen of all runs, in front of run directories that the real writers wrote."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input

from tuilab import runs
from tuilab.errors import TuilabError
from tuilab.json_files import write_json
from tuilab.runs import Run
from tuilab.ui.plain_runs import RunLine, look
from tuilab.ui.screens.discard import DiscardDialog
from tuilab.ui.screens.runs import RunsScreen
from tuilab.ui.screens.runs_feed import RunsFeed
from tuilab.ui.terminal.cells import cells
from tuilab.ui.widgets.chart import Chart
from tuilab.ui.widgets.run_list import RunList

WriteRun = Callable[..., Run]


class Shelf(App[None]):
    """Nothing but the screen of all runs."""

    def __init__(self, home: Path) -> None:
        super().__init__()
        self._home = home
        self.opened: list[str] = []
        self.beside: list[str] = []

    def on_mount(self) -> None:
        self.push_screen(RunsScreen(self._home))

    def open_run(self, run: Run, others: Sequence[Run] = ()) -> None:
        self.opened.append(run.id)
        self.beside = [other.id for other in others]


@asynccontextmanager
async def listing(home: Path, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Pilot[None]]:
    app = Shelf(home)
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        yield pilot


async def settle(pilot: Pilot[None]) -> None:
    """Wait until what is on disk is on the screen."""
    await pilot.pause()
    screen = pilot.app.screen
    if isinstance(screen, RunsScreen):
        screen.look()
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


def rows(pilot: Pilot[None]) -> list[str]:
    """What is on the screen."""
    return [strip.text.rstrip() for strip in pilot.app.screen._compositor.render_strips()]


def cursor(pilot: Pilot[None]) -> str:
    line = pilot.app.screen.query_one(RunList).looked_at
    return line.name[:-5] if line else ""


async def test_every_run_is_a_row_with_state_progress_loss_best_and_age(
    tmp_path: Path, write_run: WriteRun
) -> None:
    write_run(tmp_path, name="first", losses=[*[1.0] * 99, float("nan")], state="diverged")
    write_run(tmp_path, name="second", steps=40, state="running", alive=True)
    write_run(tmp_path, name="third")
    async with listing(tmp_path) as pilot:
        title, heading, third, second, first, *_ = rows(pilot)
    assert title.split() == ["tuilab", "runs", "3", "1", "live"]
    assert heading.split() == ["state", "run", "done", "loss", "best", "age"]
    assert third.startswith(" ✓ finished  third-")
    assert "━━━━━ 100 %" in third
    assert "accuracy 0.9000" in third
    assert second.startswith(" ▶ running   second-")
    assert "━━───  40 %" in second
    assert first.startswith(" ✗ diverged  first-")
    assert "▅▅▅▅▅▅▅▅▅▅▅×" in first


async def test_no_runs_is_said_in_words_and_how_to_make_one(tmp_path: Path) -> None:
    async with listing(tmp_path) as pilot:
        text = "\n".join(rows(pilot))
    assert "There are no runs yet." in text
    assert "tuilab run digits-mlp" in text


async def test_enter_opens_the_run_under_the_cursor(tmp_path: Path, write_run: WriteRun) -> None:
    for name in ("first", "second", "third"):
        write_run(tmp_path, name=name)
    async with listing(tmp_path) as pilot:
        await pilot.press("down", "down", "down", "enter")
        await pilot.pause()
        assert isinstance(pilot.app, Shelf)
        assert [name[16:-5] for name in pilot.app.opened] == ["first"]


async def test_marked_runs_open_together_the_one_under_the_cursor_first(
    tmp_path: Path, write_run: WriteRun
) -> None:
    for name in ("first", "second", "third"):
        write_run(tmp_path, name=name)
    async with listing(tmp_path) as pilot:
        await pilot.press("space", "down", "space", "up")
        await pilot.pause()
        assert [row[:3] for row in rows(pilot)[2:5]] == [" ● ", "   ", " ● "]
        assert "enter Compare" in rows(pilot)[-1]
        await pilot.press("down", "enter")
        await pilot.pause()
        assert isinstance(pilot.app, Shelf)
        assert [name[16:-5] for name in pilot.app.opened] == ["first"]
        assert [name[16:-5] for name in pilot.app.beside] == ["third"]
        await pilot.press("escape")
        await pilot.pause()
        assert "enter Open" in rows(pilot)[-1]


async def test_a_new_run_appears_above_and_the_cursor_stays_on_its_run(
    tmp_path: Path, write_run: WriteRun
) -> None:
    write_run(tmp_path, name="first"), write_run(tmp_path, name="second")
    async with listing(tmp_path) as pilot:
        await pilot.press("down")
        assert cursor(pilot) == "first"
        write_run(tmp_path, name="third", steps=0, state="queued")
        await settle(pilot)
        assert cursor(pilot) == "first"
        assert "third-" in rows(pilot)[2]


async def test_a_killed_worker_shows_as_crashed(tmp_path: Path, write_run: WriteRun) -> None:
    write_run(tmp_path, steps=40, state="running", alive=True)
    async with listing(tmp_path) as pilot:
        assert "▶ running" in rows(pilot)[2]
        write_run.release()  # type: ignore[attr-defined]
        await settle(pilot)
        assert "✗ crashed" in rows(pilot)[2]


async def test_names_in_wide_letters_keep_the_columns_straight(tmp_path: Path, write_run: WriteRun) -> None:
    (
        write_run(tmp_path, name="猫の分類"),
        write_run(tmp_path, name="cats"),
        write_run(tmp_path, name="猫" * 20),
    )
    async with listing(tmp_path) as pilot:
        shown = [row for row in rows(pilot) if " %" in row]
        assert len(shown) == 3
        assert len({cells(row.partition(" %")[0]) for row in shown}) == 1, shown


async def test_typing_finds_by_name_preset_and_state(tmp_path: Path, write_run: WriteRun) -> None:
    write_run(tmp_path, name="wide"), write_run(tmp_path, name="narrow", state="stopped")
    async with listing(tmp_path) as pilot:
        await pilot.press("slash", *"stop")
        await pilot.pause()
        text = "\n".join(rows(pilot))
        assert "narrow-" in text
        assert "wide-" not in text
        assert "1 of 2" in text
        await pilot.press(*"xx")
        await pilot.pause()
        assert "No run fits." in "\n".join(rows(pilot))
        await pilot.press("escape")
        await pilot.pause()
        assert "wide-" in "\n".join(rows(pilot))
        assert pilot.app.screen.query_one("#find", Input).value == ""


async def test_deleting_asks_and_moves_the_run_to_the_trash(tmp_path: Path, write_run: WriteRun) -> None:
    run = write_run(tmp_path)
    async with listing(tmp_path) as pilot:
        await pilot.press("d")
        await pilot.pause()
        assert isinstance(pilot.app.screen, DiscardDialog)
        await pilot.press("enter")  # the harmless choice is the one that is focused
        await pilot.pause()
        assert run.path.is_dir()
        await pilot.press("d")
        await pilot.pause()
        await pilot.press("d")
        await settle(pilot)
        await settle(pilot)
        assert "There are no runs yet." in "\n".join(rows(pilot))
    assert not run.path.exists()
    assert Run(tmp_path / "trash" / run.id).steps["loss"][0] == pytest.approx(2.4)


async def test_a_live_run_is_not_deleted(tmp_path: Path, write_run: WriteRun) -> None:
    run = write_run(tmp_path, steps=40, state="running", alive=True)
    async with listing(tmp_path) as pilot:
        await pilot.press("d")
        await pilot.pause()
        assert not isinstance(pilot.app.screen, DiscardDialog)
    assert run.path.is_dir()
    with pytest.raises(TuilabError, match="stop it first"):
        runs.discard(tmp_path, run)


async def test_where_there_is_room_the_loss_of_the_run_is_drawn(tmp_path: Path, write_run: WriteRun) -> None:
    write_run(tmp_path, state="failed", last_words="the disk is full")
    async with listing(tmp_path, (120, 40)) as pilot:
        await pilot.pause(0.3)  # the cursor has to rest before a run is read
        await settle(pilot)
        text = "\n".join(rows(pilot))
        assert "mlp on digits, adamw lr 0.001, 4,810 parameters, cpu" in text
        assert "trained 0:02, 100 steps; the disk is full" in text
        assert pilot.app.screen.query_one(Chart).frame is not None


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50), (60, 12), (40, 8), (20, 5), (5, 2), (1, 1)])
async def test_no_size_crashes_it_and_no_row_is_too_wide(
    tmp_path: Path, write_run: WriteRun, size: tuple[int, int]
) -> None:
    for state in ("finished", "queued", "crashed"):
        write_run(tmp_path, state=state, name="a-very-long-name-for-a-run-that-somebody-gave-it")
    async with listing(tmp_path, size) as pilot:
        assert len(rows(pilot)) == size[1]
        assert max(map(len, rows(pilot))) <= size[0]
        await pilot.press("end", "home", "pagedown", "slash", "x", "escape")


async def test_a_run_that_is_no_whole_run_does_not_end_the_list(tmp_path: Path, write_run: WriteRun) -> None:
    write_run(tmp_path, name="good")
    (tmp_path / "runs" / "20260101-000000-empty-0000").mkdir()
    (tmp_path / "runs" / "file").write_text("")
    half = tmp_path / "runs" / "20260101-000000-half-0000"
    half.mkdir()
    (half / "status.json").write_text('{"state": "running", "best": 3')
    (half / "steps.npy").write_bytes(b"\x93NUMPY\x01\x00v\x00{'descr': [('loss', '<f4')], ")
    async with listing(tmp_path, (120, 40)) as pilot:
        assert "good-" in rows(pilot)[2]
        await pilot.press("down")
        await pilot.pause(0.3)
        await settle(pilot)


def test_what_has_ended_is_read_once(
    tmp_path: Path, write_run: WriteRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(30):
        write_run(tmp_path, steps=number + 1)
    live = write_run(tmp_path, steps=5, state="running", alive=True)
    feed = RunsFeed(tmp_path)
    lines = feed.look()
    assert lines is not None
    assert len(lines) == 31
    read: list[str] = []

    def reading(run: Run) -> RunLine:
        read.append(run.id)
        return look(run)

    monkeypatch.setattr("tuilab.ui.screens.runs_feed.look", reading)
    assert feed.look() is None
    assert read == []
    write_json(live.path / "status.json", {"state": "finished"})
    feed.look()
    assert read == [live.id]


def test_a_look_is_bounded_and_the_next_goes_on(
    tmp_path: Path, write_run: WriteRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        write_run(tmp_path, name=f"run-{number}")
    monkeypatch.setattr("tuilab.ui.screens.runs_feed.BUDGET", 0.0)
    feed = RunsFeed(tmp_path)
    counts = [len(feed.look() or ()) for _ in range(5)]
    assert counts == [1, 2, 3, 4, 5]
    assert feed.complete
