"""Starting, taking up and following runs."""

import argparse
import subprocess
import time
from pathlib import Path

from tuilab import collecting, launch, new_run, presets, runs, supervise
from tuilab.cli_catalog import catalog_for, narrate
from tuilab.cli_parser import settings
from tuilab.cli_streams import on_terminal
from tuilab.errors import SpecError, TuilabError
from tuilab.resolve import assigned, resolve
from tuilab.runs import Run
from tuilab.spec import Raw, Spec
from tuilab.status import LIVE

Worker = subprocess.Popen[bytes]


def run(asked: argparse.Namespace) -> int:
    """Start what a preset or a file describes, and follow it."""
    new_run.check_writable(asked.home)
    return begin(asked, _spec(asked), asked.spec)


def begin(asked: argparse.Namespace, spec: Spec, where: str) -> int:
    """Make a run of a spec and follow it.

    Raises:
        SpecError: its parts do not fit each other; says where they stand.
    """
    new_run.check_name(asked.name or spec.name)
    narrate("The worker is loading torch.")
    launched = launch.Launch(asked.home, asked.zoo, spec)
    if _on_a_screen(asked):
        from tuilab.ui.app import Lab as Lab  # what takes a while is imported while the worker does the same
    try:
        note = launched.check()
    except SpecError as error:
        raise SpecError(error.problems, where) from error
    if note:
        narrate(note)
    began = time.time()
    return _follow(asked, *launched.begin(asked.name), began)


def resume(asked: argparse.Namespace) -> int:
    """Take a run up where its last checkpoint left it, and follow it."""
    found = runs.find(asked.home, asked.run)
    state = found.status.state
    if found.alive:
        raise TuilabError(f"{found.id} is {state}: `tuilab attach {found.id}` follows it.")
    if state == "finished":
        raise TuilabError(f"{found.id} is finished; there is nothing left to train.")
    narrate("The worker is loading torch.")
    began = time.time()
    return _follow(asked, found, supervise.start(found, asked.home, asked.zoo), began)


def attach(asked: argparse.Namespace) -> int:
    """Follow a run that is there already."""
    if asked.run:
        found = runs.find(asked.home, asked.run)
    else:
        live = [run for run in runs.all_runs(asked.home) if run.alive]
        if not live:
            raise TuilabError("no run is live. `tuilab attach last` opens the newest one.")
        found = live[-1]
    return _follow(asked, found, None)


def _spec(asked: argparse.Namespace) -> Spec:
    """Return the experiment that was asked for, or say everything that is wrong with it."""
    wanted = settings(asked.set)
    raw = _tables(asked.home, asked.spec)
    catalog = catalog_for(asked.home, asked.zoo)
    try:
        raw = assigned(raw, wanted, catalog)
    except SpecError as error:
        # What is wrong with the file belongs into the same answer.
        try:
            resolve(raw, catalog)
        except SpecError as more:
            raise SpecError([*error.problems, *more.problems], asked.spec) from error
        raise SpecError(error.problems, asked.spec) from error
    return resolve(raw, catalog, asked.spec)


def _tables(home: Path, reference: str) -> Raw:
    """Load a preset, shipped or saved from the lab, or a file."""
    return presets.load(reference, {path.stem: path for path in (home / "presets").glob("*.toml")})


def _follow(asked: argparse.Namespace, found: Run, worker: Worker | None, began: float = 0.0) -> int:
    """Open the screen on a run, or print lines; return the exit code."""
    if getattr(asked, "detach", False):
        return _detached(asked, found)
    if _on_a_screen(asked):
        return _on_screen(asked, found)
    from tuilab.cli_follow import follow  # NumPy comes with it

    collecting.settle()
    return follow(found, worker, as_json=asked.json, began=began)


def _on_a_screen(asked: argparse.Namespace) -> bool:
    detached = getattr(asked, "detach", False)
    return not (detached or asked.plain or asked.json) and on_terminal()


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


def exit_code(state: str) -> int:
    """Return 0 for a run that ended as it was asked to, else 1."""
    return 0 if state in ("finished", "stopped") else 1
