"""What all dialogs of the lab share: a sheet over the dimmed screen, and the keys that work in it."""

from pathlib import Path
from typing import TypeVar

from textual.screen import ModalScreen

Answer = TypeVar("Answer")


class Dialog(ModalScreen[Answer]):
    """A sheet in the middle; esc goes back."""

    CSS_PATH = Path(__file__).parents[1] / "styles" / "dialog.tcss"
    DEFAULT_CLASSES = "dialog"
