"""What all dialogs of the lab share: a sheet over the dimmed screen, and the keys that work in it."""

from pathlib import Path
from typing import TypeVar

from tuilab.ui.widgets.still_screen import StillModal

Answer = TypeVar("Answer")


class Dialog(StillModal[Answer]):
    """A sheet in the middle; esc goes back."""

    CSS_PATH = Path(__file__).parents[1] / "styles" / "dialog.tcss"
    DEFAULT_CLASSES = "dialog"
    VERTICAL_BREAKPOINTS = [(0, "-short"), (12, "-high")]  # noqa: RUF012  (Textual declares it so)
