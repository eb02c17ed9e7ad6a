"""The lab, driven by its keys."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.ui.lab_kit import FACTS, PLAIN, Standby, filled, lab_of, seen, until, write_presets
from tuilab import presets
from tuilab.catalog import Catalog, save_cached
from tuilab.runs import Run, all_runs
from tuilab.spec import loads
from tuilab.ui.app import Lab
from tuilab.ui.screens import lab_shelf, lab_worker
from tuilab.ui.screens.lab_about import AboutScreen
from tuilab.ui.screens.lab_picker import PickScreen
from tuilab.ui.screens.lab_preview import PreviewScreen
from tuilab.ui.widgets.form import Form

SIZE = (120, 40)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home that knows the zoo, two presets, and no waiting for more key strokes."""
    write_presets(tmp_path / "shipped")
    monkeypatch.setattr(lab_shelf, "preset_folder", lambda: tmp_path / "shipped")
    monkeypatch.setattr(presets, "preset_folder", lambda: tmp_path / "shipped")
    monkeypatch.setattr(lab_worker, "_SETTLED", 0.001)
    monkeypatch.setenv("TUILAB_GLYPHS", "braille")
    home = tmp_path / "home"
    save_cached(catalog, home)
    return home


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Run]:
    """The runs that would have been shown."""
    shown: list[Run] = []
    monkeypatch.setattr(Lab, "open_run", lambda self, run: shown.append(run))
    return shown


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


async def test_without_a_worker_the_lab_says_so_where_one_looks(home: Path) -> None:
    app = Lab(home.with_name("new"), standby=Standby())
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "no worker" in seen(app), "the worker is gone")
        assert "torch cannot be imported." in seen(app)


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
