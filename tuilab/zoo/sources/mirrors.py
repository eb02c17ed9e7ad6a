"""The addresses a data set is served at: its official mirrors, or one of the user's own."""

import os
import urllib.parse
from collections.abc import Sequence
from pathlib import Path

from tuilab.zoo.sources.archive import Archive
from tuilab.zoo.sources.failure import Failure
from tuilab.zoo.sources.http import fetch
from tuilab.zoo.sources.material import Download, File, Material
from tuilab.zoo.sources.store import Store
from tuilab.zoo.sources.unpack import unpack
from tuilab.zoo.sources.watch import Watch

_HUB = "https://huggingface.co"


def addresses(material: Material) -> tuple[str, ...]:
    """Return the patterns to try: `TUILAB_MIRROR_<NAME>` and `HF_ENDPOINT` replace what they name."""
    own = os.environ.get(material.variable, "").strip()
    if own:
        base = own if "://" in own else Path(own).expanduser().absolute().as_uri()
        return (base if "{f}" in base else base.rstrip("/") + "/{f}",)
    hub = os.environ.get("HF_ENDPOINT", "").rstrip("/") or _HUB
    return tuple(pattern.replace(_HUB, hub) for pattern in material.mirrors)


def from_mirrors(material: Material, pattern: str, store: Store, watch: Watch) -> None:
    """Fetch what is missing of a data set from one mirror.

    Raises:
        Failure: the mirror does not have it.
        Stopped: whoever watches does not want to go on.
    """
    files = store.missing(material.files)
    names = {file.name for file in files}
    served = material.downloads or material.served
    wanted = [download for download in served if names & set(download.members)]
    total, done = sum(download.size for download in wanted), 0
    host = urllib.parse.urlsplit(pattern).netloc or "a folder"
    for download in wanted:
        url = pattern.replace("{f}", urllib.parse.quote(download.archive))
        part = store.path(f"{download.archive.replace('/', '-')}.part")

        def report(size: int, before: int = done) -> None:
            watch.progress(before + size, total, host)

        fetch(url, download, part, watch, report)
        _unpacked(part, download, files, store, watch, url)
        done += download.size


def _unpacked(
    part: Path, download: Download, files: Sequence[File], store: Store, watch: Watch, url: str
) -> None:
    """Take the files out; the part is no more needed then, and of no use where that fails."""
    try:
        unpack(Archive(part, download.archive, download.prefix), download, files, store, watch, url)
    except Failure:
        part.unlink()
        raise
    part.unlink()
