"""Changing an experiment in the lab: typed, chosen, told what is wrong, taken back, and kept."""

from pathlib import Path
from typing import Any

import pytest

from tests.ui.lab_kit import PLAIN, Standby, filled, seen, until
from tuilab.spec import loads
from tuilab.ui.app import Lab
from tuilab.ui.screens.lab_about import AboutScreen
from tuilab.ui.screens.lab_picker import PickScreen

SIZE = (120, 40)


async def test_a_value_out_of_range_is_said_beside_its_field_while_it_is_typed(home: Path) -> None:
    app = Lab(home, standby=Standby())
    async with app.run_test(size=SIZE) as pilot:
        await filled(pilot)
        await pilot.press("4", "down", "enter", "5", "0", "0")
        await pilot.pause()
        assert "500 is out of range; expected a" in seen(app)
        await pilot.press("escape")
        await pilot.pause()
        assert "out of range" not in seen(app)
        assert "0.01" in seen(app)


async def test_a_typed_value_is_kept_with_enter_and_marked(home: Path) -> None:
    app = Lab(home, standby=Standby())
    async with app.run_test(size=SIZE) as pilot:
        lab = await filled(pilot)
        await pilot.press("3", "down", "enter", *"[5]", "enter")
        await pilot.pause()
        assert lab.draft is not None
        assert lab.draft.changes == ["model.width = [5]"]
        assert "● width            [5]" in seen(app)
        assert "1 change" in seen(app)


async def test_changes_wait_while_one_looks_at_another_preset(home: Path) -> None:
    app = Lab(home, standby=Standby())
    async with app.run_test(size=SIZE) as pilot:
        lab = await filled(pilot)
        await pilot.press("3", "down", "down", "right", "1", "down")
        await pilot.pause()
        assert lab.draft is not None
        assert lab.draft.changes == []
        await pilot.press("up")
        await pilot.pause()
        assert lab.draft.changes == ["model.activation = tanh"]
        assert "● tiny" in seen(app)


async def test_choosing_another_model_swaps_its_knobs(home: Path) -> None:
    app = Lab(home, standby=Standby())
    async with app.run_test(size=SIZE) as pilot:
        await filled(pilot)
        await pilot.press("3", "enter")
        await pilot.pause()
        assert isinstance(app.screen, PickScreen)
        await pilot.press(*"len", "enter")
        await pilot.pause()
        assert "dropout" in seen(app)
        assert "width" not in seen(app)


async def test_only_what_fits_the_data_is_offered(home: Path) -> None:
    app = Lab(home, standby=Standby())
    async with app.run_test(size=SIZE) as pilot:
        await filled(pilot)
        await pilot.press("down", "3", "enter")
        await pilot.pause()
        assert "lenet" not in seen(app)


async def test_what_a_component_is_can_be_read(home: Path) -> None:
    app = Lab(home, standby=Standby())
    async with app.run_test(size=SIZE) as pilot:
        await filled(pilot)
        await pilot.press("4", "i")
        await pilot.pause()
        assert isinstance(app.screen, AboutScreen)
        assert "Adam with decoupled weight decay." in seen(app)
        assert "https://example.org" in seen(app)


async def test_what_the_worker_finds_wrong_stands_at_its_field(home: Path) -> None:
    refused = {"error": "no", "problems": [["model.name", "the image is too small."]]}
    app = Lab(home, standby=Standby(check=refused))
    async with app.run_test(size=SIZE) as pilot:
        await filled(pilot)
        await until(pilot, lambda: "the image is too small." in seen(app), "the worker refused")


async def test_who_comes_back_to_what_was_wrong_is_told_again(home: Path) -> None:
    refused = {"error": "no", "problems": [["model.name", "the image is too small."]]}
    app = Lab(home, standby=Standby(check=refused))
    async with app.run_test(size=SIZE) as pilot:
        lab = await filled(pilot)
        await until(pilot, lambda: "the image is too small." in seen(app), "the worker refused")
        await pilot.press("3", "down", "down", "right", "u")
        await pilot.pause()
        assert lab.draft is not None
        assert lab.draft.changes == []
        assert "the image is too small." in seen(app)


async def test_undo_takes_the_last_change_back(home: Path) -> None:
    app = Lab(home, standby=Standby())
    async with app.run_test(size=SIZE) as pilot:
        lab = await filled(pilot)
        await pilot.press("3", "down", "down", "right", "u")
        await pilot.pause()
        assert lab.draft is not None
        assert lab.draft.changes == []


