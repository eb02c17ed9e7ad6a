"""Per-layer gradient norms, a row every so many steps.

Rare and wide, where the step table is frequent and narrow: each row is a vector
that is copied out on its own while the steps go on.
"""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from tuilab.tables import TableWriter


class LayerNorms:
    """Writes `layers/grad_norm.npy`: step, and one value a layer."""

    def __init__(self, folder: Path, model: nn.Module, every: int, device: torch.device) -> None:
        self.every = every
        """Steps between rows."""
        trained = [name for name, parameter in model.named_parameters() if parameter.requires_grad]
        owners = [name.rpartition(".")[0] or name for name in trained]
        self.names = list(dict.fromkeys(owners))
        """The layers, in the model's order: whatever owns parameters of its own."""
        self._owner = torch.tensor([self.names.index(owner) for owner in owners], device=device)
        (folder / "layers").mkdir(exist_ok=True)
        dtype = np.dtype([("step", "<i8"), ("value", "<f4", (len(self.names),))])
        self._table = TableWriter(folder / "layers" / "grad_norm.npy", dtype)
        self._waiting: list[tuple[int, Tensor, torch.cuda.Event | None]] = []

    def push(self, step: int, norms: Tensor) -> None:
        """Start copying out the norms of all trained parameters' gradients, (parameters,)."""
        squares = torch.zeros(len(self.names), device=norms.device)
        layers = squares.index_add_(0, self._owner, norms.detach().float().square()).sqrt_()
        if layers.device.type != "cuda":
            self._waiting.append((step, layers, None))
            return
        pinned = torch.empty(len(self.names), pin_memory=True)
        pinned.copy_(layers, non_blocking=True)
        arrived = torch.cuda.Event()
        arrived.record()
        self._waiting.append((step, pinned, arrived))

    def flush(self, wait: bool, last: int | None) -> None:
        """Write what has arrived, up to and with the step `last` where one is given."""
        landed = []
        while self._waiting:
            step, values, arrived = self._waiting[0]
            if arrived is not None and wait:
                arrived.synchronize()
            if arrived is not None and not arrived.query():
                break
            self._waiting.pop(0)
            if last is None or step <= last:
                landed.append((step, values.numpy()))
        if landed:
            self._table.append(np.array(landed, dtype=self._table.dtype))

    def rewind(self, step: int) -> None:
        """Take back the rows of a step and of all after it."""
        self._table.rewind(step)

    def close(self) -> None:
        """Give the file back."""
        self._table.close()
