"""`tuilab fork`: a new run that goes on from a checkpoint of another, with other settings."""

import argparse

from tuilab import new_run, runs
from tuilab.cli_catalog import catalog_for
from tuilab.cli_parser import settings
from tuilab.cli_run import begin
from tuilab.forks import forked


def fork(asked: argparse.Namespace) -> int:
    """Start the fork and follow it."""
    new_run.check_writable(asked.home)
    run = runs.find(asked.home, asked.run)
    catalog = catalog_for(asked.home, asked.zoo)
    spec = forked(run, asked.step, settings(asked.set), catalog)
    return begin(asked, spec, f"fork {run.id}")
