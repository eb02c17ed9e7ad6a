"""From an archive that was verified to the files of a data set in their store."""

import gzip
import lzma
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from tuilab.zoo.sources.archive import Archive, Member, Wanted
from tuilab.zoo.sources.failure import Failure
from tuilab.zoo.sources.material import Download, File
from tuilab.zoo.sources.store import Store, pieces_of
from tuilab.zoo.sources.watch import Watch

_BROKEN = (EOFError, gzip.BadGzipFile, lzma.LZMAError, tarfile.TarError, zipfile.BadZipFile, zlib.error)


def unpack(
    archive: Archive,
    piece: Download,
    files: Sequence[File],
    store: Store,
    watch: Watch,
    source: str,
) -> None:
    """Put those of the files that an archive holds into the store.

    Raises:
        Failure: a member is missing or is not what it should be.
        Stopped: whoever watches does not want to go on.
    """
    wanted = [file for file in files if file.name in piece.members]
    try:
        if piece.make is not None:
            _made(archive, piece, wanted, store, watch, source)
        else:
            _copied(archive, piece, wanted, store, watch, source)
    except _BROKEN as error:
        raise Failure(source, f"{archive.name} cannot be unpacked ({error})") from error
    left = ", ".join(file.name for file in store.missing(wanted))
    if left:
        raise Failure(source, f"{archive.name} does not hold {left}")


def _copied(
    archive: Archive,
    piece: Download,
    wanted: list[File],
    store: Store,
    watch: Watch,
    source: str,
) -> None:
    """Copy single members as they come by; keep those that are joined until all are there."""
    alone = {piece.members[file.name][0]: file for file in wanted if len(piece.members[file.name]) == 1}
    joined = {name for file in wanted for name in piece.members[file.name] if name not in alone}
    kept: dict[str, bytes] = {}
    for name, member in archive.walk(lambda name: name in alone or name in joined):
        if name in alone:
            store.write(alone[name], pieces_of(member, watch), source)
        else:
            kept[name] = member.read()
    for file in wanted:
        parts = piece.members[file.name]
        if len(parts) > 1 and all(part in kept for part in parts):
            store.write(file, iter([piece.joint.join(kept[part] for part in parts)]), source)


def _made(
    archive: Archive,
    piece: Download,
    wanted: list[File],
    store: Store,
    watch: Watch,
    source: str,
) -> None:
    """Let the data set's own function write the files aside, then take them in."""
    assert piece.make is not None
    with tempfile.TemporaryDirectory(dir=store.folder, prefix=".making-") as folder:
        piece.make(_Stoppable(archive, watch), Path(folder))
        for file in wanted:
            path = Path(folder) / file.name
            if path.is_file():
                with path.open("rb") as made:
                    store.write(file, pieces_of(made, watch), source)


class _Stoppable(Archive):
    """An archive whose reading can be stopped between two members."""

    def __init__(self, inner: Archive, watch: Watch) -> None:
        super().__init__(inner.path, inner.name, inner.prefix)
        self._watch = watch

    def walk(self, wanted: Wanted) -> Iterator[tuple[str, Member]]:
        """Yield the wanted members; raise `Stopped` between two where that is asked for."""
        for found in super().walk(wanted):
            self._watch.check()
            yield found
