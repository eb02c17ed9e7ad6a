"""What the worker itself has printed: the end of worker.log."""

import re

from tuilab.ui.terminal.cells import wrapped
from tuilab.ui.widgets.pieces import Piece, clean
from tuilab.ui.widgets.scrollback import Scrollback

_ESCAPES = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)?|.)")


class WorkerOutput(Scrollback):
    """Shows the last lines, wrapped; scrolls back."""

    DEFAULT_CSS = "WorkerOutput { display: none; }"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._text: list[str] = []

    def tell(self, output: str) -> None:
        """Show another end of the output."""
        self._text = printed(output)
        self.wrap()

    def wrapped(self, width: int) -> list[list[Piece]]:
        """Return the lines, those that are too long continued below."""
        if not self._text:
            return [[("The worker has printed nothing.", "painted--dim")]]
        return [[(part, "")] for line in self._text for part in wrapped(line, max(width, 8))]


def printed(output: str) -> list[str]:
    r"""Return what a terminal would show of an output: no escapes, of a redrawn line the last form.

    >>> printed("a\n 1%\r 50%\r 99%\n\x1b[31mred\x1b[0m")
    ['a', ' 99%', 'red']
    """
    lines = _ESCAPES.sub("", output).replace("\r\n", "\n").split("\n")
    return [clean(line.rstrip("\r").rpartition("\r")[2]) for line in lines if line]
