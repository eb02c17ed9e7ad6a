"""`tuilab eval`: a run's metrics on a split, once more and from its own weights."""

import argparse
import json
from collections.abc import Mapping
from typing import Any

from tuilab.cli_ask import ask_run
from tuilab.errors import UnknownName

_SPLITS = ("train", "eval", "test")


def evaluate(asked: argparse.Namespace) -> int:
    """Print the loss and the metrics; nothing is written into the run."""
    if asked.split not in _SPLITS:
        raise UnknownName("split", asked.split, _SPLITS)
    answer = ask_run(asked, "evaluate", split=asked.split)
    print(json.dumps(answer) if asked.json else "\n".join(_lines(answer)))
    return 0


def _lines(answer: Mapping[str, Any]) -> list[str]:
    """Return the answer as a person reads it."""
    rate = answer["rows"] / max(answer["seconds"], 1e-9)
    how = " with int8 weights" if answer["int8"] else ""
    head = f"{answer['run']} ({answer['checkpoint']}){how} on {answer['split']}: {answer['rows']:,} rows"
    width = max(len(name) for name in answer["metrics"])
    lines = [head, *(f"  {name.ljust(width)}  {value:.6g}" for name, value in answer["metrics"].items())]
    weights = f"{answer['bytes']:,} bytes of weights"
    if answer["int8"]:
        weights += f", {answer['bytes'] / answer['float_bytes']:.0%} of {answer['float_bytes']:,}"
    return [*lines, f"  {answer['seconds']:.2f} s, {rate:,.0f} rows/s; {weights}"]
