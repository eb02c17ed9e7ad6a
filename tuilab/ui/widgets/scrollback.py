"""Rows that are read from their end and scrolled back: what a log is shown in."""

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType

from tuilab.ui.widgets.painted import Lines
from tuilab.ui.widgets.pieces import Piece

MOST_ROWS = 2_000
"""Rows kept ready; more than anyone scrolls."""


class Scrollback(Lines, can_focus=True):
    """Shows the newest rows at the bottom; who inherits makes the rows for a width."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "back(1)", "Older", key_display="↑↓"),
        Binding("down,j", "back(-1)", "Newer", show=False),
        Binding("pageup", "page(1)", "A page older", show=False),
        Binding("pagedown", "page(-1)", "A page newer", show=False),
        Binding("home", "back(1000000)", "The oldest", show=False),
        Binding("end", "back(-1000000)", "The newest", show=False),
    ]
    DEFAULT_CSS = "Scrollback { height: 1fr; }"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._wrapped: list[list[Piece]] = []
        self._back = 0
        self._width = 0

    def wrapped(self, width: int) -> list[list[Piece]]:
        """Return all there is to show as rows of this width."""
        raise NotImplementedError

    def append(self, rows: Sequence[list[Piece]]) -> None:
        """Add rows at the end; who has scrolled back goes on reading what they read."""
        self._wrapped += rows
        del self._wrapped[:-MOST_ROWS]
        self._scroll(self._back + len(rows) if self._back else 0)

    def wrap(self) -> None:
        """Make all rows anew."""
        self._width = self.size.width
        self._wrapped = self.wrapped(self._width)[-MOST_ROWS:] if self._width else []
        self._scroll(self._back)

    def on_resize(self, _: events.Resize) -> None:
        """Wrap anew where the width changed."""
        if self.size.width != self._width:
            self.wrap()
        else:
            self._scroll(self._back)

    def action_back(self, rows: int) -> None:
        """Scroll by so many rows into the past."""
        self._scroll(self._back + rows)

    def action_page(self, pages: int) -> None:
        """Scroll by what is in sight."""
        self._scroll(self._back + pages * max(self.size.height - 1, 1))

    def on_mouse_scroll_up(self, _: events.MouseScrollUp) -> None:
        """Scroll back."""
        self.action_back(3)

    def on_mouse_scroll_down(self, _: events.MouseScrollDown) -> None:
        """Scroll towards now."""
        self.action_back(-3)

    def _scroll(self, back: int) -> None:
        self._back = min(max(back, 0), max(len(self._wrapped) - self.size.height, 0))
        end = len(self._wrapped) - self._back
        self.show(self._wrapped[max(end - self.size.height, 0) : end])
