"""A look into the data set: how many, what shape, and some of it."""

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tuilab.ui.messages import Previewed
from tuilab.ui.screens.lab_dialog import Dialog
from tuilab.ui.widgets.key_bar import KeyBar
from tuilab.ui.widgets.sample_view import sample_content

if TYPE_CHECKING:
    from textual.app import ComposeResult


class PreviewScreen(Dialog[None]):
    """Opens at once and fills when the worker has read the data."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,p", "dismiss", "Back", key_display="esc")]

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self._answer: Previewed | None = None

    def compose(self) -> "ComposeResult":
        """Lay out one page that scrolls."""
        with VerticalScroll(classes="sheet") as sheet:
            sheet.border_title = self._name
            yield Static(Content.styled("reading the data …", "$text-muted"), id="sample")
        yield KeyBar()

    def on_resize(self) -> None:
        """Fit the samples to the new width."""
        self.call_after_refresh(self._show)

    @on(Previewed)
    def _previewed(self, message: Previewed) -> None:
        self._answer = message
        self.call_after_refresh(self._show)

    def _show(self) -> None:
        if self._answer is None:
            return
        static = self.query_one("#sample", Static)
        if self._answer.error:
            static.update(Content.styled(f"✗ {self._answer.error}", "$error"))
        else:
            static.update(sample_content(self._answer.sample, max(static.size.width, 16)))
