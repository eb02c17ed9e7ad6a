"""What there is to choose, and the runs there are."""

import argparse
import json
import os
import shutil
import sys
import textwrap
import time
from typing import Any

from tuilab import cli_datasets, cli_presets, runs
from tuilab.cli_catalog import catalog_for
from tuilab.cli_commands import KINDS
from tuilab.errors import UnknownName
from tuilab.status import LIVE
from tuilab.ui.plain_text import coloured, wants_colour
from tuilab.ui.terminal.abilities import glyphs, replacements
from tuilab.ui.terminal.cells import cells, filled, wrapped

_PIPE_WIDTH = 120
"""Columns where nobody says how wide it is; ids are never cut."""

Row = dict[str, Any]


def list_kind(asked: argparse.Namespace) -> int:
    """Print one kind of thing, or the names of all."""
    if asked.kind and asked.kind not in KINDS:
        raise UnknownName("list", asked.kind, KINDS)
    if asked.kind == "runs":
        return _list_runs(asked)
    kinds = [asked.kind] if asked.kind else [kind for kind in KINDS if kind != "runs"]
    found = {kind: _rows(kind, asked) for kind in kinds}
    if asked.json:
        print(json.dumps(found[asked.kind] if asked.kind else found))
        return 0
    for kind, rows in found.items():
        if asked.kind == "datasets":
            cli_datasets.print_table(rows, _width(), wants_colour(sys.stdout))
        elif asked.kind:
            _print_table(rows)
        else:
            names = ", ".join(row["name"] for row in rows)
            print(
                textwrap.fill(
                    names,
                    _width(),
                    initial_indent=f"{kind:<12}",
                    subsequent_indent=" " * 12,
                    break_on_hyphens=False,
                )
            )
    return 0


def _rows(kind: str, asked: argparse.Namespace) -> list[Row]:
    """Return things of a kind as plain values."""
    catalog = catalog_for(asked.home, asked.zoo)
    if kind == "presets":
        return cli_presets.rows(asked.home, catalog)
    cards = catalog.cards[kind].values()
    if kind == "datasets":
        return [cli_datasets.row(card, asked.home) for card in cards]
    return [card.to_json() for card in cards]


def _print_table(rows: list[Row]) -> None:
    """Print names and what they are, under their headings where they have any."""
    widest = max((cells(row["name"]) for row in rows), default=0)
    colour, heading = wants_colour(sys.stdout), None
    for row in rows:
        if row.get("group", heading) != heading:
            heading = row["group"]
            print(coloured(heading, "dim", colour))
        name = filled(row["name"], widest)
        about = [line.strip() for line in wrapped(row.get("about", ""), max(_width() - widest - 4, 30))]
        print(f"  {coloured(name, 'strong', colour)}  {about[0]}".rstrip())
        for more in about[1:]:
            print(" " * (widest + 4) + more)
        if row.get("hint"):
            print(" " * (widest + 4) + coloured(row["hint"], "dim", colour))


def _list_runs(asked: argparse.Namespace) -> int:
    """Print every run, newest first."""
    found = runs.all_runs(asked.home)[::-1]
    if asked.json:
        from tuilab.ui.plain_json import worded

        print(json.dumps(worded([run.summary() for run in found])))
        return 0
    if not found:
        print("There are no runs yet. `tuilab run digits-mlp` makes one.", file=sys.stderr)
        return 0
    _print_runs(found)
    live = sum(run.status.state in LIVE for run in found)
    number = "one run" if len(found) == 1 else f"{len(found)} runs"
    print(f"{number}, {live} live, in {asked.home / 'runs'}", file=sys.stderr)
    return 0


def _print_runs(found: list[runs.Run]) -> None:
    from tuilab.ui.plain_runs import Columns, headings, look, run_row

    colour, rung, now = wants_colour(sys.stdout), glyphs(os.environ), time.time()
    table = replacements(rung)
    columns = Columns.fitting(_width())
    print(coloured(headings(columns).rstrip(), "dim", colour))
    for run in found:
        pieces = run_row(look(run), columns, now, ascii_only=rung == "ascii")
        row = "".join(coloured(text.translate(table), role, colour) for text, role in pieces)
        print(row.rstrip())


def _width() -> int:
    return shutil.get_terminal_size((_PIPE_WIDTH, 24)).columns
