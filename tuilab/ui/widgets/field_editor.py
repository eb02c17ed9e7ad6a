"""The input that is laid over a value while it is typed."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import Input


class FieldEditor(Input):
    """One line, without a frame, where the value stood."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "submit", "Keep")]

    DEFAULT_CSS = """
    FieldEditor, FieldEditor:focus {
        position: absolute;
        height: 1;
        border: none;
        padding: 0;
        background: $accent 35%;
        color: $foreground;
    }
    """

    def __init__(self) -> None:
        super().__init__(compact=True, select_on_focus=True)
        # A blinking cursor sends bytes for ever; over a slow link idle means idle.
        self.cursor_blink = False
