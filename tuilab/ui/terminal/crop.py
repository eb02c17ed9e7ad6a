"""Updates that write only what changed, and whole screens without a word too many.

Textual 8.2.8 writes each dirty span from its widget's left edge, and sets and
resets the colours at every segment. This writes the span alone, moves the cursor
the short way, and paints colour by colour where that is shorter: a fifth of the bytes.
Whole screens, as dialogs need them, take a third. Methods of private classes are
replaced, see `pinned`; each is tried on a made-up update first.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from types import SimpleNamespace
from typing import Any, NamedTuple

from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from tuilab.ui.terminal.cells import one_cell_each
from tuilab.ui.terminal.pinned import put_in_place
from tuilab.ui.terminal.rich_parts import CellStyle, Segment, cell_count

_TRUE_COLOUR: Any = 3
"""Rich's number of the 24-bit colour system: what Textual assumes where it knows nothing."""


_Codes = tuple[str, str, str]
"""Codes for attributes, foreground and background."""

_PLAIN: _Codes = ("", "", "")


def install() -> bool:
    """Put the short updates in place; return whether they are."""
    return put_in_place(ChopsUpdate, "render_segments", _render_segments, _passes_self_test) and put_in_place(
        LayoutUpdate, "render_segments", _render_whole, _paints_whole
    )


def _render_whole(self: LayoutUpdate, console: Any) -> str:
    """Return the escape sequences that paint every row: a third of what Textual's own take."""
    system = getattr(console, "_color_system", None) or _TRUE_COLOUR
    return _written(_rows(self, system), system)


def _rows(update: LayoutUpdate, system: Any) -> "Iterator[_Run]":
    """Yield the cells of every row."""
    for y, strips in enumerate(update.strips, update.region.y):
        x = update.region.x
        for strip in strips:
            for text, style, _ in strip:
                run = _run(y, x, text, style, system)
                yield run
                x += run.cells


def _render_segments(self: ChopsUpdate, console: Any) -> str:
    """Return the escape sequences that paint the dirty spans and nothing else."""
    system = getattr(console, "_color_system", None) or _TRUE_COLOUR
    runs = list(_runs(self, system))
    # Another colour takes four times the bytes of a way to another place: colour by colour is often shorter.
    return min(_written(runs, system), _written(_by_colour(runs), system), key=len)


class _Run(NamedTuple):
    """Cells beside one another that look the same."""

    y: int
    x: int
    text: str
    cells: int
    codes: _Codes
    """Attributes, foreground and background."""
    blank: bool
    """Nothing but the background is seen of it."""
    link: CellStyle | None
    """Its style where it leads somewhere."""


def _runs(update: ChopsUpdate, system: Any) -> Iterator[_Run]:
    """Yield the dirty cells, span by span."""
    for y, left, right in update.spans:
        for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            if strip is None or x >= right or end <= left:
                continue
            at = max(left, x)
            for text, style in _cut(strip, at - x, min(end, right) - x):
                run = _run(y, at, text, style, system)
                yield run
                at += run.cells


def _run(y: int, x: int, text: str, style: CellStyle | None, system: Any) -> _Run:
    """Return a text in one style as what is to be written."""
    codes = _PLAIN if style is None else _codes(style, system)
    cells = len(text) if one_cell_each(text) else cell_count(text)
    blank = not text.strip(" ") and not _seen_on_blanks(codes[0])
    return _Run(y, x, text, cells, codes, blank, style if style and style.link else None)


def _by_colour(runs: Sequence[_Run]) -> list[_Run]:
    """Return the runs of the first colour, then those of the next; blanks with what stands before them."""
    groups: dict[_Codes, list[_Run]] = {}
    before = _PLAIN
    for run in runs:
        at_hand = run.blank and run.codes[2] == before[2] and not _seen_on_blanks(before[0])
        before = before if at_hand and before in groups else run.codes
        groups.setdefault(before, []).append(run)
    return [run for group in groups.values() for run in group]


def _written(runs: Iterable[_Run], system: Any) -> str:
    """Return what paints these runs, one after the other."""
    pen = _Pen(system)
    for run in runs:
        pen.paint(run)
    return pen.finish()


