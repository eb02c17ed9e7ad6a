"""The dialog that asks what to do with a run before anything is done to it."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Static

CHOICES = {
    "detach": ("Detach", "the run goes on; `tuilab attach` finds it"),
    "stop": ("Stop", "after this step, saving a checkpoint"),
    "kill": ("Kill", "at once; resume goes back to a checkpoint"),
    "cancel": ("Cancel", "go on watching"),
}


class StopDialog(ModalScreen[str]):
    """Returns detach, stop, kill or cancel."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(key[0], f"choose('{key}')", label) for key, (label, _) in CHOICES.items()),
        Binding("escape,q", "choose('cancel')", "Cancel", show=False),
        Binding("up", "app.focus_previous", show=False),
        Binding("down", "app.focus_next", show=False),
    ]
    DEFAULT_CSS = """
    StopDialog { align: center middle; background: $background 60%; }
    StopDialog > Vertical {
        width: 66; max-width: 100%; height: auto; max-height: 100%;
        padding: 1 2; background: $surface; border: round $accent;
    }
    StopDialog Static { margin-bottom: 1; color: $text-muted; }
    StopDialog Button {
        width: 100%; height: 1; min-height: 1; border: none; margin: 0; padding: 0 1;
        content-align: left middle; text-align: left; background: $surface; color: $foreground;
    }
    StopDialog Button:focus { background: $accent 30%; text-style: bold; }
    """

    def __init__(self, run: str) -> None:
        super().__init__()
        self._run = run

    def compose(self) -> ComposeResult:
        """Lay out the four choices, the harmless one chosen."""
        with Vertical():
            yield Static(f"What should become of {self._run}?", markup=False)
            for key, (label, about) in CHOICES.items():
                yield Button(f"\\[{key[0]}] {label:<8} {about}", id=key, compact=True)

    def on_mount(self) -> None:
        """Enter alone does no harm."""
        self.query_one("#cancel").focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Take a button as its key."""
        self.dismiss(event.button.id or "cancel")

    def action_choose(self, choice: str) -> None:
        """Close with a choice."""
        self.dismiss(choice)
