"""Runs to look at: their charts as text, or all that is known of them as data."""

import argparse
import json
import os
import shutil
import sys
from dataclasses import asdict

from tuilab import runs
from tuilab.cli_get import histograms
from tuilab.errors import TuilabError
from tuilab.history import History
from tuilab.runs import Run
from tuilab.ui import plain
from tuilab.ui.plain_json import worded
from tuilab.ui.plain_lines import last_word
from tuilab.ui.plain_text import wants_colour
from tuilab.ui.screens.run_others import MOST
from tuilab.ui.terminal.abilities import glyphs

_EVENTS = 200
"""Events in a run as data, the newest."""


def show(asked: argparse.Namespace) -> int:
    """Print one frame of a run, or of several in the same charts; or one run as data, or a list of them."""
    run, *others = _found(asked)
    if asked.json:
        data = [_as_data(each) for each in (run, *others)]
        print(json.dumps(worded(data if others else data[0])))
        return 0
    size = shutil.get_terminal_size((120, 40))
    # A row less than the terminal has: the prompt comes back below.
    width, height = asked.width or size.columns, asked.height or size.lines - 1
    colour = wants_colour(sys.stdout)
    for row in plain.frame(run, width, height, glyphs(os.environ), colour, asked.chart, others):
        print(row)
    return 0


def _found(asked: argparse.Namespace) -> list[Run]:
    """Return the runs that are meant.

    Raises:
        TuilabError: there is no such run, one is named twice, or one chart cannot tell so many apart.
    """
    found = [runs.find(asked.home, name) for name in asked.runs]
    seen: set[str] = set()
    for run in found:
        if str(run.path) in seen:
            raise TuilabError(f"{run.id} is named twice; name each run once.")
        seen.add(str(run.path))
    if len(found) > MOST + 1 and not asked.json:
        raise TuilabError(f"{len(found)} runs are too many for one chart; it takes {MOST + 1} at most.")
    return found


def _as_data(run: Run) -> dict[str, object]:
    history = History(run)
    while history.poll():
        pass
    return {
        **run.summary(),
        "last_word": last_word(run),
        "status": asdict(history.status),
        "meta": run.meta,
        "spec": run.spec.raw(),
        "curves": history.metrics(),
        "histograms": histograms(run),
        "events": [asdict(event) for event in history.events[-_EVENTS:]],
        "checkpoints": [path.name for path in run.checkpoints],
    }
