"""The last events of a run, and in full on a key."""

from collections.abc import Sequence
from typing import ClassVar

from textual import events as ui
from textual.binding import Binding, BindingType

from tuilab.events import Event
from tuilab.ui.widgets.event_text import event_rows
from tuilab.ui.widgets.painted import Lines
from tuilab.ui.widgets.pieces import Piece

_MOST_LINES = 2_000
"""Rows kept ready; more than anyone scrolls."""


class EventLog(Lines, can_focus=True):
    """Shows the newest events at the bottom; scrolls back by keys and wheel."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "back(1)", "Older", show=False),
        Binding("down", "back(-1)", "Newer", show=False),
        Binding("pageup", "back(10)", "Older", show=False),
        Binding("pagedown", "back(-10)", "Newer", show=False),
    ]
    DEFAULT_CSS = "EventLog { height: 1fr; }"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._events: list[Event] = []
        self._wrapped: list[list[Piece]] = []
        self._width = 0
        self._back = 0

    def add(self, found: Sequence[Event]) -> None:
        """Append events that were read."""
        self._events += found
        del self._events[:-_MOST_LINES]
        if self.size.width:
            for event in found:
                self._wrapped += event_rows(event, self.size.width)
            del self._wrapped[:-_MOST_LINES]
            self._paint()

    def clear(self) -> None:
        """Forget all, as when the run is read anew."""
        self._events, self._wrapped, self._back = [], [], 0
        self._paint()

    def on_resize(self, _: ui.Resize) -> None:
        """Wrap anew where the width changed."""
        if self.size.width != self._width:
            self._width = self.size.width
            newest = self._events[-_MOST_LINES:]
            self._wrapped = [row for event in newest for row in event_rows(event, self._width)][-_MOST_LINES:]
        self._paint()

    def action_back(self, rows: int) -> None:
        """Scroll by so many rows into the past."""
        self._back = min(max(self._back + rows, 0), max(len(self._wrapped) - self.size.height, 0))
        self._paint()

    def on_mouse_scroll_up(self, _: ui.MouseScrollUp) -> None:
        """Scroll back."""
        self.action_back(3)

    def on_mouse_scroll_down(self, _: ui.MouseScrollDown) -> None:
        """Scroll towards now."""
        self.action_back(-3)

    def _paint(self) -> None:
        end = len(self._wrapped) - self._back
        self.show(self._wrapped[max(end - self.size.height, 0) : end])
