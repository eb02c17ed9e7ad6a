"""A run to look at: its charts as text, or all that is known of it as data."""

import argparse
import json
import os
import shutil
import sys
from dataclasses import asdict

from tuilab import runs
from tuilab.cli_get import histograms
from tuilab.history import History
from tuilab.runs import Run
from tuilab.ui import plain
from tuilab.ui.plain_json import worded
from tuilab.ui.plain_lines import last_word
from tuilab.ui.plain_text import wants_colour
from tuilab.ui.terminal.abilities import glyphs

_EVENTS = 200
"""Events in a run as data, the newest."""


def show(asked: argparse.Namespace) -> int:
    """Print one frame of a run, or the run as data."""
    run = runs.find(asked.home, asked.run)
    if asked.json:
        print(json.dumps(worded(_as_data(run))))
        return 0
    size = shutil.get_terminal_size((120, 40))
    # A row less than the terminal has: the prompt comes back below.
    width, height = asked.width or size.columns, asked.height or size.lines - 1
    colour = wants_colour(sys.stdout)
    for row in plain.frame(run, width, height, glyphs(os.environ), colour, asked.chart):
        print(row)
    return 0


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
