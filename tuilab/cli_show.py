"""A run to look at: its charts as text, its curves as points."""

import argparse
import itertools
import json
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import asdict

from tuilab import runs
from tuilab.errors import UnknownName
from tuilab.history import History
from tuilab.runs import Run
from tuilab.ui import plain
from tuilab.ui.plain_json import finite
from tuilab.ui.plain_lines import last_word
from tuilab.ui.plain_text import wants_colour
from tuilab.ui.terminal.abilities import glyphs

_EVENTS = 200
"""Events in a run as data, the newest."""

_NOT_JSON = ("nan", "inf", "-inf")

_BLOCK = 8192
"""Points formatted at a time: a curve of millions needs no memory."""


def show(asked: argparse.Namespace) -> int:
    """Print one frame of a run, or the run as data."""
    run = runs.find(asked.home, asked.run)
    if asked.json:
        print(json.dumps(finite(_as_data(run))))
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
        "events": [asdict(event) for event in history.events[-_EVENTS:]],
        "checkpoints": [path.name for path in run.checkpoints],
    }


def get(asked: argparse.Namespace) -> int:
    """Print a curve's points, a line each."""
    run = runs.find(asked.home, asked.run)
    history = History(run)
    history.poll()
    metric = asked.metric.removeprefix("train.") if asked.metric not in history.metrics() else asked.metric
    if metric not in history.metrics():
        raise UnknownName(f"curve in {run.id}", asked.metric, history.metrics())
    blocks = _blocks(history, metric, asked.around, asked.window)
    if not asked.json:
        for steps, values in blocks:
            print("\n".join(map("{}\t{}".format, steps, values)))
        return 0
    print("[", end="")
    comma = "\n"
    for steps, values in blocks:
        shown = ["null" if value in _NOT_JSON else value for value in values]
        print(comma + ",\n".join(map('{{"step": {}, "value": {}}}'.format, steps, shown)), end="")
        comma = ",\n"
    print("\n]")
    return 0


def _blocks(
    history: History, metric: str, around: int | None, window: int
) -> Iterator[tuple[list[int], list[str]]]:
    """Give steps and values in blocks, the values in as many digits as their type holds."""
    steps, values = history.points(metric)
    first, last = 0, len(steps)
    if around is not None:
        first = int(steps.searchsorted(around - window))
        last = int(steps.searchsorted(around + window, side="right"))
    for begin, end in itertools.pairwise([*range(first, last, _BLOCK), last]):
        yield steps[begin:end].tolist(), values[begin:end].astype("U").tolist()
