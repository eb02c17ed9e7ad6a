"""One row that says what is wrong and what to do, where anything is."""

from collections.abc import Sequence

from tuilab.ui.widgets.painted import Lines
from tuilab.ui.widgets.pieces import Piece


class Notice(Lines):
    """Takes a row only where there is something to say."""

    DEFAULT_CSS = "Notice { height: 1; display: none; }"

    def tell(self, pieces: Sequence[Piece]) -> None:
        """Show this, or nothing."""
        self.display = bool(pieces)
        self.show([pieces] if pieces else [])
