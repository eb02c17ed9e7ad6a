"""What of a run is in sight: its charts with the newest events, all events, or the worker's own output."""

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType

from tuilab.runs import Run
from tuilab.ui.screens.run_board import RunBoard
from tuilab.ui.widgets.board_layout import FLAT
from tuilab.ui.widgets.chart_board import ChartBoard
from tuilab.ui.widgets.chart_tabs import ChartTabs
from tuilab.ui.widgets.event_log import EventLog
from tuilab.ui.widgets.worker_output import WorkerOutput


class RunPanes(RunBoard):
    """A screen on one run with several panes, of which one may have the room to itself."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "show('events')", "Events", show=False),
        Binding("v", "show('output')", "The worker's own output", show=False),
        Binding("escape", "back", "Back"),
    ]

    def __init__(self, run: Run, others: Sequence[Run] = ()) -> None:
        super().__init__(run, others)
        self._pane = ""
        """Which pane has the room to itself: "events", "output", or none."""

    @on(ChartBoard.Arranged)
    def _name_charts(self) -> None:
        """Name all charts in a row where not all of them are in sight."""
        board, tabs = self.query_one(ChartBoard), self.query_one(ChartTabs)
        tabs.display = not (self._pane or self.size.height < FLAT or board.complete)
        if tabs.display:
            tabs.tell(board.panels, board.chosen, self.feed.series)

    def action_show(self, pane: str) -> None:
        """Show events or the worker's output alone, or the charts again."""
        self._pane = "" if self._pane == pane else pane
        self.show_panes()
        self.feed.want(self.feed.wanted, output=self._pane == "output")
        self.set_focus(self.query_one(f"#{self._pane or 'board'}"), scroll_visible=False)

    def show_panes(self) -> None:
        """Show what the reader chose, as far as there is room for it."""
        # Widget by widget: a class on the screen would have every rule matched against everything.
        board, log, flat = self.query_one(ChartBoard), self.query_one(EventLog), self.size.height < FLAT
        board.display = not self._pane
        log.display = self._pane == "events" or not (self._pane or flat)
        log.show_whole(self._pane == "events")
        self.query_one(WorkerOutput).display = self._pane == "output"
        self._name_charts()

    def action_back(self) -> None:
        """Undo the last change of view, or go back to where the reader came from."""
        if self._pane:
            self.action_show(self._pane)
        elif not self.query_one(ChartBoard).release() and len(self.app.screen_stack) > 1:
            self.dismiss()
