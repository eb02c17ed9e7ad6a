"""A list of runs that repaints the cells that changed.

It draws the lines it is given, however many: only those in view are made into text.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive

from tuilab.ui.plain_runs import Columns, RunLine, headings, run_row
from tuilab.ui.terminal.cells import cells
from tuilab.ui.widgets.painted import Lines
from tuilab.ui.widgets.pieces import Piece, clean

_ROLES = {"curve": "runs--curve"}
"""Roles that only a list of runs has."""

_MARGIN = 2
"""Cells at the left of each row, where any run is marked."""


class RunList(Lines, can_focus=True):
    """Runs, newest first, with a cursor that stays on its run while others come and go."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Open"),
        Binding("enter", "compare", "Compare"),
        Binding("space", "mark", "Mark"),
        Binding("up,k", "move(-1)", "One up", show=False),
        Binding("down,j", "move(1)", "One down", show=False),
        Binding("pageup", "page(-1)", "A page up", show=False),
        Binding("pagedown", "page(1)", "A page down", show=False),
        Binding("home,g", "edge(0)", "Newest", show=False),
        Binding("end,G", "edge(-1)", "Oldest", show=False),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "runs--cursor",
        "runs--curve",
        *(f"runs--cursor-{role}" for role in ("good", "warn", "bad", "accent", "dim", "strong", "curve")),
    }
    DEFAULT_CSS = """
    RunList {
        height: 1fr; padding: 0 1;
        &>.runs--curve { color: $primary; }
        &>.runs--cursor { background: $foreground 8%; }
        &>.runs--cursor-curve { background: $foreground 8%; color: $primary; }
        &>.runs--cursor-dim { background: $foreground 8%; color: $text-muted; }
        &>.runs--cursor-strong { background: $foreground 8%; text-style: bold; }
        &>.runs--cursor-accent { background: $foreground 8%; color: $text-accent; }
        &>.runs--cursor-good { background: $foreground 8%; color: $text-success; }
        &>.runs--cursor-warn { background: $foreground 8%; color: $text-warning; }
        &>.runs--cursor-bad { background: $foreground 8%; color: $text-error; text-style: bold; }
    }
    RunList:focus {
        &>.runs--cursor { background: $accent 20%; }
        &>.runs--cursor-curve { background: $accent 20%; }
        &>.runs--cursor-dim { background: $accent 20%; }
        &>.runs--cursor-strong { background: $accent 20%; }
        &>.runs--cursor-accent { background: $accent 20%; }
        &>.runs--cursor-good { background: $accent 20%; }
        &>.runs--cursor-warn { background: $accent 20%; }
        &>.runs--cursor-bad { background: $accent 20%; }
    }
    """

    cursor = reactive(0, repaint=False)
    """Which run the reader looks at."""

    @dataclass
    class Chosen(Message):
        """The reader wants this run opened."""

        path: Path

    @dataclass
    class Compared(Message):
        """The reader wants these runs side by side, the first of them watched."""

        paths: list[Path]

    @dataclass
    class Moved(Message):
        """The reader looks at another run, or at none."""

        line: RunLine | None

    def __init__(self, *, ascii_only: bool = False, id: str | None = None) -> None:  # noqa: A002
        """Make an empty list."""
        super().__init__(id=id)
        self._runs: Sequence[RunLine] = ()
        self._first = 0
        self._ascii = ascii_only
        self._marked: list[Path] = []

    @property
    def marked(self) -> Sequence[Path]:
        """The runs that are to be compared, in the order they were marked."""
        return self._marked

    def unmark(self) -> None:
        """Take all marks away."""
        self._marked = []
        self._show_marks()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Open one run, or compare those that are marked."""
        if action in ("choose", "compare"):
            return (action == "compare") is bool(self._marked)
        return True

    @property
    def looked_at(self) -> RunLine | None:
        """The run under the cursor."""
        return self._runs[self.cursor] if self.cursor < len(self._runs) else None

    def tell(self, runs: Sequence[RunLine]) -> None:
        """Show these runs from now on."""
        before = self.looked_at
        self._runs = runs
        if before is not None:
            places = {line.path: place for place, line in enumerate(runs)}
            # Where the run is gone, the one that took its place is looked at.
            self.set_reactive(
                RunList.cursor, places.get(before.path, min(self.cursor, max(len(runs) - 1, 0)))
            )
        self.paint()
        if self.looked_at != before:
            self.post_message(self.Moved(self.looked_at))

    def paint(self) -> None:
        """Bring every row in view up to date."""
        room = max(self.size.height - 1, 1)
        self._first = max(min(self._first, self.cursor, len(self._runs) - room), self.cursor - room + 1, 0)
        margin = _MARGIN if self._marked else 0
        columns, now = Columns.fitting(self.size.width - margin), time.time()
        rows: list[list[Piece]] = [[(" " * margin + headings(columns), "painted--dim")]]
        for place, line in enumerate(self._runs[self._first : self._first + room], self._first):
            pieces = [(clean(text), role) for text, role in run_row(line, columns, now, self._ascii)]
            if margin:
                mark = ("*" if self._ascii else "●") if line.path in self._marked else ""
                pieces.insert(0, (mark.ljust(margin), "accent"))
            rows.append(self._roles(pieces, place == self.cursor))
        self.show(rows)

    def _roles(self, pieces: list[Piece], under_cursor: bool) -> list[Piece]:
        """Turn plain roles into this widget's; the row under the cursor is filled to its end."""
        if not under_cursor:
            return [(text, _ROLES.get(role, f"painted--{role}" if role else "")) for text, role in pieces]
        rest = self.size.width - sum(cells(text) for text, _ in pieces)
        return [
            *((text, f"runs--cursor-{role}" if role else "runs--cursor") for text, role in pieces),
            (" " * max(rest, 0), "runs--cursor"),
        ]

    def watch_cursor(self) -> None:
        """Show where the cursor is, and say so."""
        self.paint()
        self.post_message(self.Moved(self.looked_at))

    def validate_cursor(self, place: int) -> int:
        """Stay in the list."""
        return max(min(place, len(self._runs) - 1), 0)

    def on_resize(self, _: events.Resize) -> None:
        """Choose anew what there is room for."""
        self.paint()

    def action_choose(self) -> None:
        """Ask for the run to be opened."""
        if self.looked_at is not None:
            self.post_message(self.Chosen(self.looked_at.path))

    def action_mark(self) -> None:
        """Mark the run for a comparison, or no longer, and go on to the next."""
        line = self.looked_at
        if line is None:
            return
        if line.path in self._marked:
            self._marked.remove(line.path)
        else:
            self._marked.append(line.path)
        self._show_marks()
        self.action_move(1)

    def action_compare(self) -> None:
        """Ask for the marked runs to be opened together; if it is marked, the one under the cursor first."""
        here = self.looked_at.path if self.looked_at else None
        self.post_message(self.Compared(sorted(self._marked, key=lambda path: path != here)))

    def _show_marks(self) -> None:
        self.paint()
        self.refresh_bindings()

    def action_move(self, rows: int) -> None:
        """Move the cursor."""
        self.cursor += rows

    def action_page(self, pages: int) -> None:
        """Move the cursor by what is in view."""
        self.cursor += pages * max(self.size.height - 2, 1)

    def action_edge(self, place: int) -> None:
        """Go to the newest run, or the oldest."""
        self.cursor = place if place >= 0 else len(self._runs) - 1

    def on_click(self, event: events.Click) -> None:
        """Look at what is pointed at; twice opens it."""
        place = self._first + event.y - 1
        if event.y >= 1 and place < len(self._runs):
            self.cursor = place
            if event.chain == 2:
                self.action_choose()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Move on."""
        event.stop()
        self.action_move(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Move back."""
        event.stop()
        self.action_move(-3)
