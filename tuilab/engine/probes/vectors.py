"""Tables with an array a row, copied out while the steps go on.

Rare and wide, where the step table is frequent and narrow: each row is copied to
pinned memory on its own and written once it has arrived.
"""

from collections import deque
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from tuilab.tables import TableWriter


class VectorTable:
    """Writes a table of "step" and "value", an array of a fixed shape."""

    def __init__(self, path: Path, shape: tuple[int, ...]) -> None:
        path.parent.mkdir(exist_ok=True)
        self._table = TableWriter(path, np.dtype([("step", "<i8"), ("value", "<f4", shape)]))
        self._waiting: deque[tuple[int, Tensor, torch.cuda.Event | None]] = deque()

    def push(self, step: int, values: Tensor) -> None:
        """Start copying out a row."""
        values = values.detach().float()
        if values.device.type != "cuda":
            self._waiting.append((step, values.clone(), None))
            return
        pinned = torch.empty(values.shape, pin_memory=True)
        pinned.copy_(values, non_blocking=True)
        arrived = torch.cuda.Event()
        arrived.record()
        self._waiting.append((step, pinned, arrived))

    def flush(self, wait: bool, last: int | None) -> None:
        """Write what has arrived, up to and with the step `last` where one is given."""
        landed: list[tuple[int, Tensor]] = []
        while self._waiting:
            step, values, arrived = self._waiting[0]
            if arrived is not None and wait:
                arrived.synchronize()
            if arrived is not None and not arrived.query():
                break
            self._waiting.popleft()
            if last is None or step <= last:
                landed.append((step, values))
        if landed:
            rows = np.empty(len(landed), dtype=self._table.dtype)
            # Row by row: NumPy would take a list of wide ones apart number by number.
            for row, (step, values) in enumerate(landed):
                rows["step"][row], rows["value"][row] = step, values
            self._table.append(rows)

    def rewind(self, step: int) -> None:
        """Take back the rows of a step and of all after it."""
        self._table.rewind(step)

    def close(self) -> None:
        """Give the file back."""
        self._table.close()
