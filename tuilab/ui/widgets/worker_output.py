"""What the worker itself has printed: the end of worker.log."""

import re
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType

from tuilab.ui.widgets.painted import Lines
from tuilab.ui.widgets.pieces import clean

_ESCAPES = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)?|.)")


class WorkerOutput(Lines, can_focus=True):
    """Shows the last lines; scrolls back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "back(1)", "Older", show=False),
        Binding("down", "back(-1)", "Newer", show=False),
        Binding("pageup", "back(10)", "Older", show=False),
        Binding("pagedown", "back(-10)", "Newer", show=False),
    ]
    DEFAULT_CSS = "WorkerOutput { height: 1fr; display: none; }"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._text: list[str] = []
        self._back = 0

    def tell(self, output: str) -> None:
        """Show another end of the output."""
        self._text = printed(output)
        self.action_back(0)

    def on_resize(self, _: events.Resize) -> None:
        """Show what fits."""
        self.action_back(0)

    def action_back(self, rows: int) -> None:
        """Scroll by so many rows into the past."""
        self._back = min(max(self._back + rows, 0), max(len(self._text) - self.size.height, 0))
        end = len(self._text) - self._back
        rows_shown = self._text[max(end - self.size.height, 0) : end]
        if not self._text:
            self.show([[("The worker has printed nothing.", "painted--dim")]])
        else:
            self.show([[(line, "")] for line in rows_shown])

    def on_mouse_scroll_up(self, _: events.MouseScrollUp) -> None:
        """Scroll back."""
        self.action_back(3)

    def on_mouse_scroll_down(self, _: events.MouseScrollDown) -> None:
        """Scroll towards now."""
        self.action_back(-3)


def printed(output: str) -> list[str]:
    r"""Return what a terminal would show of an output: no escapes, of a redrawn line the last form.

    >>> printed("a\n 1%\r 50%\r 99%\n\x1b[31mred\x1b[0m")
    ['a', ' 99%', 'red']
    """
    lines = _ESCAPES.sub("", output).replace("\r\n", "\n").split("\n")
    return [clean(line.rstrip("\r").rpartition("\r")[2]) for line in lines if line]
