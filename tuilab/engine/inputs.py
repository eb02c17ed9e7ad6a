"""What a person gives a trained model to look at, read into what its task takes.

Two doors: `from_words` for the command line, which may name files, and `read` for plain
values, as a server gets them, which never opens one.
"""

import csv
import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tuilab.errors import TuilabError, nearest
from tuilab.zoo.sources.texts import TextClassification
from tuilab.zoo.tasks.language_model import LanguageModel
from tuilab.zoo.tasks.masked_model import MaskedModel
from tuilab.zoo.tasks.seq2seq import PADDING, Seq2Seq
from tuilab.zoo.tasks.task import Task

ROW = re.compile(r"(train|eval|test):(\d+)")
"""A row of a split by its number: "test:17"."""

_NUMBERS = re.compile(r"[-+.\deE, ]*\d[-+.\deE, ]*")
_WHITE = 255
"""Pixels that are whole numbers are scaled as the data sets of images are: 0 to 1."""


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
        return [{key: value if key in task.grades else _number(value, key) for key, value in row.items()}]
    if all(_is_number(word) for word in words):
        return [[float(word) for word in words]]
    values: list[Any] = []
    for word in words:
        path = Path(word)
        if ROW.fullmatch(word):
            values.append(word)
        elif path.suffix.lower() in _READERS:
            values += _READERS[path.suffix.lower()](path, task)
        elif _NUMBERS.fullmatch(word):
            values.append([_number(item, "the row") for item in word.split(",")])
        elif task.grades and word.count(",") == len(task.features) - 1:
            values.append(dict(zip(task.features, (item.strip() for item in word.split(",")), strict=True)))
        else:
            raise TuilabError(
                f"{word!r} is nothing this model reads: it takes {described(task)}. "
                "Give numbers, feature=value, a .csv, .npy, .pgm or .ppm file, or a row like test:17."
            )
    return values


def read(value: Any, task: Task) -> Tensor:
    """Return one input as the task's data set gives it, without the batch and not yet normalised.

    Raises:
        TuilabError: the value is not what the task takes; says what is.
    """
    if isinstance(task, Seq2Seq):
        return _symbols(_text(value, task), task)
    if isinstance(task, TextClassification):
        return task.encode([_text(value, task)])[0]
    if isinstance(task, LanguageModel | MaskedModel):
        return _characters(_text(value, task), task)
    if task.tokens:
        raise TuilabError(f"inputs of this task are token numbers of its own; give a row like {'test:17'!r}.")
    if isinstance(value, Mapping):
        value = _row(value, task)
    return _numbers(value, task)


def reads_text(task: Task) -> bool:
    """Return whether a task's inputs are texts."""
    return isinstance(task, Seq2Seq | TextClassification | LanguageModel | MaskedModel)


def described(task: Task) -> str:
    """Return what a task takes, as a phrase."""
    if isinstance(task, MaskedModel):
        return f"a text with {task.blank_text!r} for every missing character"
    if reads_text(task):
        return "a text"
    if task.features:
        graded = {name: f" ({words[0]} to {words[-1]})" for name, words in task.grades.items()}
        names = ", ".join(name + graded.get(name, "") for name in task.features)
        return f"{len(task.features)} {'values' if graded else 'numbers'}: {names}"
    return f"numbers of the shape {'x'.join(map(str, task.input_shape))}"


def _text(value: Any, task: Task) -> str:
    if not isinstance(value, str):
        raise TuilabError(f"{_short(value)} is not a text; this model takes {described(task)}.")
    return value


def _row(value: Mapping[str, Any], task: Task) -> list[float]:
    """Return a row's numbers in the order of the features."""
    if not task.features:
        raise TuilabError(f"the inputs of this data set have no names; give {described(task)}.")
    for name in value:
        if name not in task.features:
            raise TuilabError(f"there is no feature {name!r}. {nearest(str(name), task.features)}")
    if missing := [name for name in task.features if name not in value]:
        raise TuilabError(f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing.")
    return [_cell(value[name], name, task) for name in task.features]


def _cell(value: Any, name: str, task: Task) -> float:
    """Return a column's number; of a grade that is its place among its like."""
    words = task.grades.get(name)
    if words is None or _is_number(value):
        return _number(value, name)
    if value not in words:
        raise TuilabError(f"{name}: there is no {value!r}. {nearest(str(value), words)}")
    return float(words.index(value))


def _numbers(value: Any, task: Task) -> Tensor:
    try:
        array = np.asarray(value)
        if array.dtype.kind not in "iufb":
            raise ValueError
        scaled = array.astype(np.float32) / (_WHITE if array.dtype == np.uint8 else 1)
    except (ValueError, TypeError, OverflowError) as error:
        raise TuilabError(f"{_short(value)} is not {described(task)}.") from error
    if not np.isfinite(scaled).all():
        raise TuilabError("an input holds a number that is not finite.")
    wanted = tuple(task.input_shape)
    if scaled.shape != wanted and scaled.size == math.prod(wanted):
        return torch.from_numpy(scaled.reshape(wanted))  # without its channel, or laid out in a row
    if scaled.shape != wanted:
        given = "x".join(map(str, scaled.shape)) or "one number"
        raise TuilabError(f"an input is {given}; this model takes {described(task)}.")
    return torch.from_numpy(scaled)


def _characters(text: str, task: LanguageModel | MaskedModel) -> Tensor:
    """Return a text's token numbers, (characters,)."""
    numbers = {symbol: number for number, symbol in enumerate(task.vocabulary)}
    if isinstance(task, MaskedModel):
        numbers[task.blank_text] = task.blank
        longest = task.input_shape[0]
        if not text or len(text) > longest:
            raise TuilabError(f"the text has {len(text)} characters; this model takes 1 to {longest}.")
    tokens = _known(list(text), numbers)
    if isinstance(task, MaskedModel) and task.blank not in tokens:
        raise TuilabError(
            f"nothing is missing from the text; write {task.blank_text!r} for each missing character."
        )
    return torch.tensor(tokens, dtype=torch.int64)


def _symbols(text: str, task: Seq2Seq) -> Tensor:
    """Return a source's token numbers, filled up, (source length,)."""
    numbers = {symbol: number for number, symbol in enumerate(task.source_vocabulary) if number != PADDING}
    single = all(len(symbol) == 1 for symbol in numbers)
    tokens = _known(list(text) if single else text.split(), numbers)
    length = task.input_shape[0]
    if not 1 <= len(tokens) <= length:
        raise TuilabError(f"the text has {len(tokens)} symbols; this model takes 1 to {length}.")
    return torch.tensor([*tokens, *[PADDING] * (length - len(tokens))], dtype=torch.int64)


def _known(symbols: list[str], numbers: Mapping[str, int]) -> list[int]:
    if strange := sorted({symbol for symbol in symbols if symbol not in numbers}):
        shown = " ".join(sorted(numbers)) if len(numbers) <= 64 else f"{len(numbers)} symbols"
        raise TuilabError(f"this model has never seen {', '.join(map(repr, strange[:8]))}. It knows {shown}.")
    return [numbers[symbol] for symbol in symbols]


def _number(value: Any, name: str) -> float:
    if not isinstance(value, bool) and _is_number(value):
        return float(value)
    raise TuilabError(f"{name}: {value!r} is not a number.")


def _is_number(value: Any) -> bool:
    try:
        return math.isfinite(float(value))
    except (TypeError, ValueError):
        return False


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."


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
    if header is None or int(header[4]) != _WHITE:
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
