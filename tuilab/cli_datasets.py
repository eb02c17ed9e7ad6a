"""Data sets: which are at hand, what each holds, and fetching one ahead of a run."""

import argparse
import contextlib
import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tuilab import supervise
from tuilab.at_hand import at_hand
from tuilab.cli_catalog import catalog_for
from tuilab.cli_parser import INTERRUPTED
from tuilab.cli_streams import narrate
from tuilab.errors import TuilabError
from tuilab.registry import Card
from tuilab.ui.plain_text import coloured
from tuilab.ui.terminal.cells import cells, filled
from tuilab.ui.widgets.figures import count, size
from tuilab.words import arrived

_LICENCE = 110
"""Columns from which the licence is shown, too."""

_PROGRESS_SECONDS = 1.0
"""Between two lines of progress where lines cannot be written over."""


def row(card: Card, home: Path) -> dict[str, Any]:
    """Return a data set as plain values: its card, and whether it is on this machine."""
    return {**card.to_json(), "at_hand": at_hand(card, home / "data")}


def print_table(rows: list[dict[str, Any]], width: int, colour: bool) -> None:
    """Print what each data set holds, those at hand first."""
    widest = max((cells(each["name"]) for each in rows), default=0)
    for here, heading in ((True, "at hand"), (False, "fetched by the first run, or by `tuilab fetch NAME`")):
        part = [each for each in rows if each["at_hand"] is here]
        if part:
            print(coloured(heading, "dim", colour))
        for each in part:
            name = coloured(filled(each["name"], widest), "strong", colour)
            facts = each["facts"]
            facts_row = f"{_bytes(facts):>9}  {_holds(facts):<46}"
            if width >= _LICENCE:
                facts_row += f"  {facts.get('licence', '')}"
            print(f"  {name}  {facts_row[: max(width - widest - 4, 20)]}".rstrip())


def _bytes(facts: dict[str, Any]) -> str:
    return size(facts["bytes"]) if facts.get("bytes") else str(facts.get("where", ""))


def _holds(facts: dict[str, Any]) -> str:
    """Return rows, shape and classes in words.

    >>> _holds({"rows": 1797, "unit": "images", "shape": [1, 8, 8], "classes": ["0", "1"]})
    '1,797 images of 1x8x8, 2 classes'
    """
    words = f"{count(facts['rows'])} {facts.get('unit', 'rows')}" if facts.get("rows") else ""
    if facts.get("shape"):
        words += f" of {'x'.join(map(str, facts['shape']))}"
    if facts.get("classes"):
        words += f", {len(facts['classes'])} classes"
    return words.strip()


def fetch(asked: argparse.Namespace) -> int:
    """Bring data sets to this machine, one after the other."""
    catalog = catalog_for(asked.home, asked.zoo)
    cards = [catalog.card("datasets", name) for name in asked.names]
    for card in cards:
        if at_hand(card, asked.home / "data"):
            narrate(f"{card.name} is at hand already.")
            continue
        if notice := card.facts.get("notice"):
            narrate(f"{card.name}: {notice}")
        narrate(
            f"{card.name}: {size(card.facts.get('bytes', 0))} from {card.facts.get('where', card.source)}."
        )
        if not _fetched(card.name, asked):
            return INTERRUPTED
        print(f"{card.name}\t{asked.home / 'data' / card.name}")
    return 0


def _fetched(name: str, asked: argparse.Namespace) -> bool:
    """Have a worker fetch one; return whether it is there now, and not stopped by Ctrl-C.

    Raises:
        TuilabError: it cannot be had.
    """
    worker = supervise.fetch(name, asked.home, asked.zoo)
    stopped = False

    def stop(*_: object) -> None:
        nonlocal stopped
        stopped = True
        with contextlib.suppress(ProcessLookupError):
            worker.send_signal(signal.SIGTERM)

    before = signal.signal(signal.SIGINT, stop)
    try:
        said = _follow(worker)
    finally:
        signal.signal(signal.SIGINT, before)
    if stopped:
        narrate(f"{name}: stopped. What has come is kept: the next time goes on from there.")
        return False
    if said.get("error") or worker.returncode:
        raise TuilabError(str(said.get("error") or f"the worker ended with exit code {worker.returncode}"))
    return True


def _follow(worker: "subprocess.Popen[bytes]") -> dict[str, Any]:
    """Show how far a worker is until it ends; return its last word."""
    over = sys.stderr.isatty()
    said: dict[str, Any] = {}
    shown_at = 0.0
    assert worker.stdout is not None
    with worker.stdout as lines:
        for line in lines:
            said = json.loads(line)
            if "done" in said and (over or time.monotonic() - shown_at >= _PROGRESS_SECONDS):
                shown_at = time.monotonic()
                print(_progress(said), end="\x1b[K\r" if over else "\n", file=sys.stderr, flush=True)
    if over:
        print(end="\x1b[K", file=sys.stderr, flush=True)
    worker.wait()
    return said


def _progress(said: dict[str, Any]) -> str:
    """Return how far it is.

    >>> _progress({"done": 5_000_000, "total": 20_000_000, "source": "a mirror"})
    '  25 %  5.0 MB of 20.0 MB from a mirror'
    """
    done, total = said["done"], said["total"]
    share = f"{done / total:4.0%}".replace("%", " %") if total else " " * 6
    return f" {share}  {arrived(done, total, said['source'])}"
