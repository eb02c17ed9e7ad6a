"""Pairs of sequences as token rows: sources filled up with padding, targets ended and filled up."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from tuilab.zoo.data import Data, Request, three_way
from tuilab.zoo.splits import TensorSplit
from tuilab.zoo.tasks.seq2seq import END, PADDING, Seq2Seq

Pair = tuple[Sequence[str], Sequence[str]]
"""The tokens of a source and of its target."""

_EXAMPLES = 6
"""Pairs of the eval part that samples are made from."""


def translated(
    pairs: Sequence[Pair],
    request: Request,
    *,
    source_symbols: tuple[str, ...],
    target_symbols: tuple[str, ...],
    separator: str = "",
    lengths: tuple[int, int] | None = None,
) -> Data:
    """Return pairs as a sequence-to-sequence data set, cut at random.

    Args:
        pairs: each source once, or the test would hold what was trained on.
        request: says how to cut.
        source_symbols: the tokens of sources.
        target_symbols: the tokens of targets.
        separator: stands between a target's tokens where they are shown.
        lengths: tokens in the longest source and target; found where it is None.
    """
    longest = lengths or (max(len(a) for a, _ in pairs), max(len(b) for _, b in pairs))
    source_numbers = {symbol: number for number, symbol in enumerate(source_symbols, PADDING + 1)}
    target_numbers = {symbol: number for number, symbol in enumerate(target_symbols, END + 1)}
    sources = [[source_numbers[symbol] for symbol in source] for source, _ in pairs]
    targets = [[target_numbers[symbol] for symbol in target] for _, target in pairs]
    x = _filled(sources, longest[0])
    y = _filled([[*target, END] for target in targets], longest[1] + 1)
    train, held, test = three_way(len(pairs), request.seed, request.split)
    shown = held[:_EXAMPLES].tolist()
    task = Seq2Seq(
        input_shape=(longest[0],),
        outputs=len(target_symbols) + END + 1,
        tokens=len(source_symbols) + 1,
        target_length=longest[1] + 1,
        source_vocabulary=("", *source_symbols),
        target_vocabulary=("", "", "", *target_symbols),
        separator=separator,
        examples=tuple((tuple(sources[row]), tuple(targets[row])) for row in shown),
    )
    learned, judged, tested = (TensorSplit(x[rows], y[rows]) for rows in (train, held, test))
    return Data(task, learned, judged, tested)


def _filled(rows: list[list[int]], length: int) -> Tensor:
    """Return rows of one length, int64 (rows, length)."""
    filled = np.full((len(rows), length), PADDING, dtype=np.int64)
    for number, row in enumerate(rows):
        filled[number, : len(row)] = row
    return torch.from_numpy(filled)
