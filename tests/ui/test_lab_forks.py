"""From a run's screen to the lab: a fork of it stands on the shelf, to be changed and started."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ui.lab_kit import Standby, lab_of, seen, until
from tests.ui.terminal import Terminal
from tests.ui.written import Written
from tuilab.runs import all_runs
from tuilab.ui.app import Lab
from tuilab.ui.screens.lab import LabScreen
from tuilab.ui.screens.lab_help import keys_of
from tuilab.ui.widgets.chart import Chart

SIZE = (120, 40)


@pytest.fixture
def run(home: Path) -> Iterator[Written]:
    """A run that stopped after 300 of its thousand steps."""
    written = Written(home)
    written.meta()
    written.advance(300)
    written.status("stopped", eta=None)
    yield written
    written.close()


def save(run: Written, step: int, **settings: object) -> None:
    """Write a checkpoint, as far as forks look into it."""
    folder = run.run.path / "checkpoints" / f"step-{step:08d}"
    folder.mkdir()
    (folder / "state.json").write_text(json.dumps({"settings": list(settings.items())}))


async def test_the_newest_checkpoint_comes_into_the_lab_as_it_was_and_starts_as_a_fork(
    home: Path, run: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(run, 100)
    save(run, 200, **{"optimizer.lr": 0.002})
    app = Lab(home, standby=Standby(), open_run=run.run)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: bool(app.screen.query(Chart)), "the charts are there")
        await pilot.press("F")
        await until(pilot, lambda: isinstance(app.screen, LabScreen), "the lab is there")
        lab = app.screen
        assert isinstance(lab, LabScreen)
        await until(pilot, lambda: lab.draft is not None, "the fork is a draft")
        assert "Goes on from step 200" in " ".join(seen(app).split())
        assert lab.draft is not None
        assert lab.draft.value("optimizer.lr") == 0.002, "as it was set when the checkpoint was written"
        assert not lab.draft.changes
        lab.draft.set("optimizer.lr", "0.0005")
        monkeypatch.setattr(Lab, "open_run", lambda self, run: None)
        await pilot.press("enter")
        await until(pilot, lambda: len(all_runs(home)) == 2, "the fork was made")
        made = all_runs(home)[-1].spec
        assert made.name == "fork-digits-mlp"
        assert made["model.init"] == {"from": run.run.id, "checkpoint": 200, "state": True}
        assert made["optimizer.lr"] == 0.0005
    again = Lab(home, standby=Standby())
    async with again.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "tiny" in seen(again), "the shelf is there")
        assert "fork-digits-mlp" not in seen(again), "a fork that was started is a run now"


async def test_the_cursor_chooses_the_checkpoint_nearest_to_it(home: Path, run: Written) -> None:
    for step in (100, 200, 300):
        save(run, step)
    app = Lab(home, standby=Standby(), open_run=run.run)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: bool(app.screen.query(Chart)), "the charts are there")
        await pilot.press("x")  # by epoch: a step is a step on every axis
        await pilot.press("left", "home", "F")
        await until(pilot, lambda: isinstance(app.screen, LabScreen), "the lab is there")
        await until(pilot, lambda: "fork-digits-mlp-100" in seen(app), "the first checkpoint is meant")


async def test_a_fork_that_was_changed_is_there_at_the_next_launch(home: Path, run: Written) -> None:
    save(run, 100)
    app = Lab(home, standby=Standby())
    async with app.run_test(size=SIZE) as pilot:
        lab = lab_of(app)
        await until(pilot, lambda: lab.draft is not None, "a preset is there")
        app.open_run(run.run)
        await until(pilot, lambda: bool(app.screen.query(Chart)), "the charts are there")
        await pilot.press("F")
        await until(pilot, lambda: app.screen is lab, "the lab is in front again")
        await until(pilot, lambda: lab.draft is not None and lab._chosen.startswith("fork"), "with the fork")
        assert lab.draft is not None
        lab.draft.set("train.steps", "1200")
    again = Lab(home, standby=Standby())
    async with again.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "● fork-digits-mlp-100" in seen(again), "it is on the shelf")
        lab = lab_of(again)
        await until(pilot, lambda: lab._chosen == "tiny", "the first preset is looked at all the same")
        await pilot.press("up")
        await until(pilot, lambda: lab._chosen.startswith("fork") and lab.draft is not None, "then the fork")
        assert lab.draft is not None
        assert lab.draft.value("train.steps") == 1200


async def test_help_and_palette_name_the_key(home: Path, run: Written) -> None:
    app = Lab(home, standby=Standby(), open_run=run.run)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: bool(app.screen.query(Chart)), "the charts are there")
        assert ("F", "Fork") in keys_of(app.screen)["On this screen"]
        assert "Fork" in {command.title for command in app.get_system_commands(app.screen)}


def test_on_a_terminal_a_run_without_checkpoint_is_refused_and_one_with_it_forked(
    home: Path, run: Written
) -> None:
    terminal = Terminal(run.run, environ={"TUILAB_HOME": str(home)}, module="tuilab", arguments=("attach",))
    try:
        assert terminal.shows("F Fork")
        terminal.type(b"F")
        assert terminal.shows("no checkpoint to")
        save(run, 300)
        terminal.type(b"F")
        assert terminal.shows("fork-digits-mlp-300")
        assert terminal.shows("Goes on from step 300")
        assert terminal.process.poll() is None
    finally:
        terminal.close()
