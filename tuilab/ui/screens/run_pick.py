"""Choose which charts are on the board, found by typing."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from tuilab.ui.screens.run_panels import Panel
from tuilab.ui.widgets.find_list import FindList, Item
from tuilab.ui.widgets.key_bar import KeyBar

if TYPE_CHECKING:
    from textual.app import ComposeResult


class PickCharts(ModalScreen[list[str]]):
    """Returns the keys of the charts that are wanted, in their order."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "done", "Done")]
    DEFAULT_CSS = """
    PickCharts { align: center middle; background: $background 60%; }
    PickCharts > Vertical {
        width: 56; max-width: 96%; height: 20; max-height: 90%;
        padding: 0 1; background: $background; border: round $accent; border-title-color: $accent;
    }
    """

    def __init__(self, panels: Sequence[Panel], chosen: Sequence[str]) -> None:
        """Offer these charts, some of which are on the board already."""
        super().__init__()
        self._panels, self._chosen = panels, list(chosen)

    def compose(self) -> "ComposeResult":
        """Lay out the list under the field."""
        with Vertical() as sheet:
            sheet.border_title = "Charts on the board"
            yield FindList(finds_at_once=True, id="charts")
        yield KeyBar()

    def on_mount(self) -> None:
        """Show all charts, marking those on the board."""
        charts = self.query_one("#charts", FindList)
        charts.show([Item(panel.key, panel.title, words=" ".join(panel.metrics)) for panel in self._panels])
        self._mark()
        charts.take_focus()

    @on(FindList.Chosen)
    def _toggle(self, message: FindList.Chosen) -> None:
        message.stop()
        if message.key not in self._chosen:
            self._chosen.append(message.key)
        elif len(self._chosen) > 1:
            self._chosen.remove(message.key)
        self._mark()

    def _mark(self) -> None:
        self.query_one("#charts", FindList).mark(dict.fromkeys(self._chosen, "●"))

    def action_done(self) -> None:
        """Close with what is marked."""
        self.dismiss(self._chosen)
