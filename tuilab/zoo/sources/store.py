"""The folder of one data set in the cache: nothing stands in it under its own name that was not verified.

A file is written aside, hashed while it is written, and renamed. `verified.json`
keeps its size and time, so that a run need not hash 170 MB again; a file that
somebody put there by hand is hashed once before it is believed.
"""

import contextlib
import fcntl
import hashlib
import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from tuilab.zoo.sources.archive import Member
from tuilab.zoo.sources.failure import Failure
from tuilab.zoo.sources.material import File
from tuilab.zoo.sources.watch import Watch

_PIECE = 1 << 20
"""Bytes read at once: large enough that hashing is the cost, small enough to stop between two."""

_LOOK_AGAIN = 0.1
"""Seconds between two tries at a lock that another process holds."""


class Store:
    """One data set's folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._list = folder / "verified.json"

    def path(self, name: str) -> Path:
        """Return where a file lies or will lie."""
        return self.folder / name

    def missing(self, files: Sequence[File]) -> list[File]:
        """Return the files that are not there, or that nobody has verified as they are now."""
        known = self._known()
        return [file for file in files if known.get(file.name) != _state(self.path(file.name))]

    @contextlib.contextmanager
    def locked(self, watch: Watch) -> Iterator[None]:
        """Hold the folder alone; wait while another process fills it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / ".lock").open("w") as lock:
            while not _taken(lock):
                watch.progress(0, 0, "waiting for another process that fetches it")
                watch.check()
                time.sleep(_LOOK_AGAIN)
            yield

    def adopt(self, files: Sequence[File]) -> None:
        """Believe files that were put here by hand, once their hash has been found right."""
        for file in self.missing(files):
            path = self.path(file.name)
            meant = file.sha256 and path.is_file() and path.stat().st_size == file.size
            if meant and sha256_of(path) == file.sha256:
                self._note(file.name)

    def write(self, file: File, pieces: Iterator[bytes], source: str) -> None:
        """Put a file in its place, if it is the one that was meant.

        Raises:
            Failure: its size or hash is wrong; nothing is left of it.
        """
        aside = self.path(f"{file.name}.new")
        digest, size = hashlib.sha256(), 0
        try:
            with aside.open("wb") as out:
                for piece in pieces:
                    digest.update(piece)
                    size += len(piece)
                    if file.size and size > file.size:
                        raise Failure(source, f"{file.name} is larger than {file.size:,} bytes")
                    out.write(piece)
            if file.size and size != file.size:
                raise Failure(source, f"{file.name} has {size:,} bytes in place of {file.size:,}")
            if file.sha256 and digest.hexdigest() != file.sha256:
                raise Failure(source, f"{file.name} has the wrong SHA-256 ({digest.hexdigest()[:12]}...)")
            aside.replace(self.path(file.name))
        finally:
            aside.unlink(missing_ok=True)
        self._note(file.name)

    def _note(self, name: str) -> None:
        known = self._known() | {name: _state(self.path(name))}
        aside = self._list.with_suffix(".new")
        aside.write_text(json.dumps(known))
        aside.replace(self._list)

    def _known(self) -> dict[str, list[int]]:
        try:
            known = json.loads(self._list.read_text())
        except (OSError, ValueError):
            return {}  # nothing was verified yet
        return known if isinstance(known, dict) else {}


def pieces_of(member: Member, watch: Watch) -> Iterator[bytes]:
    """Yield an open file piece by piece, asking between them whether to go on."""
    while piece := member.read(_PIECE):
        watch.check()
        yield piece


def sha256_of(path: Path) -> str:
    """Return a file's SHA-256."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _state(path: Path) -> list[int]:
    """Return size and time of a file; for a missing one what was never noted."""
    try:
        found = path.stat()
    except OSError:
        return []
    return [found.st_size, found.st_mtime_ns]


def _taken(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
