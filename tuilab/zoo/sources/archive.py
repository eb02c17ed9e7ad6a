"""The members of an archive, read one by one and never unpacked to a path that the archive names.

A tar, a zip, a packed file, a plain file and a folder all look alike here:
names and bytes. Only regular files are read: a link leads nowhere.
"""

import gzip
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol, runtime_checkable


@runtime_checkable
class Member(Protocol):
    """An open member."""

    def read(self, size: int = -1, /) -> bytes:
        """Return so many bytes, or all that are left."""


Wanted = Callable[[str], bool]
"""Whether a member of this name is to be read."""


class Archive:
    """A file or folder that holds named members."""

    def __init__(self, path: Path, name: str = "", prefix: str = "") -> None:
        self.path = path
        self.name = name or path.name
        """What the file is called where it comes from: a part of a download has another name."""
        self.prefix = prefix
        """A folder that all members of a tar lie in; left out of their names."""

    def walk(self, wanted: Wanted) -> Iterator[tuple[str, Member]]:
        """Yield the wanted members in the order they lie in, each open until the next is asked for."""
        if self.path.is_dir():
            return self._folder(wanted)
        if self.name.endswith((".tar.gz", ".tgz")):
            return self._tar(wanted)
        if self.name.endswith((".zip", ".whl")):
            return self._zip(wanted)
        return self._single(wanted)

    def _folder(self, wanted: Wanted) -> Iterator[tuple[str, Member]]:
        for path in sorted(self.path.rglob("*")):
            name = path.relative_to(self.path).as_posix()
            if wanted(name) and path.is_file() and not path.is_symlink():
                with path.open("rb") as member:
                    yield name, member

    def _tar(self, wanted: Wanted) -> Iterator[tuple[str, Member]]:
        with tarfile.open(self.path, "r|gz") as tar:
            for entry in tar:
                name = entry.name.removeprefix(self.prefix)
                member = tar.extractfile(entry) if entry.isreg() and wanted(name) else None
                if member is not None:
                    with member:
                        yield name, member

    def _zip(self, wanted: Wanted) -> Iterator[tuple[str, Member]]:
        with zipfile.ZipFile(self.path) as archive:
            for entry in archive.infolist():
                if not entry.is_dir() and wanted(entry.filename):
                    with archive.open(entry) as member:
                        yield entry.filename, member

    def _single(self, wanted: Wanted) -> Iterator[tuple[str, Member]]:
        packed = self.name.endswith(".gz") and not wanted(self.name)
        name = self.name.removesuffix(".gz") if packed else self.name
        if wanted(name):
            with gzip.open(self.path) if packed else self.path.open("rb") as member:
                yield name, member
