"""Which panes of the lab are to be seen, from the screen's size alone."""

from dataclasses import dataclass

PANES = ("presets", "data", "model", "optimizer", "schedule", "train", "facts")
"""Panes in the order of their number keys, 1 to 7."""

_MIDDLE = ("data", "model", "optimizer", "facts")
_SIDE_BY_SIDE = (100, 30)
"""Columns and rows from which all panes stand beside each other."""
_TWO = (58, 12)
"""Columns and rows from which the presets stand beside one pane."""


@dataclass(frozen=True, slots=True)
class Arrangement:
    """What is shown, and the classes that set its sizes."""

    classes: frozenset[str]
    panes: frozenset[str]
    columns: frozenset[str]
    """Among shelf, middle, right."""


CLASSES = ("-tiny", "-narrow", "-tall", "-wide")


def arrange(width: int, height: int, active: str) -> Arrangement:
    """Return what is shown on a screen of this size while one pane is used.

    >>> sorted(arrange(80, 24, "model").panes), sorted(arrange(20, 5, "model").panes)
    (['model', 'presets'], ['model'])
    """
    if width >= _SIDE_BY_SIDE[0] and height >= _SIDE_BY_SIDE[1]:
        classes = {name for name, holds in (("-tall", height >= 46), ("-wide", width >= 150)) if holds}
        return Arrangement(frozenset(classes), frozenset(PANES), frozenset(("shelf", "middle", "right")))
    column = "middle" if active in ("presets", *_MIDDLE) else "right"
    if width >= _TWO[0] and height >= _TWO[1]:
        # The presets are looked at together with what the highlighted one comes to.
        beside = "facts" if active == "presets" else active
        return Arrangement(
            frozenset({"-narrow"}), frozenset(("presets", beside)), frozenset(("shelf", column))
        )
    alone = "shelf" if active == "presets" else column
    return Arrangement(frozenset({"-narrow", "-tiny"}), frozenset((active,)), frozenset((alone,)))
