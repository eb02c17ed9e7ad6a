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
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_MAGIC = b"\x93NUMPY"
_PLAIN, _WIDE = b"\x01\x00", b"\x03\x00"
"""Versions of the format: the usual one, and the one for names that are not ASCII."""
_ALIGNMENT = 64
_SHAPE = b"'shape': ("
_HEADER = 1 << 20
"""Bytes that surely hold a header."""
_DIGITS = 20
"""Room for the row count: as many digits as 2**64 has."""

Rows = NDArray[np.void]
"""A structured array, one row a step or an evaluation."""


def _header(dtype: np.dtype[Any], rows: int) -> tuple[bytes, int]:
    """Return a header of fixed length for any number of rows, and where the count stands in it."""
    start = f"{{'descr': {np.lib.format.dtype_to_descr(dtype)!r}, 'fortran_order': False, 'shape': ("
    end = f"{rows},), }}"
    wide = not start.isascii()
    before = len(_MAGIC) + 2 + (4 if wide else 2)
    count_at = before + len(start.encode())
    length = -(-(count_at + _DIGITS + len(",), }\n")) // _ALIGNMENT) * _ALIGNMENT
    text = (start + end).encode().ljust(length - before - 1) + b"\n"
    version = _WIDE if wide else _PLAIN
    return _MAGIC + version + len(text).to_bytes(4 if wide else 2, "little") + text, count_at


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
        self._header: _Header | None = None
        self._file = 0
        self.replaced = 0
        """How often another file, or one with other columns, was met in its place."""
        self.refresh()

    @property
    def columns(self) -> Sequence[str]:
        """Names of the columns, or only "step" before the file is there."""
        return self._rows.dtype.names or ()

    @property
    def rows(self) -> Rows:
        """All rows as of the last `refresh`."""
        return self._rows

    def backed(self) -> Rows:
        """Return the rows that the file still holds.

        No writer of ours makes a file shorter, but somebody else may, and reading a map behind the end of its
        file kills the process.
        """
        if self._header is None or not len(self._rows):
            return self._rows
        try:
            found = os.stat(self.path)
        except OSError:
            return self._rows  # removed: what is mapped stays
        if found.st_ino != self._file:
            return self._rows  # replaced, the same
        held = (found.st_size - self._header.data_at) // self._header.dtype.itemsize
        return self._rows if held >= len(self._rows) else self._rows[: max(held, 0)]

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
                header = self._read_header(file.fileno())
                if header is None:
                    return len(self._rows)
                size, itself = os.fstat(file.fileno()).st_size, os.fstat(file.fileno()).st_ino
        except FileNotFoundError:
            return len(self._rows)
        before, self._header = self._header, header
        another = before is not None and (itself != self._file or header.dtype != before.dtype)
        self._file, self.replaced = itself, self.replaced + another
        # What the file cannot back is not there yet.
        count = min(header.rows, (size - header.data_at) // header.dtype.itemsize)
        if another or count != len(self._rows) or before is None:
            self._rows = _mapped(self.path, header.dtype, header.data_at, count)
        return len(self._rows)

    def _read_header(self, file: int) -> "_Header | None":
        """Return what the file's header says now; None while it is torn."""
        known = self._header
        start = os.pread(file, known.data_at if known else _HEADER, 0)
        if known is None or not start.startswith(known.start):
            return _parse_header(start if known is None else os.pread(file, _HEADER, 0))
        digits = start[len(known.start) :].split(b",")[0]
        return replace(known, rows=int(digits)) if digits.isdigit() else None


@dataclass(frozen=True, slots=True)
class _Header:
    """What stands before the rows of a table."""

    start: bytes
    """All up to the count of rows, which alone changes."""
    data_at: int
    dtype: np.dtype[Any]
    rows: int


def _parse_header(start: bytes) -> _Header | None:
    """Return what the beginning of a file says of its rows; None where it is torn, or no table."""
    if not start.startswith(_MAGIC) or len(start) < len(_MAGIC) + 6:
        return None
    wide = start[len(_MAGIC)] > 1
    before = len(_MAGIC) + 2 + (4 if wide else 2)
    data_at = before + int.from_bytes(start[len(_MAGIC) + 2 : before], "little")
    text = start[before:data_at]
    if len(start) < data_at or _SHAPE not in text:
        return None
    count_at = before + text.rindex(_SHAPE) + len(_SHAPE)
    digits = start[count_at:].split(b",")[0]
    try:
        dtype = np.dtype(ast.literal_eval(text.decode("utf-8" if wide else "latin1").strip())["descr"])
    except (ValueError, SyntaxError, TypeError, KeyError, RecursionError):
        return None
    if not digits.isdigit() or not dtype.itemsize or dtype.hasobject:
        return None
    return _Header(start[:count_at], data_at, dtype, int(digits))


def _mapped(path: Path, dtype: np.dtype[Any], data_at: int, count: int) -> Rows:
    if count == 0:
        return np.empty(0, dtype=dtype)  # an empty file region cannot be mapped
    return np.memmap(path, dtype=dtype, mode="r", offset=data_at, shape=(count,))
