"""Images as bytes, made ready for training."""

import torch
from torch import Tensor

from tuilab.zoo.data import Data, Request, three_way, two_way
from tuilab.zoo.splits import TensorSplit
from tuilab.zoo.tasks.classification import Classification

_WHITE = 255


def images(
    train: tuple[Tensor, Tensor], test: tuple[Tensor, Tensor], request: Request, classes: tuple[str, ...]
) -> Data:
    """Return images with an official test part; eval is cut out of the training part.

    Args:
        train: pixels uint8 (rows, channels, height, width) and class numbers (rows,).
        test: the same.
        request: says how to cut.
        classes: their names.
    """
    kept, held = two_way(len(train[0]), request.seed, request.split)
    everything = torch.arange(len(test[0]))
    task = Classification(input_shape=tuple(train[0].shape[1:]), outputs=len(classes), classes=classes)
    return Data(task, part(*train, kept), part(*train, held), part(*test, everything))


def images_without_test(x: Tensor, y: Tensor, request: Request, classes: tuple[str, ...]) -> Data:
    """Return images of which no part is set aside for the test; arguments as for `images`."""
    kept, held, test = three_way(len(x), request.seed, request.split)
    task = Classification(input_shape=tuple(x.shape[1:]), outputs=len(classes), classes=classes)
    return Data(task, part(x, y, kept), part(x, y, held), part(x, y, test))


def part(x: Tensor, y: Tensor, rows: Tensor) -> TensorSplit:
    """Return some of the images: gathered as bytes, which is a quarter of the memory, then scaled to 0..1."""
    return TensorSplit(x.index_select(0, rows).float().div_(_WHITE), y.index_select(0, rows).long())
