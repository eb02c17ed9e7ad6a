"""Pictures of a run that are not curves: spreads of weights, what is taken for what, ways of points, samples.

A thread reads what they need, as far as they are looked at; drawing takes what was read last.
What draws them is imported with the first of them: most runs are opened for their curves.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tuilab.curves import Curves
from tuilab.events import Event
from tuilab.runs import Run
from tuilab.spreads import Spreads, written
from tuilab.ui.screens.run_panels import SAMPLES, SPREADS, TABLES
from tuilab.ui.screens.run_samples import SampleLog
from tuilab.ui.screens.run_sight import Sight

_MOST_LOOKS = 400
"""Looks read of a layer: more than any chart has columns."""

_MOST_POINTS = 4096
"""Points of a path: more cannot be told apart on any terminal."""

_MOST_LAYERS = 500
"""Layers whose spreads are offered: more nobody chooses from."""


class Sights:
    """Reads what is looked at; `refresh` is called from a thread, the rest from anywhere."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._found: dict[str, Sight] = {}
        self._seen: dict[str, object] = {}
        self._spreads: dict[str, Spreads] = {}
        self._samples = SampleLog()
        self._names: list[str] = []
        self._listed: tuple[int, ...] = ()

    def get(self, name: str) -> Sight | None:
        """Return what was read last of a picture; None where there is nothing yet."""
        return self._found.get(name)

    def names(self) -> list[str]:
        """Return the pictures that the run has written something for."""
        listed = tuple(_changed(self._run.path / folder) for folder in ("tables", "layers"))
        if listed != self._listed or not all(spreads.layers for spreads in self._spreads.values()):
            self._listed = listed
            tables = sorted((self._run.path / "tables").glob("[!.]*.npy"))
            self._names = [f"{TABLES}{path.stem}" for path in tables]
            for what in written(self._run):
                spreads = self._spreads.setdefault(what, Spreads(self._run, what))
                spreads.refresh()
                self._names += [f"{SPREADS}{what}/{layer}" for layer in spreads.layers[:_MOST_LAYERS]]
        return [SAMPLES, *self._names] if self._samples else self._names

    def take(self, events: Sequence[Event]) -> None:
        """Take in what has happened."""
        self._samples.take(events)

    def refresh(self, wanted: Sequence[str], curves: Curves) -> bool:
        """Read what is new of the pictures that are looked at; return whether there was any."""
        new = False
        for name in wanted:
            if name.startswith(SPREADS):
                new |= self._read_spread(name)
            elif name.startswith(TABLES):
                new |= self._read_table(name, curves)
            elif name == SAMPLES and self._samples.heard != self._seen.get(name):
                self._found[name], self._seen[name] = self._samples.sight(), self._samples.heard
                new = True
        return new

    def _read_spread(self, name: str) -> bool:
        _, what, layer = name.split("/", 2)
        spreads = self._spreads.get(what)
        if spreads is None:
            return False
        from tuilab.charts.spread import Look
        from tuilab.ui.screens.run_sights_drawn import SpreadSight

        count = spreads.refresh()
        if count == self._seen.get(name) or layer not in spreads.layers:
            return False
        place = spreads.layers.index(layer)
        # The newest is among them: what a chart shows last is what is.
        at = np.linspace(0, count - 1, min(count, _MOST_LOOKS)).round().astype(np.int64)
        looks = [Look(*spreads.at(look, place)) for look in at.tolist()]
        self._found[name] = SpreadSight(np.asarray(spreads.steps[at], np.int64), looks)
        self._seen[name] = count
        return True

    def _read_table(self, name: str, curves: Curves) -> bool:
        path = self._run.path / "tables" / f"{name.removeprefix(TABLES)}.npy"
        state = (_changed(path), curves.rows("x") if path.stem == "surface" else 0)
        if state == self._seen.get(name) or (sight := _of_table(path, curves)) is None:
            return False
        self._found[name], self._seen[name] = sight, state
        return True


def _of_table(path: Path, curves: Curves) -> Sight | None:
    """Return what a file shows; None where it is gone or holds something else."""
    try:
        table = np.load(path)
    except (OSError, ValueError):
        return None
    from tuilab.ui.screens.run_sights_drawn import ConfusionSight, PathSight

    meta: Mapping[str, Any] = curves.meta
    if path.stem == "surface":
        marks = meta.get("surface") or {}
        if table.ndim != 2 or len(marks.get("window", ())) != 4:
            return None
        left, right, bottom, top = map(float, marks["window"])
        minima = [(float(x), float(y)) for x, y in marks.get("minima", ())]
        return PathSight(table.astype(np.float64), (left, right, bottom, top), minima, _path(curves))
    if table.ndim == 2 and table.shape[0] == table.shape[1]:
        return ConfusionSight(table.astype(np.int64), [str(name) for name in meta.get("classes", ())])
    return None


def _path(curves: Curves) -> NDArray[np.float64]:
    """Return where the point has been, (points, 2), the newest last."""
    rows = min(curves.rows("x"), curves.rows("y"))
    step = max(rows // _MOST_POINTS, 1)
    ways = []
    for _, values in map(curves.points, ("x", "y")):
        ways.append(np.append(values[:rows:step], values[rows - 1 : rows]).astype(np.float64))
    return np.stack(ways, axis=1)


def _changed(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
