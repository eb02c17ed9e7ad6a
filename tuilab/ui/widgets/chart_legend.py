"""Which run each letter in the charts is: one row above them, where there are several."""

from collections.abc import Sequence
from typing import ClassVar

from textual import events

from tuilab.ui.widgets.chart_colours import CLASSES, LINES
from tuilab.ui.widgets.chart_overlay import Shown, legend
from tuilab.ui.widgets.painted import Lines


class ChartLegend(Lines):
    """A letter in the colour of its curves and a name for each run."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {name for name in CLASSES if name.startswith("chart--line")}
    DEFAULT_CSS = f"""
    ChartLegend {{ dock: top; height: 1; display: none; {LINES} }}
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
