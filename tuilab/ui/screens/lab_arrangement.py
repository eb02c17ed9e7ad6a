"""Which panes of the lab are to be seen, from the screen's size alone."""

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from textual.widget import Widget

TITLES = {
    "presets": "Presets",
    "data": "Data",
    "model": "Model",
    "optimizer": "Optimizer and loss",
    "schedule": "Schedule",
    "train": "Training",
    "facts": "Summary",
}

PANES = tuple(TITLES)
"""Panes in the order of their number keys, 1 to 7."""

CLASSES = ("-tiny", "-narrow", "-tall", "-wide")
"""Classes of the screen that set sizes."""

_RIGHT = ("schedule", "train")
_ALL = (100, 30)
"""Columns and rows from which all panes stand beside each other."""
_TWO = (58, 12)
"""Columns and rows from which the presets stand beside one pane."""


class Arrangement(NamedTuple):
    """What is shown."""

    classes: frozenset[str]
    panes: frozenset[str]
    columns: frozenset[str]
    """Among shelf, middle, right."""

    @property
    def narrow(self) -> bool:
        """Whether not all panes have room."""
        return "-narrow" in self.classes


def arrange(width: int, height: int, active: str) -> Arrangement:
    """Return what is shown on a screen of this size while one pane is used.

    >>> sorted(arrange(80, 24, "model").panes), sorted(arrange(20, 5, "model").panes)
    (['model', 'presets'], ['model'])
    """
    if width >= _ALL[0] and height >= _ALL[1]:
        classes = {name for name, holds in (("-tall", height >= 46), ("-wide", width >= 150)) if holds}
        return Arrangement(frozenset(classes), frozenset(PANES), frozenset(("shelf", "middle", "right")))
    column = "right" if active in _RIGHT else "middle"
    if width >= _TWO[0] and height >= _TWO[1]:
        # The presets are looked at together with what the highlighted one comes to.
        beside = "facts" if active == "presets" else active
        return Arrangement(
            frozenset({"-narrow"}), frozenset(("presets", beside)), frozenset(("shelf", column))
        )
    alone = "shelf" if active == "presets" else column
    return Arrangement(frozenset({"-narrow", "-tiny"}), frozenset((active,)), frozenset((alone,)))


def show_if(widget: "Widget", holds: bool) -> None:
    """Show or hide a widget; saying again what is so already would lay everything out anew."""
    if widget.display != holds:
        widget.display = holds
