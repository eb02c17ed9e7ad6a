"""The data files that travel in the package, read and verified.

Every file stands in `datasets/files/` beside a NOTICE of its licence and
source. Its SHA-256 is checked at each load: that costs a millisecond, and a
half-copied file would otherwise train a model on noise.
"""

import gzip
import hashlib
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tuilab.errors import TuilabError

FOLDER = Path(__file__).parent / "datasets" / "files"


def read(name: str, sha256: str) -> bytes:
    """Return a file's bytes, unpacked where its name ends in .gz.

    Args:
        name: of the file in `datasets/files/`.
        sha256: of the file as it stands there, packed.

    Raises:
        TuilabError: the file is missing or is not the one that was vendored.
    """
    try:
        packed = (FOLDER / name).read_bytes()
    except OSError as error:
        raise TuilabError(
            f"The data file {FOLDER / name} cannot be read ({error}). Reinstall tuilab."
        ) from error
    if hashlib.sha256(packed).hexdigest() != sha256:
        raise TuilabError(
            f"The data file {FOLDER / name} is damaged: its SHA-256 is wrong. Reinstall tuilab."
        )
    return gzip.decompress(packed) if name.endswith(".gz") else packed


def numbers(text: bytes, columns: int, *, skip_lines: int = 0, separator: str = ",") -> NDArray[np.float64]:
    """Return a table of plain numbers as (rows, columns)."""
    lines = text.decode().splitlines()[skip_lines:]
    cells = separator.join(lines).split(separator)
    return np.array(cells, dtype=np.float64).reshape(-1, columns)


def labelled(name: str, sha256: str, columns: int, *, skip_lines: int = 0) -> tuple[Tensor, Tensor]:
    """Return a table whose rows end in a class number.

    Args:
        name: of the file.
        sha256: of the file.
        columns: measurements in a row.
        skip_lines: of heading before the first row.

    Returns:
        Measurements float32 (rows, columns) and class numbers int64 (rows,).
    """
    table = torch.from_numpy(numbers(read(name, sha256), columns + 1, skip_lines=skip_lines))
    return table[:, :columns].float(), table[:, columns].long()
