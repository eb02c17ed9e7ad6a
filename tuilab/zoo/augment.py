"""Images varied anew at every look, so that no two epochs show the same.

What is done is decided by numbers drawn on the host from the seed and the batch's number,
so a run that is taken up again sees what it would have seen. The pictures are changed on
the device, by nothing but these numbers: a recorded step replays with new ones.
"""

import random
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from tuilab.errors import TuilabError, nearest
from tuilab.options import AUGMENTATIONS
from tuilab.zoo.splits import Batch
from tuilab.zoo.tasks.task import Task

_SHIFT = 1 / 8
"""Of the side: 4 pixels of 32, as He et al. 2016 pad and crop CIFAR-10."""

_CUT = 1 / 2
"""Of the side: 16 pixels of 32, as DeVries and Taylor 2017 cut out of CIFAR-10."""

_ALPHA = 0.2
"""Of the beta distribution that mixing draws from: mostly a little (Zhang et al. 2018, section 3)."""

_DRAWS = 7
"""Numbers drawn for each image: flip, shift down and right, cut down and right, partner, its share."""


class Augmentation:
    """Changes a batch of training images (batch, channels, height, width).

    flip: mirrored, half of them. shift: moved by up to an eighth of the side, zeros follow. cutout: a
    square with half the side set to zero, where it falls. mixup: each image blended with another of the
    batch, and the targets with them, as shares of the classes. Zeros are black before normalising and
    the mean colour of the train set after `normalize = "standard"`.
    """

    def __init__(self, kinds: Sequence[str], task: Task) -> None:
        """Choose what is done.

        Args:
            kinds: among flip, shift, cutout, mixup; whatever their order, they are done in this one.
            task: says what the inputs are and how many classes there are.

        Raises:
            TuilabError: there is no such kind, or the inputs are no images.
        """
        for kind in kinds:
            if kind not in AUGMENTATIONS:
                raise TuilabError(f"data.augment: there is no {kind!r} here. {nearest(kind, AUGMENTATIONS)}")
        if len(task.input_shape) != 3 or task.tokens:
            raise TuilabError("data.augment: only images can be varied like this. Leave the list empty.")
        self._kinds = frozenset(kinds)
        self._classes = task.outputs

    def draw(self, rows: int, seed: int) -> Tensor:
        """Return the numbers that decide over a batch, float32 (rows, 7), on the host."""
        draws = torch.rand(rows, _DRAWS, generator=torch.Generator().manual_seed(seed))
        draws[:, -1] = random.Random(seed).betavariate(_ALPHA, _ALPHA)  # one share a batch, as in the paper
        return draws

    def apply(self, batch: Batch, draws: Tensor) -> Batch:
        """Return the batch as these numbers, on its device, will have it."""
        x, y = batch
        if "flip" in self._kinds:
            x = torch.where(draws[:, 0, None, None, None] < 0.5, x.flip(-1), x)
        if "shift" in self._kinds:
            x = _shifted(x, draws[:, 1:3])
        if "cutout" in self._kinds:
            x = x.masked_fill(_square(x, draws[:, 3:5])[:, None], 0.0)
        if "mixup" in self._kinds:
            x, y = self._mixed(x, y, draws[:, 5], draws[0, 6])
        return x, y

    def _mixed(self, x: Tensor, y: Tensor, order: Tensor, share: Tensor) -> Batch:
        partner = order.argsort()
        soft = functional.one_hot(y, self._classes).to(x.dtype)  # (batch, classes)
        return share * x + (1 - share) * x[partner], share * soft + (1 - share) * soft[partner]


def _shifted(x: Tensor, draws: Tensor) -> Tensor:
    """Return each image moved by a whole number of pixels, zeros where nothing was."""
    height, width = x.shape[-2:]
    down, right = (max(1, round(side * _SHIFT)) for side in (height, width))
    padded = functional.pad(x, (right, right, down, down))
    rows = torch.arange(height, device=x.device) + _moves(draws[:, :1], down)  # (batch, height)
    columns = torch.arange(width, device=x.device) + _moves(draws[:, 1:], right)  # (batch, width)
    images = torch.arange(len(x), device=x.device)[:, None, None]
    picked = padded.movedim(1, -1)[images, rows[:, :, None], columns[:, None, :]]
    return picked.movedim(-1, 1).contiguous()


def _moves(draws: Tensor, reach: int) -> Tensor:
    """Return whole numbers from 0 to twice the reach, all as likely; shaped as the draws."""
    return ((2 * reach + 1) * draws).floor().clamp(max=2 * reach).long()


def _square(x: Tensor, draws: Tensor) -> Tensor:
    """Return where each image is cut out, bool (batch, height, width); at the edge less than a square."""
    near = []
    for axis, side in enumerate(x.shape[-2:]):
        centre = (draws[:, axis] * side).floor()[:, None]
        place = torch.arange(side, device=x.device)
        half = max(1, round(side * _CUT)) / 2
        near.append((place >= centre - half) & (place < centre + half))
    return near[0][:, :, None] & near[1][:, None, :]
