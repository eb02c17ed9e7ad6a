"""Inputs of one line, without a frame, whose enter key says in the footer what it does."""

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingsMap, BindingType
from textual.widgets import Input

_EDITS = {key: bound[0].action for key, bound in BindingsMap(Input.BINDINGS).key_to_bindings.items()}
"""What keys do in any input."""


class LineInput(Input):
    """Typed text is kept with enter."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "submit", "Keep")]

    DEFAULT_CSS = """
    LineInput, LineInput:focus {
        border: none;
        height: 1;
        padding: 0;
        background: $surface;
        color: $foreground;
    }
    LineInput:focus { background: $accent 25%; }
    """

    def __init__(self, value: str = "", placeholder: str = "", *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(value, placeholder, compact=True, id=id)
        # A blinking cursor sends bytes for ever; over a slow link idle means idle.
        self.cursor_blink = False

    async def _on_key(self, event: events.Key) -> None:
        """Edit in the order that was typed.

        A bound key bubbles up to the app before it acts. Where a link delivers keys in bursts, a
        backspace would be overtaken by the letters typed after it.
        """
        if event.key in _EDITS:
            event.stop()
            event.prevent_default()
            await self.run_action(_EDITS[event.key])


class FieldEditor(LineInput):
    """Laid over a value while it is typed."""

    DEFAULT_CSS = """
    FieldEditor { position: absolute; }
    """


class FindInput(LineInput):
    """What a list is narrowed down to."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "submit", "Choose")]


class NameInput(LineInput):
    """What something is to be called."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "submit", "Save")]
