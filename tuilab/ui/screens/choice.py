"""A question with a few answers, each with a key: what every such dialog of the lab is."""

from collections.abc import Mapping
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Button, Static

from tuilab.ui.widgets.still_screen import StillModal

_FRAMED = (44, 12)
"""Columns and rows from which there is room for a frame."""


class ChoiceDialog(StillModal[str]):
    """Returns the answer's name; the last one does no harm and is what esc and enter give.

    Who inherits gives the answers and binds their keys. On a small terminal the frame is
    left out first, then the explanations: the answers are always in sight.
    """

    ANSWERS: ClassVar[Mapping[str, tuple[str, str]]]
    """Label and explanation by name; the name's first letter is the key."""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "cancel", "Cancel", show=False),
        Binding("up,left", "app.focus_previous", show=False),
        Binding("down,right", "app.focus_next", show=False),
    ]
    DEFAULT_CSS = """
    ChoiceDialog { align: center middle; background: $background 60%; }
    ChoiceDialog > Vertical {
        width: 66; max-width: 100%; height: auto; max-height: 100%;
        padding: 1 2; background: $surface; border: round $accent;
    }
    ChoiceDialog Static { margin-bottom: 1; color: $text-muted; }
    ChoiceDialog Button {
        width: 100%; height: 1; min-height: 1; border: none; margin: 0; padding: 0 1;
        content-align: left middle; text-align: left; background: $surface; color: $foreground;
        text-wrap: nowrap; text-overflow: ellipsis;
    }
    ChoiceDialog Button:focus { background: $accent 30%; text-style: bold; }
    ChoiceDialog.-bare > Vertical { border: none; padding: 0; width: 100%; }
    ChoiceDialog.-bare Static { margin: 0; height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
    ChoiceDialog.-bare Button { padding: 0; }
    """

    def __init__(self, question: str) -> None:
        super().__init__()
        self._question = question

    def compose(self) -> ComposeResult:
        """Lay out the question above its answers."""
        with Vertical():
            yield Static(self._question, markup=False)
            for name, (label, about) in self.ANSWERS.items():
                text = Content.assemble((f"[{name[0]}]", "bold $accent"), f" {label:<8} {about}")
                yield Button(text, id=name, compact=True)

    def on_mount(self) -> None:
        """Enter alone does no harm."""
        self.query_one(f"#{self._harmless}").focus()

    def on_resize(self, event: events.Resize) -> None:
        """Leave out what there is no room for."""
        width, height = event.size
        self.set_class(width < _FRAMED[0] or height < _FRAMED[1], "-bare")
        self.query_one(Static).display = height > len(self.ANSWERS)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Take a button as its key."""
        self.dismiss(event.button.id or self._harmless)

    def action_choose(self, answer: str) -> None:
        """Close with an answer."""
        self.dismiss(answer)

    def action_cancel(self) -> None:
        """Close with the answer that does no harm."""
        self.dismiss(self._harmless)

    @property
    def _harmless(self) -> str:
        return list(self.ANSWERS)[-1]
