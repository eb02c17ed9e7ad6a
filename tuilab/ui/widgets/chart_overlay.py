"""Several runs in the same charts: what each is called, and how its curves are told from the others'.

A run alone has a colour a split. Several have a colour and a letter each, and a dash a split: so every
curve is known by its line alone, without any colour.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tuilab.charts.series import Series
from tuilab.charts.view import Curve
from tuilab.charts.xmap import STEPS, Elapsed, Linear, XMap
from tuilab.runs import Run
from tuilab.spec import Spec
from tuilab.status import LIVE, Status
from tuilab.ui.screens.run_panels import PROBES, Panel, curve_name
from tuilab.ui.screens.run_sight import Sight
from tuilab.ui.terminal.cells import cells, cut
from tuilab.ui.widgets.figures import plain
from tuilab.ui.widgets.lens import Lens, budget
from tuilab.ui.widgets.pieces import Piece, clean

LETTERS = "ABCDEFGH"
"""One a run; as many as there are colours."""

_FEW = 200
"""Values up to which each is marked: more would hide the line."""

_CALM = 20.0
"""Seconds that an axis should last: each time it doubles everything is painted anew."""

_STAMP = len("yyyymmdd-hhmmss-")
"""What every run's id begins with."""

_MOST_DIFFERENCES = 3
"""Knobs named beside a run: who changed more reads the spec."""


