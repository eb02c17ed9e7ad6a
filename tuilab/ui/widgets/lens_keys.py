"""The keys that change how all charts are looked at: cursor, zoom, axes, smoothing, glyphs."""

import math
from dataclasses import dataclass, replace
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.message import Message

from tuilab.ui.terminal.abilities import LADDER
from tuilab.ui.widgets.lens import SMOOTHINGS, X_MODES, Lens, fitted, logarithmic, zoomed

Span = tuple[float, float]

_CURSOR, _TEN = "Cursor: the values in a column", "Cursor by ten columns"
_PAN = "Earlier or later, where zoomed"
"""What help says of keys that belong together."""


class LensKeys(Container):
    """A container that has a lens and the keys for it; who inherits says what the axis holds, and draws."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "cursor(-1)", "Cursor", key_display="←→", tooltip=_CURSOR),
        Binding("right", "cursor(1)", "Cursor right", show=False, key_display="←→", tooltip=_CURSOR),
        Binding("shift+left", "cursor(-10)", "Cursor ten left", show=False, tooltip=_TEN),
        Binding("shift+right", "cursor(10)", "Cursor ten right", show=False, tooltip=_TEN),
        Binding("home", "first", "First column", show=False, tooltip="Cursor to the first column"),
        Binding("end", "newest", "Newest step", show=False, tooltip="Cursor to the newest step"),
        Binding("plus,equals_sign", "zoom(0.5)", "Zoom in", show=False),
        Binding("minus", "zoom(2.0)", "Zoom out", show=False),
        Binding("left_square_bracket", "pan(-0.25)", "Earlier", show=False, tooltip=_PAN),
        Binding("right_square_bracket", "pan(0.25)", "Later", show=False, tooltip=_PAN),
        Binding("f", "follow", "Follow the run", show=False),
        Binding("x", "x_mode", "X axis: step, epoch, samples or time", show=False),
        Binding("X", "x_log", "Log x axis", show=False),
        Binding("z", "smooth", "Smooth", show=False),
        Binding("b", "robust", "Limits without outliers", show=False),
        Binding("g", "glyphs", "Glyphs", show=False),
    ]

    @dataclass
    class LensChanged(Message):
        """The reader looks at the charts in another way."""

        lens: Lens

    _lens = Lens()

    @property
    def lens(self) -> Lens:
        """How the reader looks at all charts."""
        return self._lens

    def whole(self) -> tuple[float, float]:
        """Return the ends of the axis where nothing is zoomed."""
        raise NotImplementedError

    def newest(self) -> float:
        """Return the x of the newest step."""
        raise NotImplementedError

    def narrowest(self) -> float:
        """Return how much of the axis is shown at least."""
        raise NotImplementedError

    def beside(self, x: float, columns: int) -> float:
        """Return the x that lies so many columns beside another."""
        raise NotImplementedError

    def draw(self) -> None:
        """Draw what is in sight."""
        raise NotImplementedError

    def look(self, **changes: object) -> None:
        """Change how the reader looks, and show it."""
        self._lens = replace(self._lens, **changes)  # type: ignore[arg-type]
        self.draw()
        self.post_message(self.LensChanged(self._lens))

    def action_cursor(self, columns: int) -> None:
        """Move the cursor; it begins at the newest step."""
        if self._lens.cursor is None:
            self.action_newest()
        else:
            self.look(cursor=self.beside(self._lens.cursor, columns))

    def action_first(self) -> None:
        """Move the cursor to the first column in view."""
        self.look(cursor=self.beside((self._lens.window or self.whole())[0], -1))

    def action_newest(self) -> None:
        """Move the cursor to the newest step that is in view."""
        left, right = self._lens.window or self.whole()
        self.look(cursor=min(max(self.newest(), left), right))

    def action_zoom(self, factor: float) -> None:
        """Zoom about the cursor, or the middle."""
        left, right = self._on_axis(self._lens.window or self.whole())
        middle = (left + right) / 2
        if self._lens.cursor is not None:
            self.zoom_at(self._lens.cursor, factor)
        else:
            self.zoom_at(math.exp(middle) if self._lens.x_log else middle, factor)

    def zoom_at(self, x: float, factor: float) -> None:
        """Make the window so many times as wide, leaving an x in its place."""
        whole, least = self._on_axis(self.whole()), self.narrowest()
        at, _ = self._on_axis((x, x))
        if self._lens.x_log:
            least = math.log1p(least / max(x, 1.0))
        window = zoomed(self._on_axis(self._lens.window or self.whole()), at, factor, whole, least)
        self.look(window=None if window == whole else self._off_axis(window))

    def action_pan(self, share: float) -> None:
        """Move the window by a share of itself."""
        if self._lens.window is not None:
            left, right = self._on_axis(self._lens.window)
            by = (right - left) * share
            window = fitted((left + by, right + by), self._on_axis(self.whole()))
            left, right = self._off_axis(window)
            cursor = self._lens.cursor
            # What is read is what is seen.
            self.look(window=(left, right), cursor=None if cursor is None else min(max(cursor, left), right))

    def _on_axis(self, span: Span) -> Span:
        """Return a span as the axis has it: zooming and panning go by what is seen."""
        return logarithmic(span) if self._lens.x_log else span

    def _off_axis(self, span: Span) -> Span:
        return (math.exp(span[0]), math.exp(span[1])) if self._lens.x_log else span

    def action_follow(self) -> None:
        """Show the whole run again."""
        self.look(window=None, cursor=None)

    def action_x_mode(self) -> None:
        """Go on to the next horizontal axis."""
        mode = X_MODES[(X_MODES.index(self._lens.x_mode) + 1) % len(X_MODES)]
        self.look(x_mode=mode, window=None, cursor=None)

    def action_x_log(self) -> None:
        """Make the horizontal axis logarithmic, or linear again."""
        self.look(x_log=not self._lens.x_log)

    def action_smooth(self) -> None:
        """Smooth more, or not at all again."""
        self.look(smoothing=SMOOTHINGS[(SMOOTHINGS.index(self._lens.smoothing) + 1) % len(SMOOTHINGS)])

    def action_robust(self) -> None:
        """Leave outliers outside the limits, or take them in again."""
        self.look(robust=not self._lens.robust)

    def action_glyphs(self) -> None:
        """Go on to the next way of drawing dots."""
        self.look(glyphs=LADDER[(LADDER.index(self._lens.glyphs) + 1) % len(LADDER)])
