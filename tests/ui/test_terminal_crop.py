"""Short updates paint the same screen as Textual's own, cell by cell and colour by colour."""

from types import SimpleNamespace
from typing import Any

import pyte
from hypothesis import given, settings
from hypothesis import strategies as st
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from tuilab.ui.terminal import crop
from tuilab.ui.terminal.rich_parts import CellStyle, Segment

_STYLES = [
    None,
    CellStyle(color="#ff0000"),
    CellStyle(color="#00ff00", bgcolor="#101010"),
    CellStyle(color="#00ff00", bold=True),
    CellStyle(bgcolor="#303030", underline=True),
    CellStyle(reverse=True),
]
_WIDTH, _HEIGHT = 24, 3
_segments = st.builds(
    Segment, st.text("ab ⣿│日", min_size=1, max_size=5), st.sampled_from(_STYLES), st.none()
)


@st.composite
def updates(draw: st.DrawFn) -> tuple[list[dict[int, Strip]], list[list[int]], list[tuple[int, int, int]]]:
    """Lines cut in two, as two widgets side by side, and dirty spans on them."""
    chops, ends = [], []
    for _ in range(_HEIGHT):
        cut = draw(st.integers(4, _WIDTH - 4))
        line = {}
        for x, width in ((0, cut), (cut, _WIDTH - cut)):
            segments = draw(st.lists(_segments, min_size=1, max_size=5))
            line[x] = Strip(segments).adjust_cell_length(width)
        chops.append(line)
        ends.append([cut, _WIDTH])
    spans = []
    for y in range(_HEIGHT):
        edges = sorted(draw(st.sets(st.integers(0, _WIDTH), min_size=2, max_size=6)))
        spans += [(y, a, b) for a, b in zip(edges[::2], edges[1::2], strict=False)]
    return chops, ends, spans


def painted(output: str) -> list[list[Any]]:
    """The cells of a terminal that was blank before."""
    screen = pyte.Screen(_WIDTH, _HEIGHT)
    screen.mode.add(20)
    pyte.Stream(screen).feed(output)
    return [[screen.buffer[y][x] for x in range(_WIDTH)] for y in range(_HEIGHT)]


def seen(cell: Any) -> tuple[Any, ...]:
    """What a reader sees of a cell: of a blank not its foreground."""
    ground = cell.data, cell.bg, cell.underscore, cell.reverse
    return (*ground, cell.fg, cell.bold) if cell.data.strip() or cell.reverse or cell.underscore else ground


@settings(max_examples=60, deadline=None)
@given(updates())
def test_every_dirty_cell_is_as_textual_would_paint_it(
    update: tuple[list[dict[int, Strip]], list[list[int]], list[tuple[int, int, int]]],
) -> None:
    chops, ends, spans = update
    console = SimpleNamespace(_color_system=None)
    ours = painted(crop._render_segments(ChopsUpdate(chops, spans, ends), console))
    whole = [(y, 0, _WIDTH) for y in range(_HEIGHT)]
    pen = "".join(
        f"\x1b[{y + 1};{x + 1}H"
        + "".join(Strip.render_style(style or CellStyle(), text, 3) for text, style, _ in strip)  # type: ignore[arg-type]
        for y, _, _ in whole
        for x, strip in chops[y].items()
    )
    theirs = painted(pen)
    wide_cut = {(y, x) for y, a, b in spans for edge in (a, b, *ends[y]) for x in (edge - 1, edge)}
    for y, a, b in spans:
        for x in range(a, b):
            if (y, x) in wide_cut:
                continue  # a wide character that is cut in two becomes blanks
            assert seen(ours[y][x]) == seen(theirs[y][x])


def test_only_the_span_is_written() -> None:
    strip = Strip([Segment("x" * 80, CellStyle(color="#ff0000"))])
    update = ChopsUpdate([{0: strip}], [(0, 70, 72)], [[80]])
    assert (
        crop._render_segments(update, SimpleNamespace(_color_system=None))
        == "\x1b[1;71H\x1b[38;2;255;0;0mxx\x1b[m"
    )


TEXTUALS_OWN = LayoutUpdate.render_segments


@settings(max_examples=60, deadline=None)
@given(updates())
def test_every_row_is_as_textual_would_paint_it(
    update: tuple[list[dict[int, Strip]], list[list[int]], list[tuple[int, int, int]]],
) -> None:
    console: Any = SimpleNamespace(_color_system=None)
    whole = LayoutUpdate([list(line.values()) for line in update[0]], Region(0, 0, _WIDTH, _HEIGHT))
    ours, theirs = painted(crop._render_whole(whole, console)), painted(TEXTUALS_OWN(whole, console))
    assert [[seen(cell) for cell in row] for row in ours] == [[seen(cell) for cell in row] for row in theirs]
