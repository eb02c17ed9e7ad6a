"""The question before a run is moved to the trash."""

from pathlib import Path
from typing import ClassVar

from textual.binding import Binding, BindingType

from tuilab.ui.screens.choice import ChoiceDialog


class DiscardDialog(ChoiceDialog):
    """Returns delete or cancel."""

    ANSWERS: ClassVar = {"delete": ("Delete", ""), "cancel": ("Cancel", "")}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d,y", "choose('delete')", "Delete", key_display="d"),
        Binding("c,n", "choose('cancel')", "Cancel", key_display="c"),
    ]
    DEFAULT_CSS = "DiscardDialog > Vertical { border: round $warning; }"

    def __init__(self, run: str, trash: Path) -> None:
        super().__init__(f"Delete {run}?\nIt is moved to {trash} and can be moved back.")
