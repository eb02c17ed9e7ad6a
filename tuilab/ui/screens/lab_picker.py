"""Choose a component: the list, found by typing, with what the highlighted one is."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Static

from tuilab.registry import Card
from tuilab.ui.screens.lab_dialog import Dialog
from tuilab.ui.widgets.card_text import card_text
from tuilab.ui.widgets.find_list import FindList, Item
from tuilab.ui.widgets.key_bar import KeyBar

if TYPE_CHECKING:
    from textual.app import ComposeResult


class PickScreen(Dialog[str | None]):
    """Returns the name that was chosen, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "Back")]

    def __init__(self, title: str, items: Sequence[Item], chosen: str, cards: Mapping[str, Card]) -> None:
        super().__init__(classes="dialog" if cards else "dialog -small")
        self._title, self._items, self._chosen, self._cards = title, items, chosen, cards

    def compose(self) -> "ComposeResult":
        """Lay out the list, and beside it the card."""
        with Vertical(classes="sheet") as sheet:
            sheet.border_title = self._title
            with Horizontal():
                yield FindList(finds_at_once=True, id="choices")
                if self._cards:
                    with VerticalScroll(id="page", can_focus=False):
                        yield Static(id="card-text")
        yield KeyBar()

    def on_mount(self) -> None:
        """Start where the present choice is."""
        choices = self.query_one("#choices", FindList)
        choices.show(self._items, self._chosen)
        choices.mark({self._chosen: "●"})
        choices.take_focus()

    @on(FindList.Looked)
    def _looked(self, message: FindList.Looked) -> None:
        message.stop()
        if card := self._cards.get(message.key):
            self.query_one("#card-text", Static).update(card_text(card))
            self.query_one("#page").scroll_home(animate=False)

    @on(FindList.Chosen)
    def _taken(self, message: FindList.Chosen) -> None:
        message.stop()
        self.dismiss(message.key)

    def on_resize(self) -> None:
        """Leave the card out where there is only room for the list."""
        if self._cards:
            self.query_one("#page").display = self.size.width >= 60
        self.query_one("#choices").styles.width = "1fr" if self.size.width < 60 or not self._cards else 26
