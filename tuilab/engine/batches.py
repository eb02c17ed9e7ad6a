"""An endless stream of batches whose whole state is one number.

Each epoch's order follows from the seed and the epoch alone, and how a batch's
images are varied from the seed and the batch's number. So the position, counted in
batches, is all that a checkpoint has to keep.
"""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from tuilab.engine.graph import Inputs
from tuilab.engine.loader import Loader
from tuilab.zoo.augment import Augmentation
from tuilab.zoo.splits import Batch, Split

_STRIDE = 1_000_003
"""Sets the orders of neighbouring seeds apart; a prime, so that they do not meet."""

_VARIED = 1 << 52
"""Sets what varies the images apart from what shuffles them."""


class Batches:
    """Batches of a split, shuffled anew every epoch; the last of an epoch may be smaller.

    Where the split lies on the device, a batch is gathered there from its positions, as a
    part of the step. Elsewhere batches are read ahead, and a step begins with samples.
    """

    def __init__(
        self,
        split: Split,
        batch_size: int,
        seed: int,
        device: torch.device,
        workers: int = 0,
        augmentation: Augmentation | None = None,
    ) -> None:
        """Begin with the first batch of the first epoch.

        Args:
            split: what batches are taken from.
            batch_size: samples in a batch.
            seed: of the orders.
            device: where batches are wanted.
            workers: processes that read ahead, for a split that is not in memory; 0 is a thread.
            augmentation: varies the images of a batch, on the device.
        """
        self._split = split
        self._augmentation = augmentation
        self._seed = seed
        self._device = device
        self._workers = workers
        self.ahead = split.device != device
        """Whether batches are read ahead of the step."""
        self.batch_size = min(batch_size, split.rows)
        """Samples in a batch; never more than there are."""
        self.per_epoch = -(-split.rows // self.batch_size)
        """Batches in an epoch."""
        self.position = 0
        """Batches given so far."""
        self.meanwhile: Callable[[], None] = lambda: None
        """Done while a batch is late."""
        self._loader: Loader | None = None
        self._loaded = 0
        self._epoch = -1
        self._order = torch.empty(0, dtype=torch.int64)

    def next(self) -> Inputs:
        """Return what the next batch is made from.

        The positions of its samples, or these; and the numbers that vary them, last.
        """
        if self.ahead:
            made = self._read()
        else:
            made = (self._positions(self.position),)
            self.position += 1
        if self._augmentation is None:
            return made
        draws = self._augmentation.draw(len(made[0]), _VARIED + self._seed * _STRIDE + self.position)
        if self._device.type == "cuda":
            draws = draws.pin_memory()
        return (*made, draws.to(self._device, non_blocking=True))

    def gather(self, inputs: Inputs) -> Batch:
        """Return the batch that is made from them, on the device."""
        if self._augmentation is not None:
            *made, draws = inputs
            return self._augmentation.apply(self._gathered(*made), draws)
        return self._gathered(*inputs)

    def _gathered(self, *made: Tensor) -> Batch:
        if self.ahead:
            x, y = made
            return x, y
        return self._split.take(*made)

    def close(self) -> None:
        """Stop reading ahead."""
        if self._loader is not None:
            self._loader.close()
            self._loader = None

    def _read(self) -> Inputs:
        if self._loader is None or self._loaded != self.position:
            self.close()
            chunks = self._chunks(self.position)
            self._loader = Loader(
                self._split, chunks, self._device, self._workers, meanwhile=lambda: self.meanwhile()
            )
        self.position += 1
        self._loaded = self.position
        return next(self._loader)

    def _chunks(self, position: int) -> Iterator[Tensor]:
        while True:
            yield self._positions(position)
            position += 1

    def _positions(self, position: int) -> Tensor:
        epoch, number = divmod(position, self.per_epoch)
        if epoch != self._epoch:
            self._shuffle(epoch)
        return self._order[number * self.batch_size : (number + 1) * self.batch_size]

    def _shuffle(self, epoch: int) -> None:
        generator = torch.Generator().manual_seed(self._seed * _STRIDE + epoch)
        order = self._split.order(generator)
        if not self.ahead:
            if self._device.type == "cuda":
                order = order.pin_memory()
            order = order.to(self._device, non_blocking=True)
        self._order = order
        self._epoch = epoch
