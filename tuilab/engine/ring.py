"""Numbers that wait on a GPU until they can be copied out without anyone waiting.

A step leaves its scalars here and goes on. A full buffer is copied to pinned memory
on a stream of its own while the next one fills; it is read when its copy has arrived.
"""

from collections.abc import Sequence
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Block = NDArray[np.float32]
"""(rows, width)"""

Scalar = Tensor | float
"""A number that a step leaves: a 0-d tensor, always so on CUDA; where it is known at once, plain."""


def in_a_row(scalars: Sequence[Scalar]) -> list[Tensor]:
    """Return what a step on a GPU left as float32 tensors, to be stacked."""
    return [scalar.detach().float() for scalar in cast(Sequence[Tensor], scalars)]


class Ring:
    """Rows of float32 scalars in the order they were pushed, on their way from a GPU."""

    def __init__(self, width: int, device: torch.device, capacity: int = 4096) -> None:
        self._width = width
        self._capacity = capacity
        self._filling = torch.empty(capacity, width, device=device)
        self._copying = torch.empty(capacity, width, device=device)
        self._pinned = torch.empty(capacity, width, pin_memory=True)
        self._arrived = torch.cuda.Event()
        self._out = torch.cuda.Stream(device)
        self._filled = 0
        self._in_flight = 0

    @property
    def full(self) -> bool:
        """Whether a drain is due whatever the clock says."""
        return self._filled >= self._capacity

    def push(self, scalars: Sequence[Scalar] | Tensor) -> None:
        """Add a row: 0-d tensors, or (width,). Never waits; `full` must be false."""
        row = self._filling[self._filled]
        if isinstance(scalars, Tensor):
            row.copy_(scalars)
        else:
            torch.stack(in_a_row(scalars), out=row)
        self._filled += 1

    def drain(self, wait: bool = False) -> Block:
        """Return the rows that have arrived since the last drain.

        Args:
            wait: for all that were pushed, as a checkpoint must.
        """
        blocks = [self._landed(wait or self.full)]
        if not self._in_flight and self._filled:
            self._send()
            if wait:
                blocks.append(self._landed(wait=True))
        return np.concatenate(blocks)

    def _send(self) -> None:
        self._filling, self._copying = self._copying, self._filling
        self._in_flight, self._filled = self._filled, 0
        self._out.wait_stream(torch.cuda.current_stream(self._copying.device))
        with torch.cuda.stream(self._out):
            self._pinned[: self._in_flight].copy_(self._copying[: self._in_flight], non_blocking=True)
            self._arrived.record(self._out)

    def _landed(self, wait: bool) -> Block:
        if wait and self._in_flight:
            self._arrived.synchronize()
        if not self._in_flight or not self._arrived.query():
            return np.empty((0, self._width), dtype=np.float32)
        rows: Block = self._pinned[: self._in_flight].numpy().copy()
        self._in_flight = 0
        return rows
