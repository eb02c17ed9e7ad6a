"""The last events of a run, and in full on a key."""

from collections.abc import Sequence

from tuilab.events import Event
from tuilab.ui.widgets.event_text import briefly, event_rows
from tuilab.ui.widgets.pieces import Piece
from tuilab.ui.widgets.scrollback import MOST_ROWS, Scrollback


class EventLog(Scrollback):
    """Shows the newest events at the bottom; with the tracebacks where it has the room to itself."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._events: list[Event] = []
        self._whole = False

    def add(self, found: Sequence[Event]) -> None:
        """Append events that were read."""
        before = self._events[-1] if self._events else None
        self._events += found
        del self._events[:-MOST_ROWS]
        if width := self.size.width:
            named = found if self._whole else briefly(found, before)
            self.append([row for event in named for row in event_rows(event, width, self._whole)])

    def show_whole(self, whole: bool) -> None:
        """Show all that events say, or what fits a few rows."""
        if whole != self._whole:
            self._whole = whole
            self.set_class(whole, "-alone")
            self.wrap()

    def wrapped(self, width: int) -> list[list[Piece]]:
        """Return the newest events as rows."""
        named = self._events if self._whole else briefly(self._events)
        return [row for event in named for row in event_rows(event, width, self._whole)]
