"""What a worker says of itself while something takes long."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from tuilab.engine.progress import Progress
from tuilab.status import Status


def until(path: Path, doing: str) -> dict[str, Any]:
    """Return the first status that says this, within five seconds."""
    deadline = time.monotonic() + 5
    said: dict[str, Any] = {}
    while time.monotonic() < deadline:
        said = json.loads((path / "status.json").read_text())
        if said["doing"] == doing:
            return said
        time.sleep(0.02)
    raise AssertionError(f"it says {said}")


def test_a_long_probe_is_named_and_the_heart_beats_on(tmp_path: Path) -> None:
    progress = Progress(tmp_path, Status())
    with progress.beating():
        progress.write("running", step=7)
        began = time.time()
        with progress.busy("probe sharpness"):
            said = until(tmp_path, "probe sharpness")
        assert said["step"] == 7
        assert said["heartbeat"] > began
        assert began <= said["doing_since"] <= said["heartbeat"]
        progress.write("running", step=8)
        assert json.loads((tmp_path / "status.json").read_text())["doing"] == ""


def test_a_long_step_is_told_and_the_last_word_stays(tmp_path: Path) -> None:
    progress = Progress(tmp_path, Status())
    with progress.beating():
        progress.write("running", step=7)
        until(tmp_path, "a step that takes long")
    progress.write("finished")
    said = json.loads((tmp_path / "status.json").read_text())
    assert (said["state"], said["doing"]) == ("finished", "")


def test_a_pause_changes_nothing_of_the_rate(tmp_path: Path) -> None:
    progress = Progress(tmp_path, Status())
    for step in range(1, 101):
        progress.update("running", step, step * 64, step * 0.1, 1000)
    progress.write("running")
    for _ in range(1000):
        progress.update("paused", 100, 6400, 10.0, 1000)
    progress.update("running", 101, 6464, 10.1, 1000)
    said = json.loads((tmp_path / "status.json").read_text())
    assert said["rate"] == pytest.approx(10.0)
