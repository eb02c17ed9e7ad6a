"""Updates that ask only for what is dirty paint what Textual's own would paint."""

from collections.abc import Callable, Mapping
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.segment import Segment
from textual._compositor import ChopsUpdate, Compositor
from textual.geometry import Region, Size
from textual.strip import Strip

from tuilab.ui.terminal import partial

WIDTH, HEIGHT = 24, 10
ORIGINAL = Compositor.render_partial_update

regions = st.builds(
    Region, st.integers(-4, WIDTH - 1), st.integers(-3, HEIGHT - 1), st.integers(1, 14), st.integers(1, 6)
)
dirty = regions.map(lambda region: region.intersection(Region(0, 0, WIDTH, HEIGHT))).filter(bool)


@pytest.fixture
def textuals_own(monkeypatch: pytest.MonkeyPatch) -> Callable[[Compositor], ChopsUpdate | None]:
    def own(self: Compositor) -> ChopsUpdate | None:
        return ORIGINAL(self)

    monkeypatch.setattr(Compositor, "render_partial_update", own)
    return own


class Stand:
    """Rows in which every cell tells where it is."""

    def __init__(self, letter: str) -> None:
        self.letter = letter
        self.rows = 0

    def render_lines(self, crop: Region) -> list[Strip]:
        self.rows += crop.height
        cells = [
            [chr(0x100 + (7 * x + 31 * y + ord(self.letter)) % 200) for x in crop.column_range]
            for y in crop.line_range
        ]
        return [Strip([Segment("".join(row))], crop.width) for row in cells]


def screen_of(shown: list[Region], changed: list[Region]) -> tuple[Compositor, list[Stand]]:
    """A screen of overlapping widgets above a ground."""
    whole = Region(0, 0, WIDTH, HEIGHT)
    compositor = Compositor()
    compositor.size = Size(WIDTH, HEIGHT)
    stands = [Stand(chr(ord("a") + number)) for number in range(len(shown) + 1)]
    places = [(region, whole) for region in (*shown, whole)]
    seen = [(stand, place) for stand, place in zip(stands, places, strict=True) if place[0].overlaps(whole)]
    compositor._visible_widgets = cast(Any, dict(seen))
    compositor._dirty_regions = set(changed)
    return compositor, stands


def painted(update: ChopsUpdate | None) -> Mapping[tuple[int, int], str]:
    """The cells within the spans."""
    assert update is not None
    cells: dict[tuple[int, int], str] = {}
    for y, left, right in update.spans:
        for x, strip in update.chops[y].items():
            for at, char in enumerate(strip.text if strip else "", x):
                if left <= at < right:
                    cells[y, at] = char
    return cells


@given(st.lists(regions, max_size=4), st.lists(dirty, min_size=1, max_size=4))
def test_the_same_cells_are_painted(shown: list[Region], changed: list[Region]) -> None:
    here, asked = screen_of(shown, changed)
    there, asked_of_all = screen_of(shown, changed)
    assert painted(partial._render_partial_update(here)) == painted(ORIGINAL(there))
    assert sum(stand.rows for stand in asked) <= sum(stand.rows for stand in asked_of_all)


def test_nothing_dirty_is_no_update() -> None:
    assert partial._render_partial_update(screen_of([], [])[0]) is None


def test_they_are_in_place_for_the_pinned_version() -> None:
    assert partial.install()
    assert partial.install()  # again is the same


@pytest.mark.usefixtures("textuals_own")
def test_another_version_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    before = Compositor.render_partial_update
    monkeypatch.setattr("textual.__version__", "8.9.9")
    assert not partial.install()
    assert Compositor.render_partial_update is before


@pytest.mark.usefixtures("textuals_own")
def test_a_private_class_that_changed_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    before = Compositor.render_partial_update
    monkeypatch.setattr(ChopsUpdate, "__init__", lambda self, *given: None)
    assert not partial.install()
    assert Compositor.render_partial_update is before
