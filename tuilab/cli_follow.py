"""Following a run with lines of text, to its end.

The run is never in danger from here: who reads may go away, and only Ctrl-C asks
the worker to stop, which it does after its present step.
"""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tuilab import commands, supervise
from tuilab.cli_parser import INTERRUPTED, WRONG
from tuilab.cli_streams import exit_code, narrate
from tuilab.commands import Command
from tuilab.events import LAST_WORDS
from tuilab.history import History
from tuilab.runs import Run
from tuilab.status import LIVE
from tuilab.ui.plain_json import worded
from tuilab.ui.plain_lines import event_lines, header, headline, interval, last_word, line, summary

_LOOK_SECONDS = 0.1
"""Between two looks: as old as the worker lets a step get before it writes it."""

_QUIET_SECONDS = 10.0
"""Without a line a reader begins to wonder."""

_RECENT_SECONDS = 60.0
"""Events older than this were told before; who attaches wants to know what goes on now."""

_LOG_LINES = 12
"""Of what a worker printed that died before its first word."""


def follow(run: Run, worker: "subprocess.Popen[bytes] | None", as_json: bool, began: float = 0.0) -> int:
    """Print a run's lines until it ends; return the exit code.

    Args:
        run: what to follow.
        worker: the process just started for it; without one, Ctrl-C only stops following.
        as_json: print lines to stderr, and one JSON object to stdout at the end.
        began: seconds since 1970 from which on what the run says is news; 0: now.
    """
    narrate(f"{run.id}: {'starting' if worker else run.status.state}")
    follower = _Follower(run, worker, as_json, began or time.time())
    try:
        with _interrupts(follower):
            while not follower.ended() and not follower.left:
                follower.look()
                time.sleep(_LOOK_SECONDS)
        if not follower.left:
            follower.look(last=True)
            return follower.finish()
    except OSError:
        _say_that_it_goes_on(run)
        raise
    _say_that_it_goes_on(run)
    return INTERRUPTED


def _say_that_it_goes_on(run: Run) -> None:
    if run.status.state in LIVE:
        narrate(f"{run.id} goes on. `tuilab attach {run.id}` comes back to it.")


class _Follower:
    """Prints what is new of a run."""

    def __init__(
        self, run: Run, worker: "subprocess.Popen[bytes] | None", as_json: bool, began: float
    ) -> None:
        self._run = run
        self._worker = worker
        self._as_json = as_json
        self._out = sys.stderr if as_json else sys.stdout
        self._history = History(run)
        self._began = began
        self._shown = max(run.steps.refresh() - 1, 0)
        """Steps done as of the newest line; of a run that is there already, only what comes is told."""
        self._columns_named = False
        self._heard = False
        """Whether there was an event since it began."""
        self._told_since = self._began - (0 if worker else _RECENT_SECONDS)
        self._shown_at = time.monotonic()
        self.interrupts = 0
        self.left = False
        """Whether the reader went away and the run goes on."""

    def look(self, last: bool = False) -> None:
        """Print what is new, in the order of its steps; the last look prints where it ended."""
        update = self._history.poll()
        self._shown = min(self._shown, update.steps[1])
        for event in update.events:
            self._heard = self._heard or event.time >= self._began
            if event.kind in LAST_WORDS or event.time < self._told_since:
                continue
            self._rows_up_to(event.step)
            for text in event_lines(event):
                self._print(text)
        self._rows_up_to(update.steps[1])
        late = time.monotonic() - self._shown_at > _QUIET_SECONDS
        if (last or late) and update.steps[1] > self._shown:
            self._row(update.steps[1])

    def _rows_up_to(self, done: int) -> None:
        """Print the lines at round steps that have not been printed yet."""
        every = interval(self._history.status.total)
        if self._history.status.total:
            for mark in range(self._shown // every * every + every, done + 1, every):
                self._row(mark)

    def _row(self, done: int) -> None:
        metric = headline(self._run)
        if not self._columns_named:
            self._columns_named = True
            self._print(header(metric))
        self._print(line(self._history, metric, done))
        self._shown, self._shown_at = done, time.monotonic()

    def _print(self, text: str) -> None:
        print(text, file=self._out, flush=True)

    def ended(self) -> bool:
        """Return whether nobody trains this run any more."""
        if self._worker is not None and self._worker.poll() is not None:
            return True
        status = self._run.status
        # A run that is taken up again still says how it ended the time before.
        said_now = self._worker is None or status.heartbeat >= self._began
        return said_now and status.state not in LIVE and not self._run.alive

    def interrupt(self) -> None:
        """Obey Ctrl-C: stop and save, the second time kill."""
        self.interrupts += 1
        if self._worker is None:
            self.left = True
        elif self.interrupts == 1:
            narrate("Stopping after this step and saving; Ctrl-C again kills.")
            commands.send(self._run.path / "commands", Command("stop"))
        else:
            narrate("Killed; what is on disk can be resumed.")
            supervise.kill(self._run, self._worker)

    def finish(self) -> int:
        """Print how it ended and return the exit code."""
        outcome: dict[str, Any] = worded(self._run.summary())
        silent = self._silent_death()
        if silent is not None:
            outcome |= {"state": "failed", "error": silent}
            narrate(f"The worker ended before it could begin:\n{silent}")
        else:
            for text in summary(self._run):
                self._print(text)
            if outcome["state"] not in ("finished", "stopped"):
                outcome["error"] = last_word(self._run)
        if self._as_json:
            print(json.dumps(outcome), flush=True)
        if self.interrupts:
            return INTERRUPTED
        if silent is not None and self._worker is not None and self._worker.returncode == WRONG:
            return WRONG
        return exit_code(outcome["state"])

    def _silent_death(self) -> str | None:
        """Return the end of the log of a worker that never said anything itself."""
        died = self._worker is not None and self._worker.poll() not in (None, 0)
        status = self._run.status
        # Queued is what its maker said of it, crashed what is made of that: neither is a word of the worker.
        spoke = status.heartbeat >= self._began and (self._heard or status.state not in ("queued", "crashed"))
        if not died or spoke:
            return None
        log = (self._run.path / "worker.log").read_text(encoding="utf-8", errors="replace")
        return "\n".join(log.splitlines()[-_LOG_LINES:])


@contextmanager
def _interrupts(follower: _Follower) -> Iterator[None]:
    """Let Ctrl-C reach the follower instead of ending this process."""
    before = signal.signal(signal.SIGINT, lambda *_: follower.interrupt())
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
