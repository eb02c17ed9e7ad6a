"""What a reader can ask of a run: pause, continue, stop, checkpoint, another rate, resume, fork."""

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.screen import Screen

from tuilab import runs
from tuilab.errors import TuilabError
from tuilab.runs import Run
from tuilab.status import LIVE, Status
from tuilab.ui.keys_in_turn import DIALOG

if TYPE_CHECKING:
    from tuilab.knobs import Field


class RunCommands(Screen[None]):
    """A screen that commands one run. Nothing here waits: the worker answers through its status."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p,space", "pause", "Pause", key_display="p"),
        Binding("p,space", "go_on", "Continue", key_display="p"),
        Binding("s", "stop", "Stop"),
        Binding("c", "checkpoint", "Checkpoint", show=False),
        Binding("l", "rate", "Rate"),
        Binding("r", "resume", "Resume"),
        Binding("F", "fork", "Fork"),
    ]

    def __init__(self, run: Run) -> None:
        super().__init__()
        self.run = run
        self.status = Status("opening")
        """What the run last said."""

    @property
    def base_lr(self) -> float:
        """The learning rate that the schedule multiplies."""
        raise NotImplementedError

    @property
    def step_read(self) -> float | None:
        """The step that the reader points at; None where nobody points."""
        raise NotImplementedError

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what the run's state allows."""
        state = self.status.state
        if action == "copy_text":
            return False  # dragging moves the cursor: nothing is ever selected
        if action == "pause":
            return state in ("starting", "running")
        if action == "go_on":
            return state == "paused"
        if action in ("stop", "checkpoint", "rate"):
            return state in ("starting", "running", "paused")
        if action == "fork":
            return state not in ("opening", "queued")
        if action == "resume":
            return state in ("crashed", "stopped", "failed", "diverged")
        return True

    def action_pause(self) -> None:
        """Let the worker hold still after this step."""
        self._send("pause")

    def action_go_on(self) -> None:
        """Let a paused worker go on."""
        self._send("continue")

    def action_checkpoint(self) -> None:
        """Have the run saved now."""
        if self._send("checkpoint"):
            self.notify("A checkpoint is written after this step.")

    @work(group=DIALOG)
    async def action_stop(self) -> None:
        """Ask what should become of the run."""
        from tuilab.ui.screens.stop import StopDialog

        choice = await self.app.push_screen_wait(StopDialog(self.run.id))
        if choice == "detach":
            self.app.exit()
        elif choice == "stop":
            self._send("stop")
        elif choice == "kill":
            self._kill()

    @work
    async def _kill(self) -> None:
        """End the worker; the thread waits until it is gone."""
        from tuilab import supervise

        try:
            await asyncio.to_thread(supervise.kill, self.run)
        except (TuilabError, OSError) as error:
            self.notify(_reason(error), severity="error", markup=False)

    @work(group=DIALOG)
    async def action_rate(self) -> None:
        """Ask for another learning rate."""
        from tuilab.ui.screens.run_rate import RatePrompt

        field = await asyncio.to_thread(_rate_field, self.run)
        rate = await self.app.push_screen_wait(RatePrompt(self.base_lr, field))
        if rate is not None:
            self._send("set", **{"optimizer.lr": rate})

    def action_resume(self) -> None:
        """Start a worker that takes the run up from its last checkpoint."""
        from tuilab import supervise

        home = self.run.path.parent.parent
        try:
            self._worker = supervise.start(self.run, home)
        except OSError as error:
            self.notify(f"The worker cannot be started: {error.strerror}.", severity="error")
            return
        self.notify("A worker takes the run up from its last checkpoint.")

    def action_fork(self) -> None:
        """Make a run that goes on from a checkpoint: the one nearest to the cursor, else the newest."""
        steps = [runs.step_of(path) for path in self.run.checkpoints]
        if not steps:
            more = " yet: c saves one" if self.status.state in LIVE else ", and it has ended"
            self.notify(f"This run has no checkpoint to fork from{more}.", severity="warning")
            return
        read = self.step_read
        step = steps[-1] if read is None else min(steps, key=lambda step: abs(step - read))
        self.app.open_fork(self.run, step)  # type: ignore[attr-defined]  # the lab's own app

    def _send(self, action: str, **values: object) -> bool:
        """Tell the worker something; return whether it was possible."""
        try:
            self.run.send(action, **values)
        except (TuilabError, OSError) as error:
            self.notify(_reason(error), severity="error", markup=False)
            return False
        return True


def _rate_field(run: Run) -> "Field":
    """Return what rates the run's optimizer takes; any from 0 up where its card is not at hand."""
    from tuilab.catalog import load_cached
    from tuilab.ui.screens.run_rate import ANY_RATE

    catalog = load_cached(run.path.parent.parent)
    card = catalog.cards["optimizers"].get(str(run.spec["optimizer.name"])) if catalog else None
    return next((field for field in card.fields if field.name == "lr"), ANY_RATE) if card else ANY_RATE


def _reason(error: TuilabError | OSError) -> str:
    """Return why a command could not be left for the worker."""
    if isinstance(error, TuilabError):
        return str(error)
    return f"The run's directory cannot be written: {error.strerror}. It may be gone, or its disk full."
