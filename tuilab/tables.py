"""Growing tables: NumPy files that are readable at any moment while they are written.

A table is a plain `.npy` file with a structured dtype. Rows are appended in
blocks; after each block the number of rows in the header is brought up to date
with one small write. So `numpy.load(path, mmap_mode="r")` of a live run always
works and always gives whole rows: what is past the header's count is not there
yet. The file never gets shorter, because a reader may have it mapped: rows that
a resumed run takes back are written over.
"""

import ast
import bisect
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_MAGIC = b"\x93NUMPY\x01\x00"
_ALIGNMENT = 64
_DIGITS = 20
"""Room for the row count: as many digits as 2**64 has."""

Rows = NDArray[np.void]
"""A structured array, one row a step or an evaluation."""


def _header(dtype: np.dtype[Any], rows: int) -> tuple[bytes, int]:
    """Return a header of fixed length for any number of rows, and where the count stands in it."""
    start = f"{{'descr': {np.lib.format.dtype_to_descr(dtype)!r}, 'fortran_order': False, 'shape': ("
    end = f"{rows},), }}"
    room = len(_MAGIC) + 2 + len(start) + _DIGITS + len(",), }\n")
    length = -(-room // _ALIGNMENT) * _ALIGNMENT
    text = (start + end).ljust(length - len(_MAGIC) - 3) + "\n"
    return _MAGIC + len(text).to_bytes(2, "little") + text.encode("latin1"), len(_MAGIC) + 2 + len(start)


class TableWriter:
    """Appends rows to a table; the only writer of its file."""

    def __init__(self, path: Path, dtype: np.dtype[Any]) -> None:
        """Open or create the table.

        Raises:
            ValueError: the file holds other columns.
            OSError: it cannot be opened or written.
        """
        self.dtype = dtype
        self._path = path
        header, self._count_at = _header(dtype, 0)
        self._data_at = len(header)
        if not path.exists() or path.stat().st_size < len(header):
            aside = path.with_name(f".{path.name}")
            aside.write_bytes(header)
            aside.rename(path)  # a reader meets a whole header or no file
        self._file = os.open(path, os.O_RDWR)
        known = np.load(path, mmap_mode="r")
        if known.dtype != dtype:
            raise ValueError(f"{path} holds other columns than this run writes.")
        self.rows = len(known)

    def append(self, rows: Rows) -> None:
        """Write a block of rows, then make them visible.

        Raises:
            OSError: the disk is full; nothing of the block is visible then.
        """
        block = np.ascontiguousarray(rows, dtype=self.dtype).tobytes()
        at = self._data_at + self.rows * self.dtype.itemsize
        done = 0
        while done < len(block):
            done += os.pwrite(self._file, block[done:], at + done)
        self._set_rows(self.rows + len(rows))

    def rewind(self, step: int) -> None:
        """Take back every row whose "step" is `step` or later."""
        if self.rows == 0:
            return
        steps = _mapped(self._path, self.dtype, self._data_at, self.rows)["step"]
        # Halving reads a handful of pages; NumPy's search would copy the whole column first.
        self._set_rows(bisect.bisect_left(steps, step))

    def keep(self, rows: int) -> None:
        """Take back every row after the first so many."""
        self._set_rows(min(rows, self.rows))

    def last(self) -> np.void:
        """Return the newest row; there must be one."""
        at = self._data_at + (self.rows - 1) * self.dtype.itemsize
        row: np.void = np.frombuffer(os.pread(self._file, self.dtype.itemsize, at), dtype=self.dtype)[0]
        return row

    def close(self) -> None:
        """Give the file back."""
        os.close(self._file)

    def _set_rows(self, rows: int) -> None:
        # Shorter counts leave digits of longer ones behind: pad over them.
        os.pwrite(self._file, f"{rows},), }}".ljust(_DIGITS + 4).encode("latin1"), self._count_at)
        self.rows = rows


class Table:
    """Reads a table that may be growing, or may not exist yet.

    Columns are views of a memory map, so a long run costs no memory. Call
    `refresh` to see rows that were added since.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._rows: Rows = np.empty(0, dtype=[("step", "<i8")])
        self._header: tuple[int, int, np.dtype[Any]] | None = None
        self.refresh()

    @property
    def columns(self) -> Sequence[str]:
        """Names of the columns, or only "step" before the file is there."""
        return self._rows.dtype.names or ()

    @property
    def rows(self) -> Rows:
        """All rows as of the last `refresh`."""
        return self._rows

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, column: str) -> NDArray[Any]:
        values: NDArray[Any] = self._rows[column]
        return values

    def refresh(self) -> int:
        """Look again and return the number of rows.

        It is smaller than before where a run was taken up from an earlier step.
        """
        try:
            with self.path.open("rb") as file:
                count = self._read_count(file.fileno())
                if count is not None and self._header is not None and count != len(self._rows):
                    _, data_at, dtype = self._header
                    self._rows = _mapped(self.path, dtype, data_at, count)
        except FileNotFoundError:
            pass
        return len(self._rows)

    def _read_count(self, file: int) -> int | None:
        """Return the row count that the file can really back, or None while its header is torn."""
        if self._header is None:
            self._header = _parse_header(os.pread(file, 1 << 16, 0))
            if self._header is None:
                return None
        count_at, data_at, dtype = self._header
        digits = os.pread(file, _DIGITS + 1, count_at).split(b",")[0]
        if not digits.isdigit():
            return None
        on_disk = (os.fstat(file).st_size - data_at) // dtype.itemsize
        return min(int(digits), on_disk)


def _parse_header(start: bytes) -> tuple[int, int, np.dtype[Any]] | None:
    """Return where the count stands, where the rows begin, and their dtype."""
    if not start.startswith(_MAGIC) or len(start) < len(_MAGIC) + 2:
        return None
    length = int.from_bytes(start[len(_MAGIC) : len(_MAGIC) + 2], "little")
    data_at = len(_MAGIC) + 2 + length
    text = start[len(_MAGIC) + 2 : data_at].decode("latin1")
    if len(text) < length or "'shape': (" not in text:
        return None
    descr = ast.literal_eval(text.strip())["descr"]
    count_at = len(_MAGIC) + 2 + text.index("'shape': (") + len("'shape': (")
    return count_at, data_at, np.dtype(descr)


def _mapped(path: Path, dtype: np.dtype[Any], data_at: int, count: int) -> Rows:
    if count == 0:
        return np.empty(0, dtype=dtype)  # an empty file region cannot be mapped
    return np.memmap(path, dtype=dtype, mode="r", offset=data_at, shape=(count,))
