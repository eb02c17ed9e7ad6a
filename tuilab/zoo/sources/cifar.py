"""The binary version of the CIFAR sets: a row is its labels, then 3x32x32 bytes.

Source: https://www.cs.toronto.edu/~kriz/cifar.html, "Binary version".
"""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from tuilab.errors import TuilabError
from tuilab.zoo.data import Data, Request
from tuilab.zoo.sources.material import Material
from tuilab.zoo.sources.obtain import obtain
from tuilab.zoo.sources.pixels import images

PIXELS = 3 * 32 * 32


def load(
    material: Material,
    request: Request,
    classes: tuple[str, ...],
    train: tuple[str, ...],
    test: str,
    labels: int,
) -> Data:
    """Fetch the files where needed, and cut eval out of the official training part.

    Args:
        material: what to fetch.
        request: says how to cut.
        classes: their names.
        train: the files of the training part.
        test: the file of the test part.
        labels: bytes before the pixels; the last of them counts.
    """
    folder = obtain(material, request)
    parts = [read(folder / name, labels) for name in train]
    x, y = (torch.cat(tensors) for tensors in zip(*parts, strict=True))
    return images((x, y), read(folder / test, labels), request, classes)


def read(path: Path, labels: int) -> tuple[Tensor, Tensor]:
    """Return pixels uint8 (rows, 3, 32, 32) and labels (rows,) of one file.

    Raises:
        TuilabError: its length is not that of whole rows.
    """
    raw = np.fromfile(path, dtype=np.uint8)
    if not raw.size or raw.size % (labels + PIXELS):
        raise TuilabError(f"{path} is not a binary file of CIFAR: {raw.size:,} bytes are not whole rows.")
    rows = torch.from_numpy(raw.reshape(-1, labels + PIXELS))
    return rows[:, labels:].reshape(-1, 3, 32, 32), rows[:, labels - 1]
