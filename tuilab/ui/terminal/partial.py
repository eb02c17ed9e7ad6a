"""Partial updates that ask only for what is dirty.

For every update Textual 8.2.8 asks each widget on the screen for all of its rows
(`_compositor._render_chops`), though a frame of the charts touches neither the log nor
the keys, and of a chart a few rows. This asks the widgets below the dirty spans for the
rows in between, the front one first, and none that would be covered. Like `crop`, it
replaces a method of a private class: pinned, tried on a made-up screen first, and left
out where anything is unexpected.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, cast

from textual._compositor import ChopsUpdate, Compositor
from textual.geometry import Region
from textual.strip import Strip

from tuilab.ui.terminal.pinned import put_in_place
from tuilab.ui.terminal.rich_parts import Segment


def install() -> bool:
    """Put the narrow updates in place; return whether they are."""
    return put_in_place(Compositor, "render_partial_update", _render_partial_update, _passes_self_test)


def _render_partial_update(self: Compositor) -> ChopsUpdate | None:
    """Return an update of the dirty regions; None where nothing is."""
    regions = self._dirty_regions.copy()
    self._dirty_regions.clear()
    if not regions:
        return None
    cuts = self.cuts
    spans = [span for span in self._regions_to_spans(regions) if span[0] < len(cuts)]
    missing = _missing(spans, cuts)
    chops: list[dict[int, Strip | None]] = [
        dict.fromkeys(line[:-1]) if y in missing else {} for y, line in enumerate(cuts)
    ]
    for widget, (region, clip) in self.visible_widgets.items():
        shown = region.intersection(clip)
        left, right = shown.column_span
        lines = {
            y for y in shown.line_range if y in missing and any(left <= cut < right for cut in missing[y])
        }
        if not lines:
            continue
        first, last = min(lines), max(lines)
        rows = Region(shown.x - region.x, first - region.y, shown.width, last - first + 1)
        for y, strip in enumerate(widget.render_lines(rows), first):
            if y in lines:
                _place(chops[y], strip, shown, cuts[y])
                missing[y] = {cut for cut in missing[y] if not left <= cut < right}
    # As Textual's own do: typed as what is there once everything below the spans is painted.
    return ChopsUpdate(cast(Any, chops), spans, [line[1:] for line in cuts])


def _missing(spans: Iterable[tuple[int, int, int]], cuts: Sequence[Sequence[int]]) -> dict[int, set[int]]:
    """Return where the parts of each line begin that hold dirty cells."""
    missing: dict[int, set[int]] = {}
    for y, left, right in spans:
        parts = {cut for cut, end in pairwise(cuts[y]) if cut < right and left < end}
        missing[y] = missing.get(y, set()) | parts
    return missing


def _place(chops: dict[int, Strip | None], strip: Strip, shown: Region, cuts: Sequence[int]) -> None:
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
