"""The shelf of presets: what the list in the lab shows, without reading seventy files.

Headings and phrases are kept on disk beside the catalogue, under a fingerprint of
the presets' files; only the preset that is looked at is read whole.
"""

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tuilab.errors import TuilabError
from tuilab.places import preset_folder

if TYPE_CHECKING:
    from tuilab.spec import Raw

OWN = "your own"
"""The heading of presets that were saved from the lab."""


class Preset(NamedTuple):
    """A preset as the list shows it."""

    name: str
    group: str
    about: str
    own: str = ""
    """The file it is in, where it is the user's."""

    @property
    def key(self) -> str:
        """What tells it from a shipped preset of the same name."""
        return self.own or self.name

    def load(self) -> "Raw":
        """Return its tables.

        Raises:
            TuilabError: the file is gone or broken.
        """
        from tuilab import presets

        return presets.load(self.key)


def own_folder(home: Path) -> Path:
    """Return where the user's presets are kept."""
    return home / "presets"


def cached(home: Path) -> list[Preset] | None:
    """Return the shelf as it was when the files were as they are now."""
    try:
        kept = json.loads(_cache_path(home).read_text(encoding="utf-8"))
        return [Preset(*raw) for raw in kept["shelf"]] if kept["state"] == _state(home) else None
    except (OSError, ValueError, TypeError, KeyError):
        return None  # not there yet, or of another version: read anew


def read(home: Path) -> list[Preset]:
    """Return the shelf from the files, and keep it for the next launch."""
    from tuilab import presets

    state = _state(home)
    shelf = [_described(name) for name in presets.names()]
    shelf += [_described(path.stem, path) for path in sorted(own_folder(home).glob("*.toml"))]
    path = _cache_path(home)
    aside = path.with_suffix(f".{os.getpid()}")
    with contextlib.suppress(OSError):  # a home that cannot be written costs only speed
        path.parent.mkdir(parents=True, exist_ok=True)
        aside.write_text(json.dumps({"state": state, "shelf": shelf}), encoding="utf-8")
        aside.rename(path)
    return shelf


def _described(name: str, own: Path | None = None) -> Preset:
    from tuilab import presets

    try:
        table = presets.load(str(own) if own else name).get("preset", {})
    except TuilabError as error:
        table = {"about": str(error)}  # listed all the same: choosing it says what is wrong
    group = OWN if own else str(table.get("group", "") or "more")
    return Preset(name, group, str(table.get("about", "")), str(own) if own else "")


def _cache_path(home: Path) -> Path:
    return home / "cache" / "shelf.json"


def _state(home: Path) -> list[str]:
    """Return what the shelf depends on: the presets' names, sizes and times."""
    return sorted([*_files(preset_folder()), *_files(own_folder(home))])


def _files(folder: Path) -> Iterator[str]:
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.endswith(".toml"):
                    stat = entry.stat()
                    yield f"{entry.path}:{stat.st_size}:{stat.st_mtime_ns}"
    except OSError:
        return  # there are none
