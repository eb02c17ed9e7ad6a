"""A page about one component or one table of settings."""

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from tuilab.registry import Card
from tuilab.ui.screens.lab_dialog import Dialog
from tuilab.ui.widgets.card_text import about_text, knob_text
from tuilab.ui.widgets.key_bar import KeyBar

if TYPE_CHECKING:
    from textual.app import ComposeResult


class AboutScreen(Dialog[None]):
    """The whole docstring, the source, and every knob with its range."""

    DEFAULT_CSS = """
    AboutScreen .knob { margin-top: 1; }
    AboutScreen .knob.-meant { background: $accent 12%; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,i", "dismiss", "Back", key_display="esc")]

    def __init__(self, card: Card, title: str) -> None:
        """Make the page.

        Args:
            card: what it is about.
            title: the dotted key that was asked about; the page begins there.
        """
        super().__init__()
        self._card, self._title = card, title

    def compose(self) -> "ComposeResult":
        """Lay out one page that scrolls."""
        with VerticalScroll(classes="sheet") as sheet:
            sheet.border_title = self._title
            yield Static(about_text(self._card))
            for field in self._card.fields:
                yield Static(knob_text(field), classes="knob", id=f"knob-{field.name}")
        yield KeyBar()

    def on_mount(self) -> None:
        """Begin where the knob is."""
        self.call_after_refresh(self._show_knob)

    def _show_knob(self) -> None:
        for knob in self.query(f"#knob-{self._title.rpartition('.')[2]}"):
            knob.add_class("-meant")
            self.query_one(VerticalScroll).scroll_to_widget(knob, animate=False, top=True)
