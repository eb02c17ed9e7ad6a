"""Starting runs and taking them up."""

import argparse
import time
from pathlib import Path

from tuilab import launch, new_run, presets, runs, supervise
from tuilab.cli_attach import follow, on_a_screen
from tuilab.cli_catalog import catalog_for
from tuilab.cli_parser import settings
from tuilab.cli_streams import narrate
from tuilab.errors import SpecError, TuilabError
from tuilab.resolve import assigned, resolve
from tuilab.spec import Raw, Spec


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
    watched = on_a_screen(asked)
    narrate("The worker is loading torch.")
    launched = launch.Launch(asked.home, asked.zoo, spec)
    if watched:
        from tuilab.ui.app import Lab as Lab  # what takes a while is imported while the worker does the same
    try:
        note = launched.check()
    except SpecError as error:
        raise SpecError(error.problems, where) from error
    if note:
        narrate(note)
    began = time.time()
    return follow(asked, *launched.begin(asked.name), began)


def resume(asked: argparse.Namespace) -> int:
    """Take a run up where its last checkpoint left it, and follow it."""
    found = runs.find(asked.home, asked.run)
    state = found.status.state
    if found.alive:
        raise TuilabError(f"{found.id} is {state}: `tuilab attach {found.id}` follows it.")
    if state == "finished":
        raise TuilabError(f"{found.id} is finished; there is nothing left to train.")
    on_a_screen(asked)  # what the environment asks of the screen is told before anything starts
    narrate("The worker is loading torch.")
    began = time.time()
    return follow(asked, found, supervise.start(found, asked.home, asked.zoo), began)


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
