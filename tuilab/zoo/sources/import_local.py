"""Files that the user has brought: a folder or a file named by `data.path`, under whatever names they go.

What counts is the SHA-256: of an archive or packed file as mirrors and
registries serve it, or of a file as it lies in the cache.
"""

import gzip
from collections.abc import Iterator, Sequence
from pathlib import Path

from tuilab.zoo.sources.archive import Archive
from tuilab.zoo.sources.failure import Failure
from tuilab.zoo.sources.material import Download, File, Material
from tuilab.zoo.sources.store import Store, pieces_of, sha256_of
from tuilab.zoo.sources.unpack import unpack
from tuilab.zoo.sources.watch import Watch


def from_path(material: Material, path: Path, store: Store, watch: Watch) -> None:
    """Copy what is missing of a data set from a file or folder of this machine.

    Raises:
        Failure: it is not there, or does not hold everything.
    """
    if not path.exists():
        raise Failure(str(path), "there is no such file or folder")
    for piece in material.served:
        if set(piece.members) & {file.name for file in store.missing(material.files)}:
            _take_piece(piece, material.files, path, store, watch)
    for file in store.missing(material.files):
        _take_file(file, path, store, watch)
    left = [file.name for file in store.missing(material.files)]
    if left:
        raise Failure(str(path), f"it does not hold {', '.join(left)}, or not as published")


def _take_piece(piece: Download, files: Sequence[File], path: Path, store: Store, watch: Watch) -> None:
    for found in _candidates(path, piece.archive):
        if found.stat().st_size == piece.size and sha256_of(found) == piece.sha256:
            archive = Archive(found, piece.archive, piece.prefix)
            unpack(archive, piece, store.missing(files), store, watch, str(found))
            return


def _take_file(file: File, path: Path, store: Store, watch: Watch) -> None:
    """Copy one file, packed or not, if it is the one: a file without a hash comes in its archive only."""
    if not file.sha256:
        return
    for found in (*_candidates(path, file.name), *_candidates(path, f"{file.name}.gz")):
        try:
            with gzip.open(found) if found.suffix == ".gz" else found.open("rb") as member:
                store.write(file, pieces_of(member, watch), str(found))
        except (Failure, gzip.BadGzipFile, EOFError):
            continue  # another file of that name; the next may be the one
        return


def _candidates(path: Path, name: str) -> Iterator[Path]:
    """Yield the file itself, or the files of that name in a folder."""
    if path.is_file():
        yield path
    else:
        yield from (found for found in sorted(path.rglob(Path(name).name)) if found.is_file())
