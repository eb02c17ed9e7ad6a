"""The lab, driven by its keys."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.ui.lab_kit import FACTS, Standby, filled, lab_of, seen, until
from tuilab.catalog import Catalog
from tuilab.ui.app import Lab
from tuilab.ui.screens import lab_shelf
from tuilab.ui.screens.lab_preview import PreviewScreen

SIZE = (120, 40)


async def test_the_first_preset_fills_the_panes(home: Path) -> None:
    app = Lab(home, standby=Standby())
    async with app.run_test(size=SIZE) as pilot:
        await filled(pilot)
        await until(pilot, lambda: "4,810" in seen(app), "the worker has answered")
        text = seen(app)
        for part in ("tiny", "A small network reads digits.", "[8]", "0.01", "100 steps", "0.9 to 1"):
            assert part in text


async def test_moving_on_fills_the_panes_with_the_next_preset(home: Path) -> None:
    app = Lab(home, standby=Standby())
    async with app.run_test(size=SIZE) as pilot:
        lab = await filled(pilot)
        await pilot.press("down")
        await pilot.pause()
        assert lab.draft is not None
        assert lab.draft.value("data.name") == "diabetes"
        assert "A line through a table." in seen(app)


async def test_on_the_first_launch_the_zoo_is_read_and_then_filled_in(home: Path, catalog: Catalog) -> None:
    new = home.with_name("new")
    app = Lab(new, standby=Standby(catalog))
    async with app.run_test(size=SIZE) as pilot:
        lab = await filled(pilot)
        assert lab.draft is not None
        await until(pilot, lambda: "4,810" in seen(app), "the worker was asked after it described the zoo")
    assert lab_shelf.cached(new) is not None


async def test_without_a_worker_the_lab_says_so_where_one_looks(home: Path) -> None:
    app = Lab(home.with_name("new"), standby=Standby())
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "no worker" in seen(app), "the worker is gone")
        assert "torch cannot be imported." in seen(app)


async def test_the_data_can_be_looked_at(home: Path) -> None:
    app = Lab(home, standby=Standby())
    async with app.run_test(size=SIZE) as pilot:
        await filled(pilot)
        await until(pilot, lambda: "worker ready" in seen(app), "the worker answers")
        await pilot.press("p")
        await until(pilot, lambda: "train 1,294" in seen(app), "the data are shown")
        assert isinstance(app.screen, PreviewScreen)
        assert "2 classes: zero, one" in seen(app)


async def test_presets_are_found_by_typing(home: Path) -> None:
    app = Lab(home, standby=Standby())
    async with app.run_test(size=SIZE) as pilot:
        lab = await filled(pilot)
        await pilot.press("slash", *"table", "enter")
        await pilot.pause()
        assert lab.presets.looked_at == "plain"
        assert "tiny" not in seen(app)
        await pilot.press("escape")
        await pilot.pause()
        assert "tiny" in seen(app)


async def test_a_broken_preset_is_listed_and_says_what_is_wrong(home: Path, tmp_path: Path) -> None:
    (tmp_path / "shipped" / "zzz.toml").write_text("[preset\n")
    app = Lab(home, standby=Standby())
    async with app.run_test(size=SIZE) as pilot:
        await filled(pilot)
        await pilot.press("end")
        await pilot.pause()
        assert "zzz.toml is not valid TOML" in " ".join(seen(app).split())


async def test_the_learning_rate_is_drawn_over_the_steps_of_the_run(home: Path) -> None:
    app = Lab(home, standby=Standby())
    async with app.run_test(size=SIZE) as pilot:
        await filled(pilot)
        await until(pilot, lambda: re.search(r"0\.010?┤.*[⠁-⣿]", seen(app)), "the chart is drawn")
        assert "learning rate over 100 steps" in seen(app)


async def test_at_80x24_the_presets_stand_beside_the_pane_in_use(home: Path) -> None:
    app = Lab(home, standby=Standby())
    async with app.run_test(size=(80, 24)) as pilot:
        await filled(pilot)
        await pilot.press("3")
        await pilot.pause()
        assert "tiny" in seen(app)
        assert "activation" in seen(app)
        await pilot.press("tab")
        await pilot.pause()
        assert "weight_decay" in seen(app)
        assert "activation" not in seen(app)


@pytest.mark.parametrize("size", [(20, 5), (1, 1), (40, 12), (99, 30), (200, 50)])
async def test_no_size_is_too_small_or_too_large(home: Path, size: tuple[int, int]) -> None:
    app = Lab(home, standby=Standby())
    async with app.run_test(size=size) as pilot:
        await filled(pilot)
        panes = ("2", "3", "down", "enter", "escape", "up", "4", "5", "6", "7", "1")
        dialogs = (
            "question_mark",
            "escape",
            "3",
            "i",
            "escape",
            "enter",
            "escape",
            "s",
            "escape",
            "p",
            "escape",
        )
        for key in (*panes, *dialogs):
            await pilot.press(key)
            await pilot.pause()
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert lab_of(app).is_current


async def test_leaving_lets_the_standby_go(home: Path) -> None:
    standby = Standby()
    app = Lab(home, standby=standby)
    async with app.run_test(size=SIZE) as pilot:
        await filled(pilot)
        await pilot.press("q")
    assert not standby.alive


async def test_a_run_that_was_missing_is_looked_for_again(home: Path) -> None:
    missing = {"error": "no", "problems": [["model.init", "there is no finished run of 'other'."]]}
    standby = Standby(check=missing)
    app = Lab(home, standby=standby)
    async with app.run_test(size=SIZE) as pilot:
        await filled(pilot)
        await until(pilot, lambda: "no finished run" in seen(app), "it is told what is missing")
        standby._answers["check"] = {"answer": FACTS}  # the run has been trained meanwhile
        await pilot.press("down", "up")
        await until(pilot, lambda: "4,810" in seen(app), "it was asked once more")
        assert "no finished run" not in seen(app)


async def test_the_last_field_of_a_long_column_is_scrolled_into_view(home: Path) -> None:
    app = Lab(home, standby=Standby())
    async with app.run_test(size=(100, 30)) as pilot:
        await filled(pilot)
        await pilot.press("4", "end")
        await pilot.pause()
        assert "smoothing" in seen(app)
        await pilot.press("6", "end")
        await pilot.pause()
        assert "probes.sharpness" in seen(app)


async def test_moving_the_focus_repaints_the_panes_concerned_and_not_the_screen(home: Path) -> None:
    painted: list[str] = []

    class Watched(Lab):
        def _display(self, screen: Any, renderable: Any) -> None:
            painted.append(type(renderable).__name__)
            super()._display(screen, renderable)

    app = Watched(home, standby=Standby())
    async with app.run_test(size=SIZE) as pilot:
        await filled(pilot)
        await until(pilot, lambda: "4,810" in seen(app), "the worker has answered")
        painted.clear()
        await pilot.press("4", "down", "3")
        await pilot.pause()
        assert "ChopsUpdate" in painted
        assert "LayoutUpdate" not in painted
