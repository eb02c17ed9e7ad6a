"""What a reader can ask of a run's worker: pause, continue, stop, checkpoint, another rate, resume."""

from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.screen import Screen

from tuilab.errors import TuilabError
from tuilab.runs import Run, Status


class RunCommands(Screen[None]):
    """A screen that commands one run. Nothing here waits: the worker answers through its status."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p,space", "pause", "Pause", key_display="p"),
        Binding("s", "stop", "Stop"),
        Binding("c", "checkpoint", "Checkpoint", show=False),
        Binding("l", "rate", "Rate"),
        Binding("r", "resume", "Resume"),
    ]

    def __init__(self, run: Run) -> None:
        super().__init__()
        self.run = run
        self.status = Status()
        """What the run last said."""

    @property
    def base_lr(self) -> float:
        """The learning rate that the schedule multiplies."""
        raise NotImplementedError

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what the run's state allows."""
        live = self.status.state in ("starting", "running", "paused")
        if action in ("pause", "stop", "checkpoint", "rate"):
            return live
        if action == "resume":
            return self.status.state in ("crashed", "stopped", "failed", "diverged")
        return True

    def action_pause(self) -> None:
        """Pause, or go on."""
        self._send("continue" if self.status.state == "paused" else "pause")

    def action_checkpoint(self) -> None:
        """Have the run saved now."""
        if self._send("checkpoint"):
            self.notify("A checkpoint is written after this step.")

    @work
    async def action_stop(self) -> None:
        """Ask what should become of the run."""
        from tuilab import supervise
        from tuilab.ui.screens.stop import StopDialog

        choice = await self.app.push_screen_wait(StopDialog(self.run.id))
        if choice == "detach":
            self.app.exit()
        elif choice == "stop":
            self._send("stop")
        elif choice == "kill":
            supervise.kill(self.run)

    @work
    async def action_rate(self) -> None:
        """Ask for another learning rate."""
        from tuilab.ui.screens.run_rate import RatePrompt

        rate = await self.app.push_screen_wait(RatePrompt(self.base_lr))
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

    def _send(self, action: str, **values: object) -> bool:
        """Tell the worker something; return whether it was possible."""
        try:
            self.run.send(action, **values)
        except (TuilabError, OSError) as error:
            self.notify(str(error), severity="error", markup=False)
            return False
        return True
