"""Choose which other runs the charts show beside the one that is watched."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from tuilab import runs
from tuilab.runs import Run
from tuilab.ui.plain_runs import RunLine, age, look
from tuilab.ui.plain_text import SIGNS
from tuilab.ui.widgets.figures import figure
from tuilab.ui.widgets.find_list import FindList, Item
from tuilab.ui.widgets.key_bar import KeyBar
from tuilab.ui.widgets.pieces import clean

if TYPE_CHECKING:
    from textual.app import ComposeResult

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


class PickRuns(ModalScreen[list[Path]]):
    """Returns the directories of the runs that are wanted, in the order they were chosen."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "done", "Done")]
    DEFAULT_CSS = """
    PickRuns { align: center middle; background: $background 60%; }
    PickRuns > Vertical {
        width: 80; max-width: 96%; height: 22; max-height: 90%;
        padding: 0 1; background: $background; border: round $accent; border-title-color: $accent;
    }
    """

    def __init__(self, offers: Sequence[Offered], chosen: Sequence[Path], most: int) -> None:
        """Offer these runs, some of which are in the charts already, at most so many."""
        super().__init__()
        self._offers, self._most = offers, most
        self._chosen = [str(path) for path in chosen]

    def compose(self) -> "ComposeResult":
        """Lay out the list under the field."""
        with Vertical() as sheet:
            sheet.border_title = "Runs beside this one"
            yield FindList(finds_at_once=True, id="others")
        yield KeyBar()

    def on_mount(self) -> None:
        """Show all runs, marking those in the charts."""
        others = self.query_one("#others", FindList)
        others.show([_item(one) for one in self._offers])
        self._mark()
        others.take_focus()

    @on(FindList.Chosen)
    def _toggle(self, message: FindList.Chosen) -> None:
        message.stop()
        if message.key in self._chosen:
            self._chosen.remove(message.key)
        elif len(self._chosen) < self._most:
            self._chosen.append(message.key)
        else:
            self.notify(f"The charts have room for {self._most} other runs: take one away first.")
        self._mark()

    def _mark(self) -> None:
        self.query_one("#others", FindList).mark(dict.fromkeys(self._chosen, "●"))

    def action_done(self) -> None:
        """Close with what is marked."""
        self.dismiss([Path(key) for key in self._chosen])


def _item(offer: Offered) -> Item:
    line = offer.line
    sign, _ = SIGNS.get(line.state, ("?", ""))
    best = f"{line.metric.rpartition('.')[2]} {figure(line.best)}" if line.metric else ""
    shown = (
        f"{clean(line.name):<32.32} {sign} {line.state:<9} {best:<16.16} {age(time.time() - line.began):>6}"
    )
    group = "from the same preset or family" if offer.related else "other runs"
    return Item(str(line.path), shown, group, f"{line.id} {line.preset} {line.state}")
