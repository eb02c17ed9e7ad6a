"""Choose which other runs the charts show beside the one that is watched."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tuilab import runs
from tuilab.runs import Run
from tuilab.ui.plain_runs import RunLine, age, look
from tuilab.ui.plain_text import SIGNS
from tuilab.ui.screens.run_pick import PickSeveral
from tuilab.ui.terminal.cells import filled
from tuilab.ui.widgets.figures import figure
from tuilab.ui.widgets.find_list import Item
from tuilab.ui.widgets.pieces import clean

_READ_WHOLE = 200
"""Runs whose specs are read for the family they belong to, the newest: a whole spec takes 2 ms."""


class Offered(NamedTuple):
    """A run that may be added."""

    line: RunLine
    related: bool
    """Made from the same preset, or from one of its family."""


def offered(run: Run) -> list[Offered]:
    """Return all runs but this one, newest first, those to compare it with before the others."""
    home = run.path.parent.parent
    others = [other for other in reversed(runs.all_runs(home)) if other.path != run.path]
    name, family = _family(run)
    found = []
    for number, other in enumerate(others):
        line = look(other)
        related = line.preset == name and name != "own"
        if family and not related and number < _READ_WHOLE:
            related = _family(other)[1] == family
        found.append(Offered(line, related))
    return sorted(found, key=lambda one: not one.related)  # stable: newest first in both


def _family(run: Run) -> tuple[str, str]:
    """Return the preset a run was made from and the family of presets that it belongs to."""
    try:
        return run.spec.name, str(run.spec.preset.get("compare", ""))
    except (OSError, ValueError):
        return "", ""


class PickRuns(PickSeveral):
    """The directories of the runs beside this one."""

    DEFAULT_CSS = "PickRuns > Vertical { width: 80; height: 22; }"
    HEADING = "Runs beside this one"

    def __init__(self, offers: Sequence[Offered], chosen: Sequence[Path], most: int) -> None:
        """Offer these runs, some of which are in the charts already, at most so many."""
        super().__init__([str(path) for path in chosen])
        self._offers, self._most = offers, most

    def items(self) -> Iterator[Item]:
        """Yield the runs."""
        return map(_item, self._offers)

    def toggle(self, key: str) -> None:
        """Take a run away, or add it where there is room."""
        if key in self._chosen:
            self._chosen.remove(key)
        elif len(self._chosen) < self._most:
            self._chosen.append(key)
        else:
            self.notify(f"The charts have room for {self._most} other runs: take one away first.")


def _item(offer: Offered) -> Item:
    line = offer.line
    sign, _ = SIGNS.get(line.state, ("?", ""))
    best = f"{line.metric.rpartition('.')[2]} {figure(line.best)}" if line.metric else ""
    name = filled(clean(line.name), 32)
    shown = f"{name} {sign} {line.state:<9} {best:<16.16} {age(time.time() - line.began):>6}"
    group = "from the same preset or family" if offer.related else "other runs"
    return Item(str(line.path), shown, group, f"{line.id} {line.preset} {line.state}")
