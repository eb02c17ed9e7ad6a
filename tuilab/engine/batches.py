"""An endless stream of batches whose whole state is one number.

Each epoch's order follows from the seed and the epoch alone. So the position,
counted in batches, is all that a checkpoint has to keep.
"""

import torch

from tuilab.engine.graph import Inputs
from tuilab.zoo.data import Batch, Split

_STRIDE = 1_000_003
"""Sets the orders of neighbouring seeds apart; a prime, so that they do not meet."""


class Batches:
    """Batches of a split, shuffled anew every epoch; the last of an epoch may be smaller."""

    def __init__(self, split: Split, batch_size: int, seed: int, device: torch.device) -> None:
        self._split = split
        self._seed = seed
        self._device = device
        self.batch_size = min(batch_size, split.rows)
        """Samples in a batch; never more than there are."""
        self.per_epoch = -(-split.rows // self.batch_size)
        """Batches in an epoch."""
        self.position = 0
        """Batches given so far."""
        self._epoch = -1
        self._chunks: tuple[torch.Tensor, ...] = ()

    def next(self) -> Inputs:
        """Return what the next batch is made from: the positions of its samples."""
        epoch, number = divmod(self.position, self.per_epoch)
        if epoch != self._epoch:
            self._shuffle(epoch)
        self.position += 1
        return (self._chunks[number],)

    def gather(self, inputs: Inputs) -> Batch:
        """Return the batch that is made from them, on the device."""
        return self._split.take(*inputs)

    def _shuffle(self, epoch: int) -> None:
        generator = torch.Generator().manual_seed(self._seed * _STRIDE + epoch)
        order = self._split.order(generator)
        if self._device.type == "cuda":
            order = order.pin_memory()
        self._chunks = order.to(self._device, non_blocking=True).split(self.batch_size)
        self._epoch = epoch
