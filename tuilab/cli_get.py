"""A curve's points, or a layer's histograms, line by line or as data."""

import argparse
import itertools
import json
from collections.abc import Iterator
from difflib import get_close_matches

import numpy as np
from numpy.typing import NDArray

from tuilab import runs
from tuilab.cli_streams import narrate
from tuilab.curve_places import LAYERS
from tuilab.errors import TuilabError
from tuilab.history import History
from tuilab.runs import Run
from tuilab.spreads import Spreads, written
from tuilab.ui.plain_json import worded

_NOT_JSON = ("nan", "inf", "-inf")

_BLOCK = 8192
"""Points formatted at a time: a curve of millions needs no memory."""

_WINDOW = 10
"""Steps to each side where nothing is said of them."""

_NEAR = 4
"""Names told to who asks for one that is not there."""

_HISTOGRAM = "_histogram"


def get(asked: argparse.Namespace) -> int:
    """Print a curve's points, a line each, or the names of all curves."""
    if asked.window is not None and asked.around is None:
        raise TuilabError("--window says how far to look around a step; give that, too: --around STEP.")
    asked.window = asked.window or _WINDOW
    run = runs.find(asked.home, asked.run)
    history = History(run)
    history.poll()
    curve = history.curves.find(asked.metric) if asked.metric else None
    if curve is not None:
        steps = history.points(curve)[0]
        first, last = _near(steps, asked.around, asked.window)
        if first == last and len(steps):
            narrate(f"{curve} has no value there; its steps are {steps[0]:,} to {steps[-1]:,}.")
        blocks = _blocks(history, curve, asked.around, asked.window)
        _print_json(blocks) if asked.json else _print_lines(blocks)
        return 0
    names = [*history.metrics(), *histograms(run)]
    if not asked.metric:
        print(json.dumps(names) if asked.json else "\n".join(names))
    elif asked.metric in names or LAYERS + asked.metric in names:
        _print_histogram(run, asked)
    else:
        raise TuilabError(_unknown(run, asked.metric, names))
    return 0


def histograms(run: Run) -> list[str]:
    """Return the names of a run's histograms, one a layer."""
    return [
        f"{LAYERS}{what}{_HISTOGRAM}/{layer}" for what in written(run) for layer in _spreads(run, what).layers
    ]


def _unknown(run: Run, name: str, names: list[str]) -> str:
    # What follows the table or the split counts, too: "acuracy" is near "eval.accuracy".
    short = {each.rpartition("/")[2].rpartition(".")[2]: each for each in reversed(names)}
    found = get_close_matches(name, names, _NEAR) + [
        short[near] for near in get_close_matches(name, short, _NEAR)
    ]
    near = list(dict.fromkeys(found))[:_NEAR] or names[:_NEAR]
    listed = ", ".join(map(repr, near))
    meant = f"Did you mean {listed}? " if found else f"It has {listed} ... " if near else ""
    return f"There is no curve in {run.id} called {name!r}. {meant}`tuilab get {run.id}` lists all of them."


def _blocks(
    history: History, metric: str, around: int | None, window: int
) -> Iterator[tuple[list[int], list[str]]]:
    """Give steps and values in blocks, the values in as many digits as their type holds."""
    steps, values = history.points(metric)
    first, last = _near(steps, around, window)
    for begin, end in itertools.pairwise([*range(first, last, _BLOCK), last]):
        yield steps[begin:end].tolist(), values[begin:end].astype("U").tolist()


def _near(steps: NDArray[np.int64], around: int | None, window: int) -> tuple[int, int]:
    """Return the first row near a step and the one after the last; all rows where no step is given."""
    if around is None:
        return 0, len(steps)
    return int(steps.searchsorted(around - window)), int(steps.searchsorted(around + window, side="right"))


def _print_lines(blocks: Iterator[tuple[list[int], list[str]]]) -> None:
    for steps, values in blocks:
        print("\n".join(map("{}\t{}".format, steps, values)))


def _print_json(blocks: Iterator[tuple[list[int], list[str]]]) -> None:
    """Print one list; it is never held as a whole."""
    print("[", end="")
    comma = "\n"
    for steps, values in blocks:
        shown = [f'"{value}"' if value in _NOT_JSON else value for value in values]
        print(comma + ",\n".join(map('{{"step": {}, "value": {}}}'.format, steps, shown)), end="")
        comma = ",\n"
    print("\n]")


def _spreads(run: Run, what: str) -> Spreads:
    spreads = Spreads(run, what)
    spreads.refresh()
    return spreads


def _print_histogram(run: Run, asked: argparse.Namespace) -> None:
    """Print a layer's histogram at every look: step, lowest, highest value and the counts between."""
    table, _, layer = asked.metric.removeprefix(LAYERS).partition("/")
    spreads = _spreads(run, table.removesuffix(_HISTOGRAM))
    steps, at = spreads.steps, spreads.layers.index(layer)
    first, last = _near(steps, asked.around, asked.window)
    found = [
        {"step": int(steps[look]), "low": spread.low, "high": spread.high, "counts": spread.counts.tolist()}
        for look in range(first, last)
        for spread in [spreads.at(look, at)]
    ]
    if asked.json:
        print(json.dumps(worded(found)))
        return
    for each in found:
        counts = " ".join(f"{count:g}" for count in each["counts"])
        print(f"{each['step']}\t{each['low']:g}\t{each['high']:g}\t{counts}")
