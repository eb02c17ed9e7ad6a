"""Token streams too large for memory: files of uint16 that are mapped, and read window by window."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tuilab.errors import TuilabError
from tuilab.zoo.splits import Batch

_HEADER = 256
"""Numbers (int32) before the tokens: a mark, the version, how many tokens follow."""
_MARK = 20240520
_VERSION = 1

Tokens = NDArray[np.uint16]


def mapped(path: Path) -> Tokens:
    """Return the tokens of one shard, on disk until they are looked at.

    The format is llm.c's: https://github.com/karpathy/llm.c, dev/data.

    Raises:
        TuilabError: it is no such file, or its end is missing.
    """
    try:
        header = np.fromfile(path, dtype="<i4", count=_HEADER)
    except OSError as error:
        raise TuilabError(f"The token file {path} cannot be read: {error}.") from error
    if len(header) < _HEADER or header[0] != _MARK or header[1] != _VERSION:
        raise TuilabError(f"{path} is not a file of GPT-2 tokens as llm.c writes them.")
    tokens = int(header[2])
    there = (path.stat().st_size - header.nbytes) // 2
    if there != tokens:
        raise TuilabError(f"{path} has {there:,} tokens in place of {tokens:,}. Remove it and start again.")
    return np.memmap(path, dtype="<u2", mode="r", offset=header.nbytes, shape=(tokens,))


@dataclass(frozen=True, slots=True, eq=False)
class ShardSplit:
    """Windows over several streams, read from disk as they are asked for; none reaches across a border.

    As in `TokenSplit` an epoch is a shuffled tiling from a random phase. A position is a
    window's number among those of all shards, times the context, plus the phase.
    """

    shards: tuple[Tokens, ...]
    context: int
    """Tokens in a window."""

    @property
    def rows(self) -> int:
        """The windows of a tiling that holds for every phase."""
        return sum(self._windows(shard) for shard in self.shards)

    @property
    def device(self) -> None:
        """None: the streams stay on disk."""

    @property
    def bytes(self) -> int:
        """None of the device's memory."""
        return 0

    def order(self, generator: torch.Generator | None) -> Tensor:
        """Return the positions of one tiling; a number a window is all the memory it takes."""
        if generator is None:
            return torch.arange(self.rows).mul_(self.context)
        phase = torch.randint(self.context, (1,), generator=generator)
        return torch.randperm(self.rows, generator=generator).mul_(self.context).add_(phase)

    def take(self, positions: Tensor) -> Batch:
        """Read windows: the only tokens that ever are in memory."""
        numbers, phases = np.divmod(positions.numpy(), self.context)
        before = np.cumsum([0, *(self._windows(shard) for shard in self.shards)])
        owners = np.searchsorted(before, numbers, side="right") - 1
        starts = (numbers - before[owners]) * self.context + phases
        windows = torch.empty(len(numbers), self.context + 1, dtype=torch.int64)
        for row, owner, start in zip(windows.numpy(), owners, starts, strict=True):
            row[:] = self.shards[owner][start : start + self.context + 1]
        return windows[:, :-1], windows[:, 1:]

    def to(self, device: torch.device) -> "ShardSplit":
        """Return it as it is: whoever trains on a device sends it batches."""
        return self

    def limited(self, rows: int) -> "ShardSplit":
        """Keep the first windows."""
        kept: list[Tokens] = []
        for shard in self.shards:
            left = rows - sum(self._windows(one) for one in kept)
            if left > 0:
                kept.append(shard[: (left + 1) * self.context + 1])
        return replace(self, shards=tuple(kept))

    def _windows(self, shard: Tokens) -> int:
        return max(0, (len(shard) - 1) // self.context - 1)


def check_windows(splits: Sequence[ShardSplit]) -> None:
    """Refuse a context that a split has no window for.

    Raises:
        TuilabError: says what to do.
    """
    if any(split.rows < 1 for split in splits):
        raise TuilabError(
            "data.context: the shards are too short for windows of this size. Choose a smaller one."
        )
