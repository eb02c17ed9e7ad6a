"""Choose several of a list by typing: which charts are on the board."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from tuilab.ui.screens.run_panels import Panel
from tuilab.ui.widgets.find_list import FindList, Item
from tuilab.ui.widgets.key_bar import KeyBar
from tuilab.ui.widgets.still_screen import StillModal

if TYPE_CHECKING:
    from textual.app import ComposeResult


class PickSeveral(StillModal[list[str]]):
    """Returns the keys that are wanted, in the order they were chosen."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "done", "Done")]
    DEFAULT_CSS = """
    PickSeveral { align: center middle; background: $background 60%; }
    PickSeveral > Vertical {
        max-width: 96%; max-height: 90%;
        padding: 0 1; background: $background; border: round $accent; border-title-color: $accent;
    }
    PickSeveral.-short > Vertical {
        width: 100%; max-width: 100%; height: 1fr; max-height: 100%; padding: 0; border: none;
    }
    """
    VERTICAL_BREAKPOINTS = [(0, "-short"), (12, "-high")]  # noqa: RUF012  (Textual declares it so)
    HEADING: ClassVar[str]

    def __init__(self, chosen: Sequence[str]) -> None:
        """Offer `items`, of which these are chosen already."""
        super().__init__()
        self._chosen = list(chosen)

    def items(self) -> Iterator[Item]:
        """Yield what is offered."""
        raise NotImplementedError

    def toggle(self, key: str) -> None:
        """Take something that is not chosen yet, or leave out what is."""
        raise NotImplementedError

    def compose(self) -> "ComposeResult":
        """Lay out the list under the field."""
        with Vertical() as sheet:
            sheet.border_title = self.HEADING
            yield FindList(finds_at_once=True)
        yield KeyBar()

    def on_mount(self) -> None:
        """Show all there is, marking what is chosen."""
        offered = self.query_one(FindList)
        offered.show(list(self.items()))
        self._mark()
        offered.take_focus()

    @on(FindList.Chosen)
    def _toggle(self, message: FindList.Chosen) -> None:
        message.stop()
        self.toggle(message.key)
        self._mark()

    def _mark(self) -> None:
        self.query_one(FindList).mark(dict.fromkeys(self._chosen, "●"))

    def action_done(self) -> None:
        """Close with what is marked."""
        self.dismiss(self._chosen)


class PickCharts(PickSeveral):
    """The charts on the board; one at least."""

    DEFAULT_CSS = "PickCharts > Vertical { width: 56; height: 20; }"
    HEADING = "Charts on the board"

    def __init__(self, panels: Sequence[Panel], chosen: Sequence[str]) -> None:
        """Offer these charts, some of which are on the board already."""
        super().__init__(chosen)
        self._panels = panels

    def items(self) -> Iterator[Item]:
        """Yield the charts."""
        for panel in self._panels:
            yield Item(panel.key, panel.title, words=" ".join(panel.metrics))

    def toggle(self, key: str) -> None:
        """Take a chart away, unless it is the last, or add it."""
        if key not in self._chosen:
            self._chosen.append(key)
        elif len(self._chosen) > 1:
            self._chosen.remove(key)
