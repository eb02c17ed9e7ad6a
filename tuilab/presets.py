"""Presets: experiments in files, each of which says what it shows.

They lie beside the package in a checkout and inside it in a wheel.
"""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

from tuilab.errors import TuilabError, UnknownName
from tuilab.places import preset_folder
from tuilab.resolve import overlay
from tuilab.spec import Raw, loads


def folder() -> Path:
    """Return where the presets are."""
    return preset_folder()


def names() -> list[str]:
    """Return every preset's name, in the order of its groups and files."""
    found = [(_group_rank(_table(path)), path.stem) for path in folder().glob("*.toml")]
    return [name for _, name in sorted(found)]


def load(reference: str, own: Mapping[str, Path] | None = None) -> Raw:
    """Return the tables of a preset, or of a TOML file of the user's.

    A preset that extends another is laid over it.

    Args:
        reference: A preset's name, or a file.
        own: Files of presets that the user saved, by their names; they go before the shipped ones.

    Raises:
        TuilabError: there is no such preset or file, it is not TOML, or it extends itself.
    """
    own = own or {}
    path = Path(reference)
    if path.suffix == ".toml" or "/" in reference:
        if not path.is_file():
            raise TuilabError(f"There is no file {reference!r}. `tuilab list presets` shows the presets.")
        return _extended(path, [])
    path = own.get(reference, folder() / f"{reference}.toml")
    if not path.is_file():
        raise UnknownName("preset", reference, [*(found.stem for found in folder().glob("*.toml")), *own])
    return _extended(path, [])


def run_name(stem: str) -> str:
    """Return what the runs of a file are called: its name, with a dash for what is no part of a word.

    >>> run_name("digits-mlp"), run_name("my file (2)")
    ('digits-mlp', 'my-file-2')
    """
    return re.sub(r"[^\w.-]+", "-", stem).strip("-.")[:80] or "own"


def _extended(path: Path, children: list[Path]) -> Raw:
    """Read a file and lay it over what it extends."""
    if path in children:
        chain = " -> ".join(child.stem for child in [*children, path])
        raise TuilabError(f"{chain}: a preset cannot extend itself.")
    raw = loads(_read(path), path.name)
    preset = raw.get("preset", {})
    base_name = preset.get("extends") if isinstance(preset, dict) else None
    if base_name:
        base = _extended(_base_path(path, str(base_name)), [*children, path])
        base.pop("preset", None)  # what it shows is its own to say
        raw = overlay(base, raw)
    if isinstance(preset, dict):
        raw["preset"] = {"name": run_name(path.stem), **preset}
    return raw


def _base_path(path: Path, name: str) -> Path:
    """Return the file that another extends: the one beside it, or else the shipped one of that name."""
    for candidate in (path.parent / f"{name}.toml", folder() / f"{name}.toml"):
        # One's own copy of a preset may extend the original of the same name.
        if candidate.is_file() and candidate != path:
            return candidate
    if name == path.stem:
        return path
    raise UnknownName("preset", name, (found.stem for found in folder().glob("*.toml")))


def _read(path: Path) -> str:
    """Return a file's text; editors on Windows begin it with a byte order mark."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise TuilabError(f"{path.name} is not a TOML file: it is not text in UTF-8.") from error
    except OSError as error:
        raise TuilabError(f"{path} cannot be read ({error.strerror}).") from error


_GROUPS = (
    "start here",
    "gradient descent",
    "learning rate",
    "generalisation",
    "scale and depth",
    "images",
    "text and sequences",
    "tables and series",
    "reuse",
    "reinforcement",
    "large",
)


def _group_rank(table: dict[str, object]) -> tuple[int, str, int]:
    group = str(table.get("group", ""))
    order = table.get("order", 50)
    return (
        _GROUPS.index(group) if group in _GROUPS else len(_GROUPS),
        group,
        order if isinstance(order, int) else 50,
    )


def _table(path: Path) -> dict[str, object]:
    """Return a file's [preset] table; a broken file is listed all the same and says so when loaded."""
    try:
        preset = tomllib.loads(path.read_text(encoding="utf-8")).get("preset", {})
    except tomllib.TOMLDecodeError:
        return {}
    return preset if isinstance(preset, dict) else {}
