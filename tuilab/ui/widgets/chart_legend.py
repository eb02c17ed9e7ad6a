"""Which run each letter in the charts is: one row above them, where there are several."""

from collections.abc import Sequence

from textual import events

from tuilab.ui.widgets.chart_overlay import Shown, legend
from tuilab.ui.widgets.painted import Lines


class ChartLegend(Lines):
    """A letter in the colour of its curves and a name for each run."""

    DEFAULT_CSS = """
    ChartLegend { dock: top; height: 1; display: none; }
    """

    def __init__(self) -> None:
        super().__init__(id="legend")
        self._shown: Sequence[Shown] = ()

    def tell(self, shown: Sequence[Shown]) -> None:
        """Name these runs."""
        self._shown = shown
        self.show([legend(shown, self.size.width)])

    def on_resize(self, _: events.Resize) -> None:
        """Cut the names anew."""
        self.tell(self._shown)
