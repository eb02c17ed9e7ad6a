"""Partial updates that ask only for what is dirty.

For every update Textual 8.2.8 asks each widget on the screen for all of its rows
(`_compositor._render_chops`), though a frame of the charts touches neither the log nor
the keys, and of a chart a few rows. This asks the widgets below the dirty spans for the
rows in between. Like `crop`, it replaces a method of a private class: pinned, tried on
a made-up screen first, and left out where anything is unexpected.
"""

from collections.abc import Iterable, Mapping
from typing import Any, cast

import textual
from textual._compositor import ChopsUpdate, Compositor
from textual.geometry import Region
from textual.strip import Strip

from tuilab.ui.terminal.crop import PINNED
from tuilab.ui.terminal.rich_parts import Segment

_Bounds = Mapping[int, tuple[int, int]]
"""Of each dirty line the first dirty cell and the one after the last."""


def install() -> bool:
    """Put the narrow updates in place; return whether they are."""
    if Compositor.render_partial_update is _render_partial_update:
        return True
    if textual.__version__ != PINNED or not _passes_self_test():
        return False
    Compositor.render_partial_update = _render_partial_update  # type: ignore[method-assign]
    return True


def _render_partial_update(self: Compositor) -> ChopsUpdate | None:
    """Return an update of the dirty regions; None where nothing is."""
    regions = self._dirty_regions.copy()
    self._dirty_regions.clear()
    if not regions:
        return None
    cuts = self.cuts
    spans = [span for span in self._regions_to_spans(regions) if span[0] < len(cuts)]
    bounds = _bounds(spans)
    chops: list[dict[int, Strip | None]] = [
        dict.fromkeys(line[:-1]) if y in bounds else {} for y, line in enumerate(cuts)
    ]
    for widget, (region, clip) in self.visible_widgets.items():
        shown = region.intersection(clip)
        lines = [y for y in shown.line_range if y in bounds and _overlap(bounds[y], shown.column_span)]
        if not lines:
            continue
        rows = Region(shown.x - region.x, lines[0] - region.y, shown.width, lines[-1] - lines[0] + 1)
        wanted = set(lines)
        for y, strip in enumerate(widget.render_lines(rows), lines[0]):
            if y in wanted:
                _place(chops[y], strip, shown, cuts[y])
    # As Textual's own do: typed as what is there once everything below the spans is painted.
    return ChopsUpdate(cast(Any, chops), spans, [line[1:] for line in cuts])


def _bounds(spans: Iterable[tuple[int, int, int]]) -> _Bounds:
    """Return the extent of the dirty cells in each line."""
    bounds: dict[int, tuple[int, int]] = {}
    for y, left, right in spans:
        before = bounds.get(y)
        bounds[y] = (left, right) if before is None else (min(left, before[0]), max(right, before[1]))
    return bounds


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _place(chops: dict[int, Strip | None], strip: Strip, shown: Region, cuts: list[int]) -> None:
    """Put a widget's row between the cuts of its line, but for what a widget before it covers."""
    left, right = shown.column_span
    inner = [cut for cut in cuts if left <= cut <= right]
    parts = strip.divide([cut - left for cut in inner[1:]]) if len(inner) > 2 else [strip]
    for cut, part in zip(inner, parts, strict=False):
        if chops.get(cut) is None:
            chops[cut] = part


class _Stand:
    """Stands for a widget in the self-test: rows of one letter, and a note of what was asked for."""

    def __init__(self, letter: str) -> None:
        self._letter = letter
        self.asked: list[Region] = []

    def render_lines(self, rows: Region) -> list[Strip]:
        self.asked.append(rows)
        return [Strip([Segment(self._letter * rows.width)], rows.width)] * rows.height


def _passes_self_test() -> bool:
    """Whether three widgets, one of them below another, are asked for what is dirty of them and no more."""
    above, below, beside = (_Stand(letter) for letter in "abc")
    screen = Region(0, 0, 8, 4)
    try:
        compositor = Compositor()
        compositor._cuts = [[0, 2, 4, 8]] * 4
        compositor._visible_widgets = cast(Any, {
            above: (Region(2, 0, 2, 4), screen),
            below: (Region(0, -1, 9, 5), screen),
            beside: (Region(0, 0, 8, 1), screen),
        })  # fmt: skip
        compositor._dirty_regions = {Region(3, 1, 3, 1), Region(5, 2, 1, 1)}
        update, after = _render_partial_update(compositor), _render_partial_update(compositor)
        assert update is not None
        rows = ["".join(strip.text for strip in line.values() if strip) for line in update.chops]
        asked = above.asked, below.asked, beside.asked
        return (rows, asked, update.spans, after) == (
            ["", "bbaabbbb", "bbbbbbbb", ""],
            ([Region(0, 1, 2, 1)], [Region(0, 2, 8, 2)], []),
            [(1, 3, 6), (2, 5, 6)],
            None,
        )
    except (AttributeError, TypeError, ValueError, KeyError, IndexError, AssertionError):
        return False
