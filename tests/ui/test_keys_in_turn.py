"""Keys that arrive in one burst do what they would do one by one."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from textual import events

from tests.ui.lab_kit import Standby, filled, lab_of, until
from tests.ui.terminal import Terminal
from tests.ui.written import Written
from tuilab import commands
from tuilab.ui.app import Lab


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Written]:
    """A run under way."""
    written = Written(tmp_path)
    written.meta()
    written.hold()
    written.advance(300)
    written.status("running")
    yield written
    written.close()


@pytest.mark.parametrize(
    ("keys", "wanted"),
    [
        (b"l\x15.002\r", [("set", {"optimizer.lr": 0.002})]),
        (b"ss", [("stop", {})]),
        (b"scc", [("checkpoint", {})]),  # the first c answers the dialog
        (b"/samp\x7f\x7f\r\x1b", []),
    ],
)
def test_what_follows_the_key_of_a_dialog_is_for_the_dialog(
    live: Written, keys: bytes, wanted: Sequence[tuple[str, dict[str, float]]]
) -> None:
    terminal = Terminal(live.run, 80, 24, module="tuilab", arguments=["attach"])
    try:
        assert terminal.shows("▶ running", 30)
        terminal.type(keys)
        told: list[tuple[str, dict[str, float]]] = []

        def arrived() -> bool:
            told.extend((c.action, dict(c.values)) for c in commands.take(live.run.path / "commands"))
            return len(told) >= len(wanted)

        assert terminal.read(20, arrived) or not wanted
        terminal.read(0.5)
        arrived()
        assert told == wanted
        assert terminal.process.poll() is None
    finally:
        terminal.close()


async def test_what_follows_the_key_of_a_field_is_for_the_field(home: Path) -> None:
    app = Lab(home, standby=Standby())
    async with app.run_test(size=(120, 40)) as pilot:
        lab = await filled(pilot)
        for key in (
            "4",
            "down",
            "enter",
            "ctrl+u",
            "0",
            ".",
            "0",
            "4",
            "enter",
        ):  # 4 is also the key of a pane
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await until(pilot, lambda: lab.draft and lab.draft.value("optimizer.lr") == 0.04, "it is typed")
        for key in "1/tables":  # t, a and s are keys of the lab as well
            app.post_message(events.Key("slash" if key == "/" else key, key))
        await until(pilot, lambda: lab.presets.looked_at.endswith("plain"), "it is found")
        assert app.screen is lab_of(app)
