"""A page about one component or one table of settings."""

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from tuilab.registry import Card
from tuilab.ui.screens.lab_dialog import Dialog
from tuilab.ui.widgets.card_text import card_text
from tuilab.ui.widgets.key_bar import KeyBar

if TYPE_CHECKING:
    from textual.app import ComposeResult


class AboutScreen(Dialog[None]):
    """The whole docstring, the source, and every knob with its range."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,i", "dismiss", "Back", key_display="esc")]

    def __init__(self, card: Card, title: str) -> None:
        super().__init__()
        self._card, self._title = card, title

    def compose(self) -> "ComposeResult":
        """Lay out one page that scrolls."""
        with VerticalScroll(classes="sheet") as sheet:
            sheet.border_title = self._title
            yield Static(card_text(self._card))
        yield KeyBar()
