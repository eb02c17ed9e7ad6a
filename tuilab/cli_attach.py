"""Following a run: on the screen, or line by line where there is none.

Whoever opens a run waits for nothing that starting one takes.
"""

import argparse
from typing import TYPE_CHECKING

from tuilab import collecting, runs
from tuilab.cli_streams import exit_code, narrate, on_terminal
from tuilab.errors import TuilabError
from tuilab.runs import Run
from tuilab.status import LIVE

if TYPE_CHECKING:
    import subprocess

    Worker = subprocess.Popen[bytes]


def attach(asked: argparse.Namespace) -> int:
    """Follow a run that is there already."""
    if asked.run:
        found = runs.find(asked.home, asked.run)
    else:
        live = [run for run in runs.all_runs(asked.home) if run.alive]
        if not live:
            raise TuilabError("no run is live. `tuilab attach last` opens the newest one.")
        found = live[-1]
    return follow(asked, found, None)


def follow(asked: argparse.Namespace, found: Run, worker: "Worker | None", began: float = 0.0) -> int:
    """Open the screen on a run, or print lines; return the exit code."""
    if getattr(asked, "detach", False):
        return _detached(asked, found)
    if on_a_screen(asked):
        return _on_screen(asked, found)
    from tuilab import cli_follow  # NumPy comes with it

    collecting.settle()
    return cli_follow.follow(found, worker, as_json=asked.json, began=began)


def on_a_screen(asked: argparse.Namespace) -> bool:
    """Return whether this is to be followed on the screen.

    Raises:
        TuilabError: It is, and the environment asks for a screen that cannot be drawn.
    """
    detached = getattr(asked, "detach", False)
    if detached or asked.plain or asked.json or not on_terminal():
        return False
    from tuilab.ui.terminal import abilities

    abilities.check()
    return True


def _detached(asked: argparse.Namespace, found: Run) -> int:
    import json

    print(json.dumps(found.summary()) if asked.json else found.id)
    narrate(f"It trains on its own. `tuilab attach {found.id}` follows it.")
    return 0


def _on_screen(asked: argparse.Namespace, found: Run) -> int:
    """Open the screen; leaving it does not stop the run."""
    from tuilab.ui.app import Lab

    lab = Lab(asked.home, list(asked.zoo), open_run=found)
    collecting.settle()
    lab.run()
    state = found.status.state
    if state in LIVE:
        narrate(f"{found.id} is {state}. `tuilab attach` comes back to it.")
        return 0
    narrate(f"{found.id} {state}.")
    return exit_code(state)
