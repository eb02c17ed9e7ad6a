"""A run in other programs' formats: its tables as CSV, JSON lines or event files, its screen as SVG."""

import argparse
import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tuilab import runs
from tuilab.cli_streams import narrate
from tuilab.errors import TuilabError, nearest
from tuilab.runs import Run
from tuilab.ui.plain_json import worded

_BLOCK = 8192
"""Rows formatted at a time: a table of millions needs no memory."""

_SIZE = (160, 48)
"""Columns and rows of a picture where none are asked for."""


def export(asked: argparse.Namespace) -> int:
    """Write a run to a file and print where."""
    if asked.to not in FORMATS:
        raise TuilabError(f"{asked.to!r} is not a format. {nearest(asked.to, FORMATS)}")
    run = runs.find(asked.home, asked.run)
    path = Path(asked.path)
    if not path.parent.is_dir():
        raise TuilabError(f"{path.parent} is not a folder; make it first.")
    writing = FORMATS[asked.to](run, path, asked)
    while True:
        try:
            written = next(writing)
        except StopIteration:
            return 0
        except OSError as error:
            # A full disk does not say which it is.
            raise TuilabError(f"{error.filename or path} cannot be written ({error.strerror}).") from error
        print(written)


def _csv(run: Run, path: Path, asked: argparse.Namespace) -> Iterator[Path]:
    """Write the steps to `path`, and the evaluations beside it."""
    for name, beside in (("steps", path), ("evals", path.with_stem(f"{path.stem}-evals"))):
        columns, rows = _rows(run, name)
        if not columns:
            continue
        with beside.open("w", newline="", encoding="utf-8") as file:
            lines = csv.writer(file)
            lines.writerow(columns)
            lines.writerows(rows)
        yield beside


def _jsonl(run: Run, path: Path, asked: argparse.Namespace) -> Iterator[Path]:
    """Write one object a row: the steps, then the evaluations, each with its table's name."""
    with path.open("w", encoding="utf-8") as file:
        for name in ("steps", "evals"):
            columns, rows = _rows(run, name)
            for row in rows:
                values = dict(zip(columns, row, strict=True))
                file.write(json.dumps(worded({"table": name, **values})) + "\n")
    yield path


def _svg(run: Run, path: Path, asked: argparse.Namespace) -> Iterator[Path]:
    """Draw the run's screen, without a terminal, and write what is on it."""
    from tuilab.ui.picture import picture

    size = (asked.width or _SIZE[0], asked.height or _SIZE[1])
    path.write_text(picture(run, asked.home, size, asked.theme), encoding="utf-8")
    yield path


def _tensorboard(run: Run, path: Path, asked: argparse.Namespace) -> Iterator[Path]:
    """Write every curve into a log directory of TensorBoard."""
    from tuilab import tensorboard  # loads numpy

    if path.is_file():
        raise TuilabError(f"{path} is a file; TensorBoard wants a folder, a new one or its own.")
    yield tensorboard.write(run, path)


def _rows(run: Run, name: str) -> tuple[list[str], Iterator[list[Any]]]:
    """Return a table's columns, and its rows as plain values, block by block."""
    table = run.steps if name == "steps" else run.evals
    if not len(table):
        narrate(f"{run.id} has no {name} yet.")
        return [], iter(())

    def plain() -> Iterator[list[Any]]:
        for start in range(0, len(table), _BLOCK):
            for row in table.rows[start : start + _BLOCK].tolist():
                yield [value.decode() if isinstance(value, bytes) else value for value in row]

    return list(table.columns), plain()


FORMATS: dict[str, Callable[[Run, Path, argparse.Namespace], Iterator[Path]]] = {
    "csv": _csv,
    "jsonl": _jsonl,
    "svg": _svg,
    "tensorboard": _tensorboard,
}
"""What a run can be written as."""
