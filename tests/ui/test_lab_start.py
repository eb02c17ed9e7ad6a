"""Starting a run from the lab: by the worker in standby, one of its own, or not at all."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.ui.lab_kit import Standby, filled, seen, until
from tuilab.catalog import Catalog
from tuilab.runs import Run, all_runs
from tuilab.ui.app import Lab
from tuilab.ui.widgets.form import Form

SIZE = (120, 40)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Run]:
    """The runs that would have been shown."""
    shown: list[Run] = []
    monkeypatch.setattr(Lab, "open_run", lambda self, run: shown.append(run))
    return shown


async def test_until_the_zoo_is_read_a_preset_shows_what_it_says_itself_and_can_be_awaited(
    home: Path, catalog: Catalog, opened: list[Run]
) -> None:
    standby = Late(catalog)
    app = Lab(home.with_name("new"), standby=standby)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "adamw" in seen(app), "the preset's own words are shown")
        text = seen(app)
        assert "The zoo is being read" in text
        assert "over 100 steps" in text, "the learning rate is drawn"
        assert "weight_decay" not in text
        await pilot.press("4", "enter", *"99", "enter")
        assert "99" not in seen(app), "there is nothing to change yet"
        await pilot.press("1", "enter")
        assert not opened
        standby.describe()
        await until(pilot, lambda: opened, "the run was started once the zoo was read")
    assert opened[0].spec.name == "tiny"


async def test_a_run_that_would_fetch_very_much_is_started_only_when_asked_twice(
    home: Path, opened: list[Run]
) -> None:
    standby = Standby(check={"answer": {"note": "a run fetches it first", "fetch_bytes": 20_800_000_000}})
    app = Lab(home, standby=standby)
    async with app.run_test(size=SIZE) as pilot:
        await filled(pilot)
        await until(pilot, lambda: "a run fetches it first" in seen(app), "it was checked")
        await pilot.press("enter")
        await pilot.pause()
        assert not opened
        assert any("fetches 20.8 GB first" in note.message for note in app._notifications)
        await pilot.press("enter")
        await until(pilot, lambda: opened, "it was meant")


class Late(Standby):
    """Takes its time to describe the zoo, as torch does the first time."""

    def ask(self, question: str, reply: Callable[[dict[str, Any]], None], **values: Any) -> None:
        if question == "describe":
            self.waiting = reply
        else:
            super().ask(question, reply, **values)

    def describe(self) -> None:
        super().ask("describe", self.waiting)


async def test_enter_on_a_preset_starts_it_with_the_worker_in_standby(home: Path, opened: list[Run]) -> None:
    standby = Standby()
    app = Lab(home, standby=standby)
    async with app.run_test(size=SIZE) as pilot:
        await filled(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: opened, "the run is opened")
        (run,) = all_runs(home)
        assert opened[0].path == run.path
        assert run.spec["model.width"] == [8]
        assert ("run", {"path": str(run.path)}) in standby.asked


async def test_a_run_that_no_standby_takes_gets_a_worker_of_its_own(
    home: Path, opened: list[Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[Run] = []
    monkeypatch.setattr("tuilab.supervise.start", lambda run, *_: started.append(run))
    standby = Standby()
    app = Lab(home, standby=standby)
    async with app.run_test(size=SIZE) as pilot:
        await filled(pilot)
        standby.alive = False
        await pilot.press("4", "r")
        await until(pilot, lambda: opened, "the run is opened")
        assert [run.path for run in started] == [opened[0].path]


async def test_a_run_with_a_problem_is_not_started_and_the_cursor_goes_there(
    home: Path, opened: list[Run]
) -> None:
    app = Lab(home, standby=Standby())
    async with app.run_test(size=SIZE) as pilot:
        lab = await filled(pilot)
        await pilot.press("4", "down", "enter", "x", "enter", "1", "enter")
        await pilot.pause()
        assert not opened
        assert not all_runs(home)
        form = lab.query_one("#optimizer", Form)
        assert form.has_focus
        assert form.row is not None
        assert form.row.key == "optimizer.lr"


async def test_a_home_that_cannot_be_written_is_said(home: Path, catalog: Catalog, opened: list[Run]) -> None:
    (home / "runs").write_text("in the way")
    app = Lab(home, standby=Standby())
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await filled(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: "cannot be" in seen(app), "the refusal is shown")
        assert not opened


async def test_a_click_looks_at_a_preset_and_only_a_double_click_starts_it(
    home: Path, opened: list[Run]
) -> None:
    app = Lab(home, standby=Standby())
    async with app.run_test(size=SIZE) as pilot:
        lab = await filled(pilot)
        await pilot.click(lab.presets, offset=(6, 4))
        await pilot.pause()
        assert lab.presets.looked_at == "plain"
        assert not opened
        await pilot.click(lab.presets, offset=(6, 4), times=2)
        await until(pilot, lambda: opened, "the run is opened")
