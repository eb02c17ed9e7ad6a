"""The IDX format of MNIST and its relatives: a short header, then bytes.

Source: http://yann.lecun.com/exdb/mnist/, "FILE FORMATS FOR THE MNIST DATABASE".
"""

import struct
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from tuilab.errors import TuilabError
from tuilab.zoo.data import Data, Request
from tuilab.zoo.sources.material import Download, File, Material
from tuilab.zoo.sources.obtain import obtain
from tuilab.zoo.sources.pixels import images

PARTS = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
"""The four files of all these data sets."""

SIZES = (47_040_016, 60_008, 7_840_016, 10_008)
"""Theirs, unpacked: 60,000 and 10,000 images of 28x28 bytes, and labels of one."""

_UNSIGNED_BYTES = 8


def read(path: Path) -> NDArray[np.uint8]:
    """Return the array in an IDX file of bytes.

    Raises:
        TuilabError: it is none, or its end is missing.
    """
    raw = path.read_bytes()
    if len(raw) < 4 or raw[:2] != b"\0\0" or raw[2] != _UNSIGNED_BYTES:
        raise TuilabError(f"{path} is not an IDX file of bytes.")
    dimensions = raw[3]
    shape = struct.unpack(f">{dimensions}I", raw[4 : 4 + 4 * dimensions])
    values = np.frombuffer(raw, dtype=np.uint8, offset=4 + 4 * dimensions)
    if values.size != np.prod(shape):
        raise TuilabError(f"{path} has {values.size:,} values in place of {shape}.")
    return values.reshape(shape)


def files(hashes: tuple[str, str, str, str]) -> tuple[File, ...]:
    """Return the four files, by their SHA-256 when unpacked; empty where only the packed one's is known."""
    return tuple(File(*parts) for parts in zip(PARTS, SIZES, hashes, strict=True))


def downloads(packed: tuple[tuple[int, str], ...]) -> tuple[Download, ...]:
    """Return the four files as mirrors serve them, by the size and SHA-256 of each."""
    return tuple(
        Download(f"{name}.gz", size, sha256, {name: (name,)})
        for name, (size, sha256) in zip(PARTS, packed, strict=True)
    )


def load(material: Material, request: Request, classes: tuple[str, ...]) -> Data:
    """Fetch the four files where needed, and cut eval out of the official training part."""
    folder = obtain(material, request)
    x, y, test_x, test_y = (torch.from_numpy(read(folder / name).copy()) for name in PARTS)
    return images((x[:, None], y), (test_x[:, None], test_y), request, classes)