class Source(Protocol):
    """Where curves come from."""

    @property
    def lock(self) -> AbstractContextManager[object]:
        """Held while series are read."""

    @property
    def elapsed(self) -> Elapsed:
        """Seconds at each step."""

    @property
    def samples_per_step(self) -> float:
        """Samples that a step sees; 0 while unknown."""

    def series(self, metric: str) -> Series:
        """Return a metric's values."""

    def sight(self, name: str) -> Sight | None:
        """Return a picture that is not curves; None while there is nothing of it."""

    def planned_lr(self, steps: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the learning rate at steps to come."""


@dataclass(slots=True)
class Shown:
    """A run in the charts."""

    source: Source
    name: str = ""
    """What the legend calls it, where there are several."""
    status: Status = field(default_factory=Status)
    """What the run last said."""
    _end: float = 0.0
    _reached: int = 0

    def xmap(self, mode: str) -> XMap | None:
        """Return the way from steps to what the axis shows; None while it is not known."""
        if mode == "time":
            return self.source.elapsed
        if mode == "epoch":
            return Linear(1 / self.status.steps_per_epoch) if self.status.steps_per_epoch else None
        if mode == "samples":
            return Linear(self.source.samples_per_step) if self.source.samples_per_step else None
        return STEPS

    def end(self, metrics: Sequence[str], mode: str) -> float:
        """Return where its axis ends: where the run did, or the part of its budget that holds the data."""
        live = self.status.state in LIVE
        if mode == "time":
            newest = self.source.elapsed.newest
            return budget(0, newest, 8.0) if live else newest
        last = [self.source.series(metric).last_step for metric in metrics]
        reached = max([step for step in last if step is not None], default=0)
        done = max(reached, self.status.step)
        if not live:
            self._end = float(done)
        else:
            if reached < self._reached:
                self._end = 0.0  # taken up from an earlier step
            end = budget(self.status.total, done, max(self.status.rate * _CALM, 16))
            # It only grows: a rate that falls must not take the axis back.
            self._end = max(end, self._end) if self._end <= max(self.status.total, end) else end
        self._reached = reached
        return float((self.xmap(mode) or STEPS).x(np.array([self._end]))[0])


def x_mode(shown: Sequence[Shown], wanted: str) -> str:
    """Return the axis to draw: the one wanted, or steps while a run does not know its epochs or samples."""
    return wanted if all(run.xmap(wanted) is not None for run in shown) else "step"


def curves(panel: Panel, shown: Sequence[Shown], lens: Lens) -> list[Curve]:
    """Return the curves of one chart, run by run.

    The first run is the one that is watched. Alone it has a colour a metric; beside others every run has
    a colour and a letter, and its metrics differ by their dashes.

    Args:
        panel: What the chart shows.
        shown: The runs, at most as many as there are `LETTERS`.
        lens: How the reader looks at it.
    """
    if panel.sight:
        return []
    several = len(shown) > 1
    found = []
    for place, run in enumerate(shown):
        letter = LETTERS[place] if several else ""
        for number, metric in enumerate(panel.metrics):
            series = run.source.series(metric)
            sparse = not panel.heat and ("." in metric or metric.startswith(PROBES))
            found.append(
                Curve(
                    _named(curve_name(metric), letter),
                    series,
                    style=place if several else number,
                    dash=number,
                    letter=letter,
                    smoothing=0.0 if sparse else lens.smoothing,
                    kind="points" if sparse and len(series) <= _FEW else "line",
                    xmap=run.xmap(lens.x_mode) or STEPS,
                )
            )
    return found


def _named(curve: str, letter: str) -> str:
    """Return what a curve is called beside those of other runs: a letter alone is the training itself.

    >>> _named("train", "B"), _named("eval", "B"), _named("eval", "")
    ('B', 'B eval', 'eval')
    """
    return " ".join(part for part in (letter, curve) if part and not (letter and part == "train"))


def whole(panels: Sequence[Panel], shown: Sequence[Shown], mode: str) -> tuple[float, float]:
    """Return the ends of an axis that holds every run."""
    metrics = [metric for panel in panels for metric in panel.metrics]
    return 0.0, max((run.end(metrics, mode) for run in shown), default=0.0) or 1.0


def names(runs: Sequence[Run]) -> list[str]:
    """Return what several runs are called: each by its name, and by what it does otherwise than the first.

    A run whose spec cannot be read is called by its name alone.
    """
    specs = [_spec(run) for run in runs]
    found = []
    for run, spec in zip(runs, specs, strict=True):
        told = _differences(specs[0], spec) if spec is not specs[0] else []
        more = ["…"] if len(told) > _MOST_DIFFERENCES else []
        found.append(clean(" ".join([short_id(run.id), *told[:_MOST_DIFFERENCES], *more])))
    return found


def short_id(name: str) -> str:
    """Return a run's id without the time it begins with.

    >>> short_id("20250102-101112-digits-mlp-3f2a"), short_id("mine")
    ('digits-mlp-3f2a', 'mine')
    """
    return name[_STAMP:] if name[:8].isdigit() and len(name) > _STAMP else name


def legend(shown: Sequence[Shown], width: int) -> list[Piece]:
    """Return a row that says which run each letter is; nothing for a run alone."""
    if len(shown) < 2:
        return []
    pieces: list[Piece] = []
    # Each gets its share of the row; what one does not need, those after it have.
    room = width
    for place, run in enumerate(shown):
        share = room // (len(shown) - place)
        text = cut(run.name, max(share - 5, 2))
        gap = " " * 3 * (place + 1 < len(shown))
        pieces += [(f"{LETTERS[place]} ", f"chart--line-{place}"), (text + gap, "painted--dim")]
        room -= cells(text) + 5
    return pieces


def _spec(run: Run) -> Spec | None:
    try:
        return run.spec
    except (OSError, ValueError):
        return None


def _differences(usual: Spec | None, other: Spec | None) -> list[str]:
    """Return the knobs that two specs set otherwise, as `lr=0.01`; where the other starts from comes last."""
    if usual is None or other is None:
        return []
    found, origin = [], []
    for table, knobs in other.tables.items():
        if table == "probes":
            continue  # what is measured makes no difference to a run
        before = usual.tables.get(table, {})
        for knob, value in knobs.items():
            if before.get(knob, _MISSING) == value:
                continue
            if isinstance(value, dict) and "from" in value:
                origin = [f"from {short_id(Path(str(value['from'])).name)}@{value.get('checkpoint', 'auto')}"]
            else:
                shown = plain(value) if isinstance(value, float) else str(value)
                found.append(f"{table if knob == 'name' else knob}={shown}")
    return found + origin


_MISSING = object()
