"""What the lab's tests start from: presets, a standby that answers at once, no sleeping."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from tuilab.catalog import Catalog
from tuilab.ui.app import Lab
from tuilab.ui.screens.lab import LabScreen

TINY = """
[preset]
group = "start here"
order = 1
about = "A small network reads digits."
watch = "The loss falls."
expect = { "test.accuracy" = [0.9, 1.0] }
[data]
name = "digits"
batch_size = 32
[model]
name = "mlp"
width = [8]
[optimizer]
name = "adamw"
lr = 0.01
[schedule]
name = "cosine"
[train]
steps = 100
"""

PLAIN = """
[preset]
group = "tables and series"
about = "A line through a table."
[data]
name = "diabetes"
[model]
name = "mlp"
[train]
epochs = 3
"""

FACTS: dict[str, Any] = {
    "parameters": 4810,
    "layers": [{"name": "0", "kind": "Linear", "shape": [10], "parameters": 650}],
    "input_shape": [1, 8, 8],
    "outputs": 10,
    "task": "classification",
    "rows": {"train": 1294, "eval": 144, "test": 359},
    "steps": 100,
    "steps_per_epoch": 20.0,
    "memory_bytes": 412_000,
    "device": "cpu",
}

SAMPLE: dict[str, Any] = {
    "task": "classification",
    "rows": {"train": 1294, "eval": 144, "test": 359},
    "shape": [1, 2, 2],
    "classes": ["zero", "one"],
    "licence": "CC0",
    "source": "https://example.org",
    "notes": {},
    "kind": "images",
    "samples": [{"pixels": [[0.0, 1.0], [1.0, 0.0]], "label": "one"}],
}


class Standby:
    """Answers questions as a worker would, at once; `answers` replaces what it says."""

    def __init__(self, catalog: Catalog | None = None, **answers: dict[str, Any]) -> None:
        self.alive = True
        self.asked: list[tuple[str, dict[str, Any]]] = []
        described = {"answer": catalog.to_json()} if catalog else {"error": "torch cannot be imported."}
        self._answers: dict[str, dict[str, Any]] = {
            "describe": described,
            "check": {"answer": FACTS},
            "preview": {"answer": SAMPLE},
            "run": {"answer": {"pid": 1}},
            **answers,
        }

    def __call__(self) -> "Standby":
        """Be one's own factory."""
        return self

    def ask(self, question: str, reply: Callable[[dict[str, Any]], None], **values: Any) -> None:
        self.asked.append((question, values))
        reply(self._answers[question])

    def close(self) -> None:
        self.alive = False


def lab_of(app: Lab) -> LabScreen:
    """Return the lab, whatever is on top of it."""
    screen = app.screen_stack[0]
    assert isinstance(screen, LabScreen)
    return screen


async def until(pilot: Pilot[Any], holds: Callable[[], object], what: str) -> None:
    """Let the app work until something holds."""
    for _ in range(200):
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        if holds():
            return
    raise AssertionError(f"It never came to this: {what}.")


async def filled(pilot: Pilot[Any]) -> LabScreen:
    """Wait for the bench to be filled and checked."""
    lab = lab_of(pilot.app)  # type: ignore[arg-type]
    await until(pilot, lambda: lab._bench is not None and lab.draft is not None, "the bench is filled")
    return lab


def seen(app: Lab) -> str:
    """Return what is on the screen, as text."""
    width, height = app.size
    strips = app.screen._compositor.render_strips()
    return "\n".join(strip.text[:width] for strip in strips[:height])


def write_presets(folder: Path) -> None:
    """Put two presets into a folder."""
    folder.mkdir(parents=True)
    (folder / "tiny.toml").write_text(TINY)
    (folder / "plain.toml").write_text(PLAIN)
