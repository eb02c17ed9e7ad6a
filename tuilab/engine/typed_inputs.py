"""What was typed for a model to look at, and the files that it names, as plain values for `inputs.read`."""

import csv
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tuilab.engine.inputs import ROW, WHITE, described, is_number, number, reads_text
from tuilab.errors import TuilabError
from tuilab.zoo.tasks.task import Task

_NUMBERS = re.compile(r"[-+.\deE, ]*\d[-+.\deE, ]*")


def from_words(words: Sequence[str], task: Task) -> list[Any]:
    """Return plain values, one an input, from what was typed.

    Args:
        words: texts; or `feature=value` words, which together are one row; or plain numbers,
            likewise; or "5.1,3.5,1.4,0.2", a row each; or files: .csv, .npy, .pgm, .ppm; or "test:17".
        task: says which of these make sense.

    Raises:
        TuilabError: a file cannot be read.
    """
    if reads_text(task):
        return list(words)
    if all("=" in word for word in words):
        pairs = [word.partition("=") for word in words]
        row = {key.strip(): value.strip() for key, _, value in pairs}
        return [{key: value if key in task.grades else number(value, key) for key, value in row.items()}]
    if all(is_number(word) for word in words):
        return [[float(word) for word in words]]
    values: list[Any] = []
    for word in words:
        path = Path(word)
        if ROW.fullmatch(word):
            values.append(word)
        elif path.suffix.lower() in _READERS:
            values += _READERS[path.suffix.lower()](path, task)
        elif _NUMBERS.fullmatch(word):
            values.append([number(item, "the row") for item in word.split(",")])
        elif task.grades and word.count(",") == len(task.features) - 1:
            values.append(dict(zip(task.features, (item.strip() for item in word.split(",")), strict=True)))
        else:
            raise TuilabError(
                f"{word!r} is nothing this model reads: it takes {described(task)}. "
                "Give numbers, feature=value, a .csv, .npy, .pgm or .ppm file, or a row like test:17."
            )
    return values


def _csv(path: Path, task: Task) -> list[Any]:
    """Return the rows of a file whose first line names the features."""
    with _opened(path).open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        found = [{name: row[name] for name in row if name in task.features} for row in rows]
        names = rows.fieldnames or []
    if not task.features:
        raise TuilabError(
            f"{path}: the inputs of this data set have no names, so a table of them says nothing."
        )
    if missing := [name for name in task.features if name not in names]:
        raise TuilabError(
            f"{path} has no column {', '.join(missing)}; its first line must name the features."
        )
    return found


def _npy(path: Path, task: Task) -> list[Any]:
    """Return one input, or one a row where there is an axis more."""
    try:
        array = np.load(_opened(path), allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise TuilabError(f"{path} is not a plain .npy file: {error}") from error
    size = math.prod(task.input_shape)
    many = array.ndim > 1 and array.size != size and array[0].size == size
    return list(array) if many else [array]


def _netpbm(path: Path, task: Task) -> list[Any]:
    """Return a binary grey (P5) or colour (P6) image as uint8 (channels, height, width)."""
    data = _opened(path).read_bytes()
    header = re.match(rb"(P[56])(?:\s+#[^\n]*)*\s+(\d+)(?:\s+#[^\n]*)*\s+(\d+)\s+(\d+)\s", data)
    if header is None or int(header[4]) != WHITE:
        raise TuilabError(f"{path} is not a binary PGM or PPM image of 8 bits (P5 or P6).")
    channels, width, height = (3 if header[1] == b"P6" else 1), int(header[2]), int(header[3])
    pixels = np.frombuffer(data, np.uint8, offset=header.end())
    if pixels.size < channels * width * height:
        raise TuilabError(f"{path} ends before its last pixel.")
    image = pixels[: channels * width * height].reshape(height, width, channels).transpose(2, 0, 1)
    return [image]


def _opened(path: Path) -> Path:
    if not path.is_file():
        raise TuilabError(f"There is no file {str(path)!r}.")
    return path


_READERS = {".csv": _csv, ".npy": _npy, ".pgm": _netpbm, ".ppm": _netpbm}
