"""The end of what a worker has printed, read while somebody looks at it."""

from dataclasses import dataclass
from pathlib import Path

_TAIL = 1 << 15
"""Bytes: some four hundred lines."""


@dataclass
class Output:
    """Follows a log file."""

    path: Path
    wanted: bool = False
    """Whether anybody looks."""
    _size: int = -1

    def read(self) -> str | None:
        """Return the end of the file if it has grown since it was last looked at."""
        if not self.wanted:
            self._size = -1
            return None
        try:
            with self.path.open("rb") as log:
                size = log.seek(0, 2)
                if size == self._size:
                    return None
                self._size = size
                log.seek(max(size - _TAIL, 0))
                return log.read().decode("utf-8", "replace")
        except FileNotFoundError:
            return None
