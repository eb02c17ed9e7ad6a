"""Which charts a reader has on the board, and how they are looked at: chosen here, remembered elsewhere."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType

from tuilab.runs import Run
from tuilab.ui.keys_in_turn import DIALOG
from tuilab.ui.screens import run_memory
from tuilab.ui.screens.run_commands import RunCommands
from tuilab.ui.screens.run_feed import Feed
from tuilab.ui.screens.run_messages import OthersLooked
from tuilab.ui.screens.run_others import MOST, Others
from tuilab.ui.screens.run_panels import SAMPLES, Panel
from tuilab.ui.terminal import abilities
from tuilab.ui.widgets.chart_board import ChartBoard
from tuilab.ui.widgets.chart_tabs import ChartTabs


class RunBoard(RunCommands):
    """A screen with a board of charts on one run."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "pick", "Charts"),
        Binding("a", "add_runs", "Compare"),
        Binding("A", "alone", "Without other runs", show=False),
        Binding("h", "layers", "Layers", show=False),
        Binding("t", "samples", "Samples that the model has made", show=False),
    ]

    def __init__(self, run: Run, others: Sequence[Run] = ()) -> None:
        super().__init__(run)
        self.feed = Feed(run, budget=abilities.frame_interval())
        self.others = Others(self.feed)
        self._first_others = [other.path for other in others]
        self._memory = run_memory.load()
        self._panels: list[Panel] = []

    @property
    def base_lr(self) -> float:
        """The learning rate that the schedule multiplies."""
        return self.feed.base_lr

    @property
    def step_read(self) -> float | None:
        """The step under the cursor."""
        return self.query_one(ChartBoard).step_read

    def paint(self) -> None:
        """Show the newest state."""
        raise NotImplementedError

    def board(self) -> ChartBoard:
        """Return an empty board that looks as this reader likes it."""
        lens = self._memory.lens(abilities.glyphs())
        return ChartBoard(self.feed, lens, self._memory.log, id="board")

    def look(self) -> object:
        """Read until everything there is has been read."""
        raise NotImplementedError

    async def offer(self, panels: list[Panel]) -> None:
        """Take in which charts there are, and show those that are wanted."""
        self._panels = panels
        await self.query_one(ChartBoard).put(self._memory.pick(panels))
        if self._first_others:
            self.compare(self._first_others)
            self._first_others = []

    def compare(self, paths: Sequence[Path]) -> None:
        """Draw these runs beside the one that is watched from now on."""
        self.others.put(paths)
        self.query_one(ChartBoard).compare(self.others.shown, self.others.name)
        self.look()

    @on(ChartBoard.Wanted)
    def _want_of_others(self, message: ChartBoard.Wanted) -> None:
        self.others.want(message.metrics)

    @on(OthersLooked)
    def _show_others(self) -> None:
        self.paint()

    @on(ChartTabs.Chosen)
    def _choose(self, message: ChartTabs.Chosen) -> None:
        self.query_one(ChartBoard).action_choose(message.number)

    @on(ChartBoard.Rearranged)
    async def _rearrange(self, message: ChartBoard.Rearranged) -> None:
        """Remember which charts are wanted, and show them."""
        self._memory = self._memory.picked(self._panels, message.keys)
        run_memory.save(self._memory)
        await self.query_one(ChartBoard).put(self._memory.pick(self._panels))
        self.paint()

    @on(ChartBoard.LensChanged)
    def _remember(self, message: ChartBoard.LensChanged) -> None:
        """Remember how the reader looks, but for where."""
        board = self.query_one(ChartBoard)
        kept = replace(
            self._memory.seen(message.lens, abilities.glyphs()), log=tuple(sorted(board.logarithmic))
        )
        if kept != self._memory:
            self._memory = kept
            run_memory.save(kept)

    @work(group=DIALOG)
    async def action_pick(self) -> None:
        """Ask which charts should be on the board."""
        from tuilab.ui.screens.run_pick import PickCharts

        board = self.query_one(ChartBoard)
        keys = await self.app.push_screen_wait(
            PickCharts(self._panels, [panel.key for panel in board.panels])
        )
        if keys is not None:
            board.post_message(ChartBoard.Rearranged(keys))

    @work(group=DIALOG)
    async def action_add_runs(self) -> None:
        """Ask which other runs the charts should show."""
        from tuilab.ui.screens.run_pick_others import PickRuns, offered

        runs = await asyncio.to_thread(offered, self.run)
        if not runs:
            self.notify("There is no other run here yet.")
            return
        chosen = await self.app.push_screen_wait(PickRuns(runs, self.others.paths, MOST))
        if chosen is not None:
            self.compare([Path(key) for key in chosen])

    def action_alone(self) -> None:
        """Show this run alone again."""
        self.compare([])

    def action_layers(self) -> None:
        """Show the per-layer heat map, adding it to the board where it is not there yet."""
        heat = next((panel.key for panel in self._panels if panel.heat), None)
        self._bring(heat, "This run has written nothing about its layers: [probes] layers = 10 does.")

    def action_samples(self) -> None:
        """Show what the model has made of fixed prompts."""
        made = next((panel.key for panel in self._panels if panel.key == SAMPLES), None)
        self._bring(
            made, "This run has no samples: text, sequences and autoencoders give some as they train."
        )

    def _bring(self, key: str | None, otherwise: str) -> None:
        """Choose a chart, adding it to the board where it is not there yet; without one, say why."""
        board = self.query_one(ChartBoard)
        keys = [panel.key for panel in board.panels]
        if key is None:
            self.notify(otherwise, markup=False)
        elif key in keys:
            board.action_choose(keys.index(key))
        else:
            board.post_message(ChartBoard.Rearranged([*keys, key]))
            self.call_after_refresh(board.action_choose, len(keys))
