"""What the lab says of its keys and of what one looks at: whole, true, and where there is room."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.widgets import Static

from tests.ui.lab_kit import TINY, Standby, filled, seen, until
from tests.ui.test_lab_start import Late
from tests.ui.written import Written
from tuilab import cli
from tuilab.catalog import Catalog
from tuilab.errors import TuilabError
from tuilab.runs import Run
from tuilab.ui.app import Lab

SMALL = (80, 24)


async def test_at_80_columns_a_long_name_stands_whole_in_the_list(home: Path, tmp_path: Path) -> None:
    (tmp_path / "shipped" / "local-minimum-momentum.toml").write_text(TINY)
    app = Lab(home, standby=Standby())
    async with app.run_test(size=SMALL) as pilot:
        await filled(pilot)
        assert "local-minimum-momentum" in seen(app)


async def test_in_a_pane_the_footer_still_says_how_to_start(home: Path) -> None:
    app = Lab(home, standby=Standby())
    async with app.run_test(size=SMALL) as pilot:
        await filled(pilot)
        await pilot.press("3")
        await until(pilot, lambda: "enter Edit" in seen(app), "the pane is in use")
        assert "r Start" in seen(app)


async def test_before_the_zoo_is_read_nothing_is_offered_that_would_be_lost(
    home: Path, catalog: Catalog
) -> None:
    standby = Late(catalog)
    app = Lab(home.with_name("new"), standby=standby)
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, lambda: "first launch" in seen(app), "the preset's own words are shown")
        await pilot.press("3")
        await pilot.pause()
        assert "enter Edit" not in seen(app)
        standby.describe()
        await until(pilot, lambda: "enter Edit" in seen(app), "the zoo is read")
        await until(pilot, lambda: "model.name" in seen(app), "what is looked at is told without a key")


async def test_the_page_about_a_knob_begins_with_the_knob(home: Path) -> None:
    app = Lab(home, standby=Standby())
    async with app.run_test(size=(60, 12)) as pilot:
        await filled(pilot)
        await pilot.press("6", "end", "i")
        await until(pilot, lambda: app.screen.query(".knob.-meant"), "the knob is marked")
        await pilot.pause()
        asked = app.screen.query(".knob.-meant").first()
        assert asked.region.height > 0
        assert app.screen.region.contains_region(asked.region.crop_size((1, 1)))


async def test_where_keys_have_no_room_for_words_they_stand_alone(home: Path) -> None:
    app = Lab(home, standby=Standby())
    async with app.run_test(size=(20, 5)) as pilot:
        await filled(pilot)
        assert seen(app).splitlines()[-1].split() == ["?", "q"]


def test_a_file_of_ones_own_that_is_not_there_is_told_before_the_screen_opens(tmp_path: Path) -> None:
    with pytest.raises(TuilabError, match=r"mine\.py: there is no such Python file"):
        cli.open_lab(tmp_path, [tmp_path / "mine.py"])


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Run]:
    """A run with a worker."""
    written = Written(tmp_path)
    written.hold()
    yield written.run
    written.close()


def test_who_leaves_a_run_that_goes_on_is_told_how_to_come_back(
    live: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def watch_and_leave(self: Lab) -> None:
        self.watched = live

    monkeypatch.setattr(Lab, "run", watch_and_leave)
    assert cli.open_lab(tmp_path, []) == 0
    assert f"{live.id} goes on. `tuilab attach` comes back to it." in capsys.readouterr().err


async def test_what_is_said_of_a_component_is_about_the_one_that_is_chosen(home: Path) -> None:
    app = Lab(home, standby=Standby())
    async with app.run_test(size=SMALL) as pilot:
        lab = await filled(pilot)
        await pilot.press("4")
        await pilot.pause()
        before = str(lab.query_one("#details", Static).visual)
        await pilot.press("enter", "down", "enter")
        await until(pilot, lambda: lab.draft is not None and lab.draft.changes, "another one is chosen")
        await pilot.pause()
        assert lab.draft is not None
        chosen = next(row for row in lab.draft.all_rows() if row.key == "optimizer.name")
        after = str(lab.query_one("#details", Static).visual)
        assert chosen.about in after
        assert after != before
