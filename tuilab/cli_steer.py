"""Steering a run from the command line: say what is wanted, wait a moment for the answer."""

import argparse
import time
from collections.abc import Callable

from tuilab import runs, supervise
from tuilab.cli_catalog import catalog_for
from tuilab.cli_parser import settings
from tuilab.cli_streams import narrate
from tuilab.errors import Problem, SpecError, TuilabError
from tuilab.events import Event
from tuilab.resolve import field_of
from tuilab.runs import Run

_PATIENCE = 5.0
"""Seconds to wait for an answer: a worker hears between two steps, and some steps are long."""

_ANSWERS = {
    "pause": ("paused",),
    "continue": ("continued",),
    "stop": ("stopped", "finished", "diverged", "failed"),
    "checkpoint": ("checkpoint",),
    "set": ("command", "refused"),
}
"""Events that answer each command."""

_ALREADY = {"pause": "paused", "continue": "running"}
"""States in which there is nothing to be done."""


def steer(asked: argparse.Namespace) -> int:
    """Send a command to a run's worker and say what came of it."""
    run = runs.find(asked.home, asked.run)
    action = asked.command
    if action == "kill":
        return _kill(run)
    if run.status.state == _ALREADY.get(action):
        narrate(f"{run.id} is {run.status.state} already.")
        return 0
    wanted = _checked(run, asked) if action == "set" else {}
    reader = run.events()
    while reader.read():
        pass  # what was said before is no answer
    sent = run.send(action, **wanted)
    # Somebody else may be setting something at the same time: each event says what it answers.
    kinds = _ANSWERS[action]
    answer = _waited_for(
        lambda: [e for e in reader.read() if e.kind in kinds and e.answers in ("", sent)], run
    )
    if answer is None:
        narrate(f"{run.id} has not answered yet; it obeys after its present step.")
        return 0
    if answer.kind == "refused":
        raise TuilabError(answer.text)
    print(f"{run.id}: {answer.text}")
    return 0


def _kill(run: Run) -> int:
    if not run.alive:
        raise TuilabError(f"{run.id} is {run.status.state}: there is no worker to kill.")
    supervise.kill(run)
    print(f"{run.id}: killed; `tuilab resume {run.id}` goes on from its last checkpoint")
    return 0


def _checked(run: Run, asked: argparse.Namespace) -> dict[str, str]:
    """Return what is to be set, or say everything that is wrong with it."""
    wanted, problems = settings(asked.settings), []
    raw, catalog = run.spec.raw(), catalog_for(asked.home, asked.zoo)
    for key, text in wanted.items():
        try:
            field_of(raw, key, catalog).read(text)
        except TuilabError as error:
            problems.append(Problem(key, str(error)))
    if problems:
        raise SpecError(problems, f"set {run.id}")
    return wanted


def _waited_for(look: Callable[[], list[Event]], run: Run) -> Event | None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        if found := look():
            return found[-1]
        if not run.alive and run.status.state != "queued":
            return next(iter(look()), None)
        time.sleep(0.05)
    return None
