"""Partial updates that write only what changed.

Textual 8.2.8 writes each dirty span from its widget's left edge, and sets and
resets the colours at every segment. This writes the span alone, moves the cursor
the short way and keeps colours until they change: a fifth of the bytes. It
replaces a method of a private class, so it is pinned to the version whose code
was read, tries itself on a made-up update first, and leaves everything as it is
where anything is unexpected.
"""

from collections.abc import Iterator
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

import textual
from textual._compositor import ChopsUpdate
from textual.strip import Strip

from tuilab.ui.terminal.cells import one_cell_each
from tuilab.ui.terminal.rich_parts import CellStyle, Segment

PINNED = "8.2.8"
"""The version whose `ChopsUpdate` is known."""

_TRUE_COLOUR: Any = 3
"""Rich's number of the 24-bit colour system: what Textual assumes where it knows nothing."""


def install() -> bool:
    """Put the short updates in place; return whether they are."""
    if ChopsUpdate.render_segments is _render_segments:
        return True
    if textual.__version__ != PINNED or not _passes_self_test():
        return False
    ChopsUpdate.render_segments = _render_segments  # type: ignore[method-assign]
    return True


def _render_segments(self: ChopsUpdate, console: Any) -> str:
    """Return the escape sequences that paint the dirty spans and nothing else."""
    pen = _Pen(getattr(console, "_color_system", None) or _TRUE_COLOUR)
    for y, left, right in self.spans:
        for end, (x, strip) in zip(self.chop_ends[y], self.chops[y].items(), strict=False):
            if strip is not None and x < right and end > left:
                begin = max(left, x)
                pen.paint(begin, y, strip, begin - x, min(end, right) - x)
    return pen.finish()


class _Pen:
    """Collects output and remembers where the cursor is and which colours are set."""

    def __init__(self, color_system: Any) -> None:
        self._color_system = color_system
        self._out: list[str] = []
        self._at = (-1, -1)
        self._set = ("", "", "")

    def paint(self, x: int, y: int, strip: Strip, first: int, end: int) -> None:
        """Write some cells of a strip at a place."""
        if (x, y) != self._at:
            ahead = x - self._at[0]
            same_line = self._at[1] == y and ahead > 0
            self._out.append(f"\x1b[{ahead}C" if same_line else f"\x1b[{y + 1};{x + 1}H")
        for text, style in _cut(strip, first, end):
            if style is not None and style.link:
                self._out.append(self._change(("", "", "")))
                self._out.append(Strip.render_style(style, text, self._color_system))
                continue
            wanted = ("", "", "") if style is None else _codes(style, self._color_system)
            if not text.strip(" ") and not (_seen_on_blanks(wanted[0]) or _seen_on_blanks(self._set[0])):
                wanted = (*self._set[:2], wanted[2])
            if wanted != self._set:
                self._out.append(self._change(wanted))
            self._out.append(text)
        self._at = (x + min(end, strip.cell_length) - first, y)

    def finish(self) -> str:
        """Return everything, with the colours put back."""
        self._out.append(self._change(("", "", "")))
        return "".join(self._out)

    def _change(self, wanted: tuple[str, str, str]) -> str:
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
def _codes(style: CellStyle, color_system: Any) -> tuple[str, str, str]:
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
    return painted == "\x1b[1;3H\x1b[1;38;2;255;0;0mc\x1b[;38;2;0;255;0md\x1b[1Cfgh\x1b[mi"
