"""The question before a run is moved to the trash."""

from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Static


class DiscardDialog(ModalScreen[bool]):
    """Returns whether the run is to go."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d,y", "choose(True)", "Delete"),
        Binding("c,n,escape,q", "choose(False)", "Cancel"),
        Binding("up,left", "app.focus_previous", show=False),
        Binding("down,right", "app.focus_next", show=False),
    ]
    DEFAULT_CSS = """
    DiscardDialog { align: center middle; background: $background 60%; }
    DiscardDialog > Vertical {
        width: 66; max-width: 100%; height: auto; max-height: 100%;
        padding: 1 2; background: $surface; border: round $warning;
    }
    DiscardDialog Static { margin-bottom: 1; color: $text-muted; }
    DiscardDialog Button {
        width: 100%; height: 1; min-height: 1; border: none; margin: 0; padding: 0 1;
        content-align: left middle; text-align: left; background: $surface; color: $foreground;
    }
    DiscardDialog Button:focus { background: $accent 30%; text-style: bold; }
    """

    def __init__(self, run: str, trash: Path) -> None:
        super().__init__()
        self._run, self._trash = run, trash

    def compose(self) -> ComposeResult:
        """Lay out the two choices, the harmless one chosen."""
        with Vertical():
            yield Static(
                f"Delete {self._run}?\nIt is moved to {self._trash} and can be moved back.", markup=False
            )
            yield Button("\\[d] Delete", id="delete", compact=True)
            yield Button("\\[c] Cancel", id="cancel", compact=True)

    def on_mount(self) -> None:
        """Enter alone does no harm."""
        self.query_one("#cancel").focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Take a button as its key."""
        self.dismiss(event.button.id == "delete")

    def action_choose(self, delete: bool) -> None:
        """Close with a choice."""
        self.dismiss(delete)
