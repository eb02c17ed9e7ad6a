"""The shell: getting from one screen to another, and what it loads to paint."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.ui.lab_kit import Standby, filled, seen, until
from tuilab.runs import Run
from tuilab.ui.app import Lab
from tuilab.ui.screens.lab import LabScreen
from tuilab.ui.screens.lab_help import HelpScreen, keys_of
from tuilab.ui.styles.themes import DARK, LIGHT
from tuilab.ui.widgets.chart import Chart
from tuilab.ui.widgets.chart_board import ChartBoard

FIRST_PAINT = """
import sys
from pathlib import Path
from tuilab.ui.app import Lab

class First(Lab):
    def _display(self, screen, renderable):
        super()._display(screen, renderable)
        if renderable is not None and screen.query("#presets"):
            heavy = {"torch", "numpy"} & set(sys.modules)
            print("loaded:", sorted(heavy), flush=True)
            sys.stdout.flush()
            import os
            os._exit(bool(heavy))

class Nobody:
    alive = True
    def ask(self, question, reply, **values): pass
    def close(self): pass

First(Path(sys.argv[1]), standby=Nobody).run(headless=True)
"""


def test_neither_torch_nor_numpy_is_loaded_before_the_first_paint(tmp_path: Path) -> None:
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(
        [sys.executable, "-c", FIRST_PAINT, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
        env=environ,
    )
    assert (done.returncode, done.stdout.strip()) == (0, "loaded: []"), done.stderr


async def test_what_is_said_again_and_again_stands_there_once(tmp_path: Path) -> None:
    app = Lab(tmp_path, standby=Standby)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        for words in ("no samples [here]", "no samples [here]", "saved"):
            app.screen.notify(words, markup=False)
            await pilot.pause()
        assert [notice.message for notice in app._notifications] == ["no samples [here]", "saved"]


def test_the_door_of_the_command_line_loads_no_screen() -> None:
    probe = "import sys, tuilab.__main__; sys.exit(bool({'textual', 'torch', 'numpy'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", probe], check=False).returncode == 0


async def test_help_shows_every_key_that_works(home: Path) -> None:
    app = Lab(home, standby=Standby())
    async with app.run_test(size=(120, 60)) as pilot:
        await filled(pilot)
        keys = keys_of(app.screen)
        await pilot.press("question_mark")
        await pilot.pause()
        assert isinstance(app.screen, HelpScreen)
        for section in keys.values():
            for _, words in section:
                assert words in seen(app)
        assert ("q", "Quit") in keys["On this screen"]


async def test_the_footer_says_what_enter_does_where_one_is(home: Path) -> None:
    app = Lab(home, standby=Standby())
    async with app.run_test(size=(120, 40)) as pilot:
        await filled(pilot)
        assert "enter Start" in seen(app)
        await pilot.press("3")
        await pilot.pause()
        assert "enter Edit" in seen(app)
        await pilot.press("down", "enter")
        await pilot.pause()
        footer = seen(app).splitlines()[-1]
        assert "enter Keep" in footer
        assert "esc Give up" in footer
        assert "r Start" not in footer.replace("^r Start", "")


async def test_light_and_dark_are_one_key_apart(home: Path) -> None:
    app = Lab(home, standby=Standby())
    async with app.run_test(size=(80, 24)) as pilot:
        await filled(pilot)
        assert app.theme == DARK.name
        await pilot.press("t")
        await pilot.pause()
        assert app.theme == LIGHT.name
    assert Lab(home, standby=Standby()).theme == LIGHT.name


async def test_the_screen_is_written_to_a_file(home: Path) -> None:
    app = Lab(home, standby=Standby())
    async with app.run_test(size=(80, 24)) as pilot:
        await filled(pilot)
        await pilot.press("w")
        await until(pilot, lambda: list((home / "pictures").glob("*.svg")), "the picture is there")


async def test_the_palette_finds_what_has_a_key_and_nothing_else(home: Path) -> None:
    app = Lab(home, standby=Standby())
    async with app.run_test(size=(80, 24)) as pilot:
        lab = await filled(pilot)
        titles = {command.title for command in app.get_system_commands(lab)}
        assert {"Start", "Save", "Runs", "All keys", "Undo", "Light or dark", "Quit"} <= titles
        assert not titles & {"Maximize", "Minimize", "Screenshot", "Theme", "Keys"}


async def test_who_only_looks_at_a_run_starts_no_worker_and_finds_the_lab_behind_it(
    home: Path, write_run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    standby = Standby()
    app = Lab(home, standby=standby, open_run=write_run(home))
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: bool(app.screen.query(Chart)), "the charts are there")
        assert not standby.asked
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, LabScreen), "the lab is there")
        await until(pilot, lambda: standby.asked, "the worker is asked")


async def test_the_palette_finds_the_keys_of_the_charts_and_runs_them(
    home: Path, write_run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    run = write_run(home)
    app = Lab(home, standby=Standby(), open_run=run)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: bool(app.screen.query(Chart)), "the charts are there")
        commands = {command.title: command for command in app.get_system_commands(app.screen)}
        assert {"Zoom in", "Log axis", "Smooth", "Glyphs", "Chart 2", "Events", "Layers"} <= set(commands)
        commands["Log axis"].callback()
        await until(
            pilot, lambda: bool(app.screen.query_one(ChartBoard).logarithmic), "the axis is logarithmic"
        )


async def test_help_on_a_run_names_keys_together_the_mouse_and_nothing_that_does_not_work(
    home: Path, write_run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    app = Lab(home, standby=Standby(), open_run=write_run(home))
    async with app.run_test(size=(100, 100)) as pilot:
        await until(pilot, lambda: bool(app.screen.query(Chart)), "the charts are there")
        await pilot.press("question_mark")
        await pilot.pause()
        page = seen(app)
        assert "1 2 3 4 5 6 7 8 9 Chart of that number" in page
        assert "double click      This chart alone, or all again" in page
        assert "Copy selected text" not in page
        await pilot.resize_terminal(20, 5)
        await pilot.press("escape", "question_mark")
        await pilot.pause()
        assert "←→    Cursor" in seen(app)
