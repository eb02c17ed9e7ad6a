"""Numbers that wait on the device until they can be copied out without anyone waiting.

A step leaves its scalars here and goes on. On CUDA a full buffer is copied to
pinned memory on a stream of its own while the next one fills; it is read when
its copy has arrived. On the CPU there is nothing to wait for, so the numbers
are read at once.
"""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Block = NDArray[np.float32]
"""(rows, width)"""


class Ring:
    """Rows of float32 scalars in the order they were pushed."""

    def __init__(self, width: int, device: torch.device, capacity: int = 4096) -> None:
        self._width = width
        self._on_cuda = device.type == "cuda"
        self._capacity = capacity
        self._numbers: list[float] = []
        """On the CPU: one row after the other."""
        if self._on_cuda:
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
        return self._filled >= self._capacity or len(self._numbers) >= self._capacity * self._width

    def push(self, scalars: Sequence[Tensor] | Tensor) -> None:
        """Add a row: 0-d tensors, or (width,). Never waits on CUDA; `full` must be false."""
        if isinstance(scalars, Tensor) and self._on_cuda:
            self._filling[self._filled].copy_(scalars)
            self._filled += 1
        elif self._on_cuda:
            torch.stack([scalar.detach().float() for scalar in scalars], out=self._filling[self._filled])
            self._filled += 1
        else:
            self._numbers.extend(map(Tensor.item, scalars))

    def drain(self, wait: bool = False) -> Block:
        """Return the rows that have arrived since the last drain.

        Args:
            wait: for all that were pushed, as a checkpoint must.
        """
        if not self._on_cuda:
            numbers, self._numbers = self._numbers, []
            return np.array(numbers, dtype=np.float32).reshape(-1, self._width)
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
