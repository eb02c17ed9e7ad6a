"""The prompt for another learning rate."""

import math
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from tuilab.ui.widgets.figures import plain


class RatePrompt(ModalScreen[float | None]):
    """Returns the rate that the schedule multiplies from now on, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Cancel")]
    DEFAULT_CSS = """
    RatePrompt { align: center middle; background: $background 60%; }
    RatePrompt > Vertical {
        width: 56; max-width: 100%; height: auto; max-height: 100%;
        padding: 1 2; background: $surface; border: round $accent;
    }
    RatePrompt Input { margin: 1 0 0 0; }
    RatePrompt #problem { color: $text-error; height: auto; }
    """

    def __init__(self, present: float) -> None:
        super().__init__()
        self._present = present

    def compose(self) -> ComposeResult:
        """Lay out the question."""
        with Vertical():
            yield Static("Learning rate that the schedule multiplies", markup=False)
            yield Input(plain(self._present), compact=True)
            yield Static("", id="problem", markup=False)

    @on(Input.Changed)
    def _check(self, event: Input.Changed) -> None:
        self.query_one("#problem", Static).update(problem(event.value))

    @on(Input.Submitted)
    def _take(self, event: Input.Submitted) -> None:
        if not problem(event.value):
            self.dismiss(float(event.value))


def problem(text: str) -> str:
    """Return what is wrong with a rate; nothing where it will do.

    >>> problem("3e-4"), problem("-1"), problem("fast")
    ('', 'It must be a number from 0 up.', 'It must be a number such as 3e-4.')
    """
    try:
        value = float(text)
    except ValueError:
        return "It must be a number such as 3e-4."
    if not math.isfinite(value) or value < 0:
        return "It must be a number from 0 up."
    return ""
