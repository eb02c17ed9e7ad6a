"""What a person gives a trained model to look at, read into what its task takes.

Plain values only, as a server gets them: nothing here opens a file (`typed_inputs` does).
"""

import math
import re
from collections.abc import Mapping
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

WHITE = 255
"""Pixels that are whole numbers are scaled as the data sets of images are: 0 to 1."""


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
    if words is None or is_number(value):
        return number(value, name)
    if value not in words:
        raise TuilabError(f"{name}: there is no {value!r}. {nearest(str(value), words)}")
    return float(words.index(value))


def _numbers(value: Any, task: Task) -> Tensor:
    try:
        array = np.asarray(value)
        if array.dtype.kind not in "iufb":
            raise ValueError
        scaled = array.astype(np.float32) / (WHITE if array.dtype == np.uint8 else 1)
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


def number(value: Any, name: str) -> float:
    """Return a value as a number.

    Raises:
        TuilabError: it is none; begins with the name of what it is for.
    """
    if not isinstance(value, bool) and is_number(value):
        return float(value)
    raise TuilabError(f"{name}: {value!r} is not a number.")


def is_number(value: Any) -> bool:
    """Return whether a value, or the text of one, is a finite number."""
    try:
        return math.isfinite(float(value))
    except (TypeError, ValueError):
        return False


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
