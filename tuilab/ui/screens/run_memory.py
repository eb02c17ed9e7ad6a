"""What a reader chose on the run screen, remembered from one run to the next.

Runs differ in what they measure, so what is kept is the difference from the usual
charts: which were added, which taken away, and the order they were put into.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from tuilab.json_files import write_json
from tuilab.ui.screens.run_panels import FIRST, Panel
from tuilab.ui.terminal.abilities import LADDER
from tuilab.ui.widgets.lens import SMOOTHINGS, X_MODES, Lens


@dataclass(frozen=True, slots=True)
class Memory:
    """The reader's taste."""

    x_mode: str = "step"
    x_log: bool = False
    smoothing: float = 0.0
    robust: bool = False
    glyphs: str = ""
    """Where the reader chose another rung than the terminal's own."""
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    log: tuple[str, ...] = ()
    """Charts with a logarithmic axis."""

    def lens(self, glyphs: str) -> Lens:
        """Return how to look at the charts, on a terminal with these glyphs."""
        chosen = self.glyphs if self.glyphs in LADDER else glyphs
        finest = max(LADDER.index(chosen), LADDER.index(glyphs))
        mode = self.x_mode if self.x_mode in X_MODES else "step"
        smoothing = self.smoothing if self.smoothing in SMOOTHINGS else 0.0
        return Lens(
            x_mode=mode,
            x_log=bool(self.x_log),
            smoothing=smoothing,
            robust=bool(self.robust),
            glyphs=LADDER[finest],
        )

    def seen(self, lens: Lens, usual_glyphs: str) -> "Memory":
        """Return what to remember of a way to look."""
        glyphs = "" if lens.glyphs == usual_glyphs else lens.glyphs
        return replace(
            self,
            x_mode=lens.x_mode,
            x_log=lens.x_log,
            smoothing=lens.smoothing,
            robust=lens.robust,
            glyphs=glyphs,
        )

    def pick(self, panels: Sequence[Panel]) -> list[Panel]:
        """Return the charts of a run that this reader wants, in their order.

        >>> panels = [Panel(name, (name,)) for name in ("loss", "acc", "norm", "lr", "rate")]
        >>> [p.key for p in Memory(added=("rate",), removed=("norm",), order=("lr", "loss")).pick(panels)]
        ['lr', 'acc', 'loss', 'rate']
        """
        usual = [panel for panel in panels[:FIRST] if panel.key not in self.removed]
        wanted = (usual + [panel for panel in panels[FIRST:] if panel.key in self.added]) or list(panels[:1])
        place = {key: number for number, key in enumerate(self.order)}
        known = iter(sorted((p for p in wanted if p.key in place), key=lambda panel: place[panel.key]))
        # What was never moved keeps its usual place among the others.
        return [next(known) if panel.key in place else panel for panel in wanted]

    def picked(self, panels: Sequence[Panel], keys: Sequence[str]) -> "Memory":
        """Return what to remember of a choice among a run's charts; what it says nothing of stays."""
        usual, more = [p.key for p in panels[:FIRST]], [p.key for p in panels[FIRST:]]
        added = [key for key in self.added if key not in more] + [key for key in more if key in keys]
        removed = [key for key in self.removed if key not in usual] + [k for k in usual if k not in keys]
        moved = list(keys) != [key for key in usual + more if key in keys]
        order = tuple(keys) if moved else ()
        return replace(self, added=tuple(added), removed=tuple(removed), order=order)


_LISTS = ("added", "removed", "order", "log")
_PLAIN = ("x_mode", "x_log", "smoothing", "robust", "glyphs")


def load(path: Path | None = None) -> Memory:
    """Return what is remembered; nothing where the file is missing or not ours."""
    try:
        kept: dict[str, Any] = json.loads((path or _path()).read_text(encoding="utf-8"))
        lists: dict[str, Any] = {key: tuple(map(str, kept.get(key, ()))) for key in _LISTS}
        plain: dict[str, Any] = {key: kept[key] for key in _PLAIN if key in kept}
        return Memory(**plain, **lists)
    except (OSError, ValueError, TypeError, AttributeError):
        return Memory()


def save(memory: Memory, path: Path | None = None) -> None:
    """Remember; where the disk does not let us, the next run begins as usual."""
    path = path or _path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_json(path, asdict(memory))
    except OSError:
        pass


def _path() -> Path:
    config = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    return Path(config).expanduser() / "tuilab" / "run-screen.json"
