"""Texts for a classifier: each becomes a row of token numbers, filled up with 0 to one length."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Literal, get_args

import numpy as np
import torch
from torch import Tensor

from tuilab.knobs import Knob
from tuilab.zoo.data import Data
from tuilab.zoo.splits import TensorSplit
from tuilab.zoo.tasks.classification import Classification

Unit = Literal["words", "characters"]

Units = Annotated[Unit, Knob("what a token is")]
Size = Annotated[
    int, Knob("tokens known by name, the most frequent of train; the others are one token", 2, 10**6)
]

PADDING, UNKNOWN = 0, 1
"""What the first two tokens mean."""

_WORD = re.compile(r"[@#]?\w+(?:['’]\w+)*|[^\w\s]")
"""A word with its apostrophes and its @ or #, or one sign of punctuation."""


@dataclass(frozen=True)
class Tokenizer:
    """Turns texts into token numbers; its vocabulary is that of the training part."""

    unit: Unit
    length: int
    """Tokens in a row; what is longer is cut off."""
    vocabulary: tuple[str, ...]
    """The text of each token."""
    _numbers: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        numbers = {text: number for number, text in enumerate(self.vocabulary) if number > UNKNOWN}
        object.__setattr__(self, "_numbers", numbers)

    @classmethod
    def fitted(cls, texts: Iterable[str], unit: Unit, size: int, length: int) -> "Tokenizer":
        """Return a tokenizer that knows the most frequent tokens; of equals, the first in the alphabet."""
        counts = Counter(token for text in texts for token in tokens_of(text, unit))
        ranked = sorted(counts, key=lambda token: (-counts[token], token))
        return cls(unit, length, ("", "�", *ranked[:size]))

    def encode(self, texts: Sequence[str]) -> Tensor:
        """Return token numbers int64 (texts, length); a text without any token is one unknown token."""
        rows = np.full((len(texts), self.length), PADDING, dtype=np.int64)
        for row, text in enumerate(texts):
            tokens = tokens_of(text, self.unit)[: self.length]
            numbers = [self._numbers.get(token, UNKNOWN) for token in tokens] or [UNKNOWN]
            rows[row, : len(numbers)] = numbers
        return torch.from_numpy(rows)

    def decode(self, row: Sequence[int]) -> str:
        """Return the text of one row, as far as it is known."""
        separator = " " if self.unit == "words" else ""
        return separator.join(self.vocabulary[token] for token in row if token != PADDING)


@dataclass(frozen=True, kw_only=True)
class TextClassification(Classification):
    """A classification whose inputs are texts; its tokenizer reads what a user types, too."""

    tokenizer: Tokenizer

    def encode(self, texts: Sequence[str]) -> Tensor:
        """Return texts as a model reads them, int64 (texts, length)."""
        return self.tokenizer.encode(texts)

    def decode(self, row: Sequence[int]) -> str:
        """Return the text of one input."""
        return self.tokenizer.decode(row)


Labelled = tuple[Sequence[str], Tensor]
"""Texts, and their class numbers int64 (texts,)."""


def classified(
    parts: tuple[Labelled, Labelled, Labelled],
    classes: tuple[str, ...],
    *,
    unit: Unit,
    vocabulary: int,
    length: int,
    notes: dict[str, str] | None = None,
) -> Data:
    """Return train, eval and test texts as a classification of token rows.

    Args:
        parts: train, eval and test.
        classes: names of the class numbers.
        unit: what a token is.
        vocabulary: tokens that are known by name, at most.
        length: tokens in a row.
        notes: further facts for the preview.
    """
    tokenizer = Tokenizer.fitted(parts[0][0], unit, vocabulary, length)
    task = TextClassification(
        input_shape=(length,),
        outputs=len(classes),
        tokens=len(tokenizer.vocabulary),
        classes=classes,
        tokenizer=tokenizer,
    )
    train, held, test = (TensorSplit(tokenizer.encode(texts), labels) for texts, labels in parts)
    unknown = (held.x == UNKNOWN).sum() / (held.x != PADDING).sum()
    full = (train.x[:, -1] != PADDING).float().mean()
    facts = {
        "vocabulary": f"{len(tokenizer.vocabulary):,} {unit}",
        "unknown": f"{float(unknown):.1%} of eval's tokens",
        "cut or full": f"{float(full):.1%} of the rows",
    }
    return Data(task, train, held, test, {**facts, **(notes or {})})


def chosen(texts: Sequence[str], labels: Tensor, rows: Tensor) -> Labelled:
    """Return some of the labelled texts."""
    return [texts[row] for row in rows.tolist()], labels[rows]


def tokens_of(text: str, unit: Unit) -> list[str]:
    """Return a text's tokens: words in lower case and signs of punctuation, or characters as they are.

    >>> tokens_of("Don't go, @user!", "words")
    ["don't", 'go', ',', '@user', '!']
    >>> tokens_of("Hi", "characters")
    ['H', 'i']
    """
    assert unit in get_args(Unit)
    return _WORD.findall(text.lower()) if unit == "words" else list(text)
