"""All runs, newest first: how they are, what they came to, and the way into each.

A thread looks at the run directories and posts what it found; the screen keeps the
lines and draws those that fit what was typed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Protocol

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Input, Static

from tuilab import runs
from tuilab.errors import TuilabError
from tuilab.runs import Run
from tuilab.status import LIVE
from tuilab.ui.keys_in_turn import DIALOG
from tuilab.ui.plain_runs import RunLine
from tuilab.ui.screens.discard import DiscardDialog
from tuilab.ui.screens.runs_feed import RunsFeed
from tuilab.ui.screens.runs_glance import RunGlance
from tuilab.ui.terminal import abilities
from tuilab.ui.widgets.key_bar import KeyBar
from tuilab.ui.widgets.run_list import RunList
from tuilab.ui.widgets.title_bar import TitleBar

_SECONDS = 1.0
"""Between two looks: a run list is read, not watched."""

_EMPTY = """\
There are no runs yet.

Press [b]esc[/b] for the lab, choose a preset and press [b]enter[/b] or [b]r[/b] to start it,
or type [b]tuilab run digits-mlp[/b] in another terminal: it appears here."""


class Opener(Protocol):
    """What the app can do with a run."""

    def open_run(self, run: Run, others: Sequence[Run] = ()) -> None:
        """Show it, and others beside it."""
        ...


@dataclass
class RunsRead(Message):
    """The run directories were looked at, and something was new."""

    lines: list[RunLine]


class RunsScreen(Screen[None]):
    """The list of runs."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "find", "Find"),
        Binding("d,delete", "discard", "Delete", key_display="d"),
        Binding("escape", "back", "Back"),
        Binding("o", "back", "Back", show=False),
        Binding("q", "app.quit", "Quit"),
    ]
    CSS_PATH = "../styles/runs.tcss"

    def __init__(self, home: Path) -> None:
        super().__init__()
        self._home = home
        self._feed = RunsFeed(home)
        self._lines: list[RunLine] = []
        self._looking = False

    def compose(self) -> ComposeResult:
        """Lay out the list, under what is typed to find; a glance at one run where there is room."""
        yield TitleBar()
        field = Input(placeholder="find: a name, a preset, a state", compact=True, id="find")
        field.cursor_blink = False
        yield field
        yield RunList(ascii_only=abilities.glyphs() == "ascii")
        yield RunGlance()
        yield Static("", id="empty")
        yield KeyBar()

    def on_mount(self) -> None:
        """Begin to look."""
        self.query_one(TitleBar).subject = "runs"
        self.query_one(RunList).focus()
        self.look()
        self.set_interval(_SECONDS, self.look)

    def on_resize(self, event: events.Resize) -> None:
        """Tell the stylesheet how much room there is."""
        self.set_class(event.size.height >= 30 and event.size.width >= 60, "-tall")
        self.set_class(event.size.height < 8, "-flat")

    def on_screen_resume(self) -> None:
        """See at once what has happened meanwhile."""
        self.look()

    def look(self) -> None:
        """Look again, unless nobody sees it or the last look is still under way."""
        if self.is_current and not self._looking:
            self._looking = True
            self._look()

    @work(thread=True, group="look")
    def _look(self) -> None:
        """Read what is new until every run was read once; touch no widget from here."""
        try:
            while self.is_attached:
                lines = self._feed.look()
                if lines is not None:
                    self.post_message(RunsRead(lines))
                if self._feed.complete:
                    break
        finally:
            self._looking = False

    @on(RunsRead)
    def _take_in(self, message: RunsRead) -> None:
        self._lines = message.lines
        self._fill()

    @on(Input.Changed, "#find")
    def _fill(self) -> None:
        """Show the runs that fit what was typed."""
        words = self.query_one("#find", Input).value.lower().split()
        fitting = [line for line in self._lines if _fits(line, words)]
        self.query_one(RunList).tell(fitting)
        self.set_class(not fitting and (self._feed.complete or bool(words)), "-empty")
        self.query_one("#empty", Static).update(
            _EMPTY if not self._lines else "No run fits. Press [b]esc[/b] to see all."
        )
        title, live = self.query_one(TitleBar), sum(line.state in LIVE for line in self._lines)
        title.note = f"{len(fitting)} of {len(self._lines)}" if words else str(len(self._lines))
        title.worker = f"{live} live" if live else ""

    @on(RunList.Moved)
    def _glance(self, message: RunList.Moved) -> None:
        self.query_one(RunGlance).tell(message.line)

    @on(RunList.Chosen)
    def _open(self, message: RunList.Chosen) -> None:
        app: Opener = self.app  # type: ignore[assignment]
        app.open_run(Run(message.path))

    @on(RunList.Compared)
    def _compare(self, message: RunList.Compared) -> None:
        from tuilab.ui.screens.run_others import MOST

        first, *others = (Run(path) for path in message.paths)
        if len(others) > MOST:
            self.notify(
                f"At most {MOST + 1} runs fit one chart; {len(others) + 1} are marked.", severity="warning"
            )
            return
        app: Opener = self.app  # type: ignore[assignment]
        app.open_run(first, others)

    def action_find(self) -> None:
        """Open the field."""
        self.add_class("-finding")
        self.query_one("#find").focus()

    @on(Input.Submitted, "#find")
    def _found(self) -> None:
        """Go from the field into what was found."""
        self.query_one(RunList).focus()

    def on_key(self, event: events.Key) -> None:
        """Let the arrows reach the list from the field."""
        if event.key in ("down", "up") and self.query_one("#find").has_focus:
            self.query_one(RunList).focus()

    def action_back(self) -> None:
        """Show all runs again, or go back to where the reader came from."""
        if self.has_class("-finding"):
            self.remove_class("-finding")
            self.query_one("#find", Input).value = ""
            self.query_one(RunList).focus()
        elif self.query_one(RunList).marked:
            self.query_one(RunList).unmark()
        elif len(self.app.screen_stack) > 1:
            self.dismiss()

    @work(group=DIALOG)
    async def action_discard(self) -> None:
        """Ask, then move the run to the trash."""
        line = self.query_one(RunList).looked_at
        if line is None:
            return
        if line.state in LIVE and Run(line.path).alive:
            self.notify(
                f"{line.name} is {line.state}: open it and stop it first.", severity="warning", markup=False
            )
            return
        if await self.app.push_screen_wait(DiscardDialog(line.id, self._home / "trash")) == "delete":
            self._discard(Run(line.path))

    def _discard(self, run: Run) -> None:
        try:
            place = runs.discard(self._home, run)
        except TuilabError as error:
            self.notify(str(error), severity="error", markup=False)
            return
        self.notify(f"Moved to {place}", markup=False)
        self.look()


def _fits(line: RunLine, words: Sequence[str]) -> bool:
    """Whether every word that was typed is somewhere in what the list says."""
    text = f"{line.id} {line.preset} {line.state} {line.metric}".lower()
    return all(word in text for word in words)