class _Pen:
    """Collects output and remembers where the cursor is and which colours are set."""

    def __init__(self, color_system: Any) -> None:
        self._color_system = color_system
        self._out: list[str] = []
        self._at = (-1, -1)
        self._set = _PLAIN

    def paint(self, run: _Run) -> None:
        """Write a run at its place."""
        if (run.x, run.y) != self._at:
            ahead = run.x - self._at[0]
            if self._at[1] == run.y and ahead > 0:
                self._out.append("\x1b[C" if ahead == 1 else f"\x1b[{ahead}C")
            else:
                self._out.append(f"\x1b[{run.y + 1};{run.x + 1}H")
        self._at = (run.x + run.cells, run.y)
        if run.link is not None:
            self._out.append(self._change(_PLAIN))
            self._out.append(Strip.render_style(run.link, run.text, self._color_system))
            return
        wanted = run.codes
        if run.blank and not _seen_on_blanks(self._set[0]):
            wanted = (*self._set[:2], wanted[2])
        if wanted != self._set:
            self._out.append(self._change(wanted))
        self._out.append(run.text)

    def finish(self) -> str:
        """Return everything, with the colours put back."""
        self._out.append(self._change(_PLAIN))
        return "".join(self._out)

    def _change(self, wanted: _Codes) -> str:
        """Return what turns the colours that are set into those that are wanted."""
        before, self._set = self._set, wanted
        if before == wanted:
            return ""
        # Attributes can only be taken away all at once, and so can a colour for the default.
        pairs = list(zip(before, wanted, strict=True))
        if (before[0] and before[0] != wanted[0]) or any(old and not new for old, new in pairs):
            codes = ";".join(("", *filter(None, wanted)))
        else:
            codes = ";".join(new for old, new in pairs if new != old)
        return f"\x1b[{codes}m"


def _cut(strip: Strip, first: int, end: int) -> Iterator[tuple[str, CellStyle | None]]:
    """Yield the texts of some cells and their styles."""
    if not one_cell_each(strip.text):
        yield from ((text, style) for text, style, _ in strip.crop(first, end))
        return
    at = 0
    for text, style, _ in strip:
        after = at + len(text)
        if after > first:
            yield text[max(first - at, 0) : end - at], style
        at = after
        if at >= end:
            return


@lru_cache(maxsize=64)
def _seen_on_blanks(attributes: str) -> bool:
    """Whether a blank shows these: underlined, blinking, reversed, struck through, overlined, framed."""
    return any(code not in ("", "1", "2", "3") for code in attributes.split(";"))


@lru_cache(maxsize=4096)
def _codes(style: CellStyle, color_system: Any) -> _Codes:
    """Return a style's codes for attributes, foreground and background, as Textual would write them."""
    plain = style.without_color
    fore, back = style.color, style.bgcolor
    return (
        Strip.render_ansi(plain, color_system),
        ";".join(fore.downgrade(color_system).get_ansi_codes()) if fore else "",
        ";".join(back.downgrade(color_system).get_ansi_codes(False)) if back else "",
    )


def _passes_self_test() -> bool:
    """Whether an update made like Textual's own is painted as it should be."""
    red, plain = CellStyle(color="#ff0000", bold=True), CellStyle(color="#00ff00")
    left = Strip([Segment("abc", red), Segment("def", plain)])
    right = Strip([Segment("gh", plain), Segment("ij")])
    console = SimpleNamespace(_color_system=None)
    try:
        update = ChopsUpdate([{0: left, 6: right, 10: None}], [(0, 2, 4), (0, 5, 9)], [[6, 10, 20]])
        painted = _render_segments(update, console)
    except (AttributeError, TypeError, ValueError, KeyError):
        return False
    return painted == "\x1b[1;3H\x1b[1;38;2;255;0;0mc\x1b[;38;2;0;255;0md\x1b[Cfgh\x1b[mi"


def _paints_whole() -> bool:
    """Whether a screen of two rows is painted as it should be."""
    red = CellStyle(color="#ff0000")
    rows: list[Iterable[Strip]] = [
        [Strip([Segment("ab", red)]), Strip([Segment("c", red)])],
        [Strip([Segment("  d")])],
    ]
    try:
        painted = _render_whole(LayoutUpdate(rows, Region(0, 0, 3, 2)), SimpleNamespace(_color_system=None))
    except (AttributeError, TypeError, ValueError, KeyError):
        return False
    return painted == "\x1b[1;1H\x1b[38;2;255;0;0mabc\x1b[2;1H\x1b[m  d"
