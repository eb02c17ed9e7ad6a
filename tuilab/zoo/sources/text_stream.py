"""A text as one stream of tokens for a language model: characters or bytes, cut into stretches."""

from typing import Annotated, Literal

import numpy as np
import torch
from torch import Tensor

from tuilab.errors import TuilabError
from tuilab.knobs import Knob
from tuilab.zoo.data import Data, check_shares
from tuilab.zoo.splits import TokenSplit
from tuilab.zoo.tasks.language_model import LanguageModel

UNKNOWN = "\N{REPLACEMENT CHARACTER}"
"""Shown for a character that the training part did not have."""


Unit = Annotated[
    Literal["characters", "bytes"], Knob("what a token is: a character of this text, or a byte of any text")
]
"""Bytes are the same 256 in every text: weights learned on one fit another."""


def as_stream(
    unit: str,
    texts: tuple[str, str, str],
    context: int,
    prompts: tuple[str, ...],
    notes: dict[str, str] | None = None,
) -> Data:
    """Return train, eval and test texts in the unit that was asked for."""
    make = by_bytes if unit == "bytes" else by_characters
    return make(texts, context, prompts, notes)


def by_characters(
    texts: tuple[str, str, str],
    context: int,
    prompts: tuple[str, ...],
    notes: dict[str, str] | None = None,
) -> Data:
    """Return train, eval and test texts as characters; the vocabulary is that of train.

    Args:
        texts: train, eval and test.
        context: characters in a window.
        prompts: what samples begin with.
        notes: further facts for the preview.
    """
    vocabulary = tuple(sorted(set(texts[0])))
    if not set(texts[1] + texts[2]) <= set(vocabulary):
        vocabulary = (*vocabulary, UNKNOWN)
    streams = [_numbered(text, vocabulary) for text in texts]
    return _data(streams, context, vocabulary, prompts, 1.0, notes or {})


def by_bytes(
    texts: tuple[str, str, str],
    context: int,
    prompts: tuple[str, ...],
    notes: dict[str, str] | None = None,
) -> Data:
    """Return train, eval and test texts as the bytes of UTF-8; arguments as for `by_characters`."""
    packed = [text.encode() for text in texts]
    streams = [torch.from_numpy(np.frombuffer(part, dtype=np.uint8).astype(np.int64)) for part in packed]
    # Samples show a byte as the character of that number: plain English reads as it is.
    vocabulary = tuple(chr(number) for number in range(256))
    ratio = len(texts[0]) / len(packed[0])
    return _data(streams, context, vocabulary, prompts, ratio, notes or {})


def stretches(text: str, shares: tuple[float, float, float]) -> tuple[str, str, str]:
    """Cut a text in order: train, then eval, then test."""
    check_shares(shares)
    test = round(len(text) * (1 - shares[2]))
    held = round(len(text) * (1 - shares[2] - shares[1]))
    return text[:held], text[held:test], text[test:]


def check_windows(splits: dict[str, TokenSplit], context: int) -> None:
    """Refuse a context that a split has no window for.

    Raises:
        TuilabError: names the split and what to do.
    """
    for name, split in splits.items():
        if split.rows < 1:
            raise TuilabError(
                f"data.context: {name} has {len(split.stream)} tokens, too few for windows of {context}. "
                "Choose a smaller context or give it a larger share of data.split."
            )


def _data(
    streams: list[Tensor],
    context: int,
    vocabulary: tuple[str, ...],
    prompts: tuple[str, ...],
    characters_per_token: float,
    notes: dict[str, str],
) -> Data:
    splits = {
        name: TokenSplit(stream, context)
        for name, stream in zip(("train", "eval", "test"), streams, strict=True)
    }
    check_windows(splits, context)
    task = LanguageModel(
        input_shape=(context,),
        outputs=len(vocabulary),
        tokens=len(vocabulary),
        vocabulary=vocabulary,
        prompts=prompts,
        characters_per_token=characters_per_token,
    )
    tokens = sum(len(stream) for stream in streams)
    facts = {"tokens": f"{tokens:,}", "symbols": str(len(vocabulary)), **notes}
    return Data(task, splits["train"], splits["eval"], splits["test"], facts)


def _numbered(text: str, vocabulary: tuple[str, ...]) -> Tensor:
    """Return each character's place in the vocabulary, int64 (characters,); the last is the unknown's."""
    codes = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)
    places = np.full(int(codes.max(initial=0)) + 1, len(vocabulary) - 1, dtype=np.int64)
    known = [(ord(character), number) for number, character in enumerate(vocabulary)]
    inside = np.array([pair for pair in known if pair[0] < len(places)], dtype=np.int64).reshape(-1, 2)
    places[inside[:, 0]] = inside[:, 1]
    return torch.from_numpy(places[codes])
