"""Rows of numbers packed as they come, where a list of objects would cost several times the time."""

import struct
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Packed:
    """A buffer of rows of a few 8-byte numbers each, first in, first out."""

    def __init__(self, columns: str, capacity: int) -> None:
        """Make room for so many rows.

        Args:
            columns: a letter a column, as `struct` has them: "q" whole, "d" floating.
            capacity: rows; pushing more without taking any is an error.
        """
        row = struct.Struct(f"={columns}")
        self._pack: Callable[..., None] = row.pack_into
        self._bytes = row.size
        self._buffer = bytearray(capacity * row.size)
        self._end = 0
        """Bytes in use."""
        self._dtype = np.dtype([(str(number), f"={kind}") for number, kind in enumerate(columns)])

    def __len__(self) -> int:
        return self._end // self._bytes

    def push(self, *values: float) -> None:
        """Add a row.

        Raises:
            struct.error: the buffer is full.
        """
        self._pack(self._buffer, self._end, *values)
        self._end += self._bytes

    def take(self, rows: int) -> list[NDArray[Any]]:
        """Return the oldest rows, an array a column, and forget them."""
        used = rows * self._bytes
        taken = np.frombuffer(self._buffer, self._dtype, rows).copy()
        self._buffer[: self._end - used] = self._buffer[used : self._end]
        self._end -= used
        return [taken[name] for name in self._dtype.names or ()]
