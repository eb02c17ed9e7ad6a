"""The line that always tells where a run stands, and the bar beneath it."""

from textual import events

from tuilab.status import Status
from tuilab.ui.widgets.painted import Lines
from tuilab.ui.widgets.status_text import bar_row, status_row


class StatusLine(Lines):
    """Two rows: state, step, epoch, rate, ETA, device, best; and how much is done."""

    DEFAULT_CSS = "StatusLine { height: 2; }"

    def __init__(self, name: str, *, id: str | None = None) -> None:  # noqa: A002
        """Make a line for a run of this name."""
        super().__init__(id=id)
        self._run_name = name
        self._status = Status("opening")
        self._loading: float | None = None
        self._cost = ""
        self._silent = 0.0

    def tell(self, status: Status, loading: float | None = None, cost: str = "", silent: float = 0.0) -> None:
        """Show a status.

        Args:
            status: What the run last said.
            loading: Share of its rows read so far; None once all are.
            cost: What the screen costs the line, where the reader wants to know.
            silent: Seconds since a live worker has last said anything.
        """
        self._status, self._loading, self._cost, self._silent = status, loading, cost, silent
        width = self.size.width
        row = status_row(status, self._run_name, width, silent)
        self.show([row, bar_row(status, loading, width, cost)])

    def on_resize(self, _: events.Resize) -> None:
        """Choose anew what there is room for."""
        self.tell(self._status, self._loading, self._cost, self._silent)