async def test_a_field_goes_back_to_the_preset_or_to_its_default(home: Path) -> None:
    app = Lab(home, standby=Standby())
    async with app.run_test(size=SIZE) as pilot:
        lab = await filled(pilot)
        await pilot.press("3", "down", "d")
        await pilot.pause()
        assert lab.draft is not None
        assert lab.draft.value("model.width") == [64]
        await pilot.press("backspace")
        await pilot.pause()
        assert lab.draft.value("model.width") == [8]


async def test_the_experiment_is_kept_as_a_preset_of_ones_own(home: Path) -> None:
    app = Lab(home, standby=Standby())
    async with app.run_test(size=SIZE) as pilot:
        lab = await filled(pilot)
        await pilot.press("3", "down", "down", "right", "s")
        await pilot.pause()
        await pilot.press("enter")
        await until(pilot, lambda: "your own" in seen(app), "it stands on the shelf")
        saved = loads((home / "presets" / "my-tiny.toml").read_text(), "my-tiny")
        assert saved["model"]["activation"] == "tanh"
        assert saved["preset"]["about"] == "tiny with model.activation = tanh"
        assert lab.draft is not None
        assert lab.draft.changes == []


async def test_a_preset_that_is_there_is_replaced_only_when_asked_twice(home: Path) -> None:
    own = home / "presets" / "my-tiny.toml"
    own.parent.mkdir(parents=True)
    own.write_text(PLAIN)
    app = Lab(home, standby=Standby())
    async with app.run_test(size=SIZE) as pilot:
        await filled(pilot)
        await pilot.press("s")
        await pilot.pause()
        await pilot.press("enter")
        await pilot.pause()
        assert "is there already" in seen(app)
        assert own.read_text() == PLAIN
        await pilot.press("enter")
        await pilot.pause()
        assert own.read_text() != PLAIN


async def test_a_late_answer_about_an_older_state_is_dropped(home: Path) -> None:
    from tuilab.ui.messages import Checked

    app = Lab(home, standby=Standby())
    async with app.run_test(size=SIZE) as pilot:
        lab = await filled(pilot)
        old: dict[str, Any] = {"parameters": 1}
        lab.post_message(Checked(999, old, {}))
        await pilot.pause()
        assert lab.draft is not None
        assert lab.draft.problems == {}


async def test_what_was_changed_and_not_saved_is_there_at_the_next_launch(home: Path) -> None:
    app = Lab(home, standby=Standby())
    async with app.run_test(size=(120, 40)) as pilot:
        lab = await filled(pilot)
        assert lab.draft is not None
        lab.draft.remember()
        lab.draft.set("optimizer.lr", "0.25")
        lab.draft.set("data.batch_size", "many")
        lab._draw()
        await pilot.press("q")
    again = Lab(home, standby=Standby())
    async with again.run_test(size=(120, 40)) as pilot:
        lab = await filled(pilot)
        assert lab.draft is not None
        assert lab.draft.value("optimizer.lr") == 0.25
        assert "data.batch_size" in lab.draft.problems
        lab.draft.reset("data.batch_size")
        lab.draft.reset("optimizer.lr")
        lab._draw()
    assert (home / "drafts.json").read_text() == "{}"


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"tiny": 3}', '{"tiny": {"raw": {"data": 7}, "unread": {}}}']
)
async def test_drafts_that_cannot_be_read_leave_the_preset_as_it_is(home: Path, text: str) -> None:
    (home / "drafts.json").write_text(text)
    app = Lab(home, standby=Standby())
    async with app.run_test(size=(120, 40)) as pilot:
        lab = await filled(pilot)
        assert lab.draft is not None
        assert lab.draft.value("optimizer.lr") == 0.01


async def test_undo_goes_where_the_change_was(home: Path) -> None:
    app = Lab(home, standby=Standby())
    async with app.run_test(size=(80, 24)) as pilot:
        lab = await filled(pilot)
        assert lab.draft is not None
        lab.draft.remember()
        lab.draft.set("train.steps", "7")
        lab._draw()
        await pilot.press("u")
        await pilot.pause()
        assert lab._active == "train"
        assert lab.draft.value("train.steps") == 100
