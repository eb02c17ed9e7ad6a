"""Presets: experiments in files, each of which says what it shows.

They lie beside the package in a checkout and inside it in a wheel.
"""

import tomllib
from pathlib import Path

from tuilab.errors import TuilabError, UnknownName
from tuilab.resolve import overlay
from tuilab.spec import Raw, loads

_HERE = Path(__file__).parent


def folder() -> Path:
    """Return where the presets are."""
    packed = _HERE / "presets"
    return packed if packed.is_dir() else _HERE.parent / "presets"


def names() -> list[str]:
    """Return every preset's name, in the order of its groups and files."""
    found = [(_group_rank(_table(path)), path.stem) for path in folder().glob("*.toml")]
    return [name for _, name in sorted(found)]


def load(reference: str) -> Raw:
    """Return the tables of a preset, or of a TOML file of the user's.

    A preset that extends another is laid over it.

    Raises:
        TuilabError: there is no such preset or file, it is not TOML, or it extends itself.
    """
    own = Path(reference)
    if own.suffix == ".toml" or "/" in reference:
        if not own.is_file():
            raise TuilabError(f"There is no file {reference!r}. `tuilab list presets` shows the presets.")
        return _extended(own, [])
    path = folder() / f"{reference}.toml"
    if not path.is_file():
        raise UnknownName("preset", reference, (found.stem for found in folder().glob("*.toml")))
    return _extended(path, [])


def _extended(path: Path, children: list[str]) -> Raw:
    """Read a file and lay it over what it extends."""
    if path.stem in children:
        raise TuilabError(f"{' -> '.join([*children, path.stem])}: a preset cannot extend itself.")
    raw = loads(path.read_text(encoding="utf-8"), str(path.name))
    preset = raw.get("preset", {})
    base_name = preset.get("extends") if isinstance(preset, dict) else None
    if base_name:
        beside = path.with_name(f"{base_name}.toml")
        base_path = beside if beside.is_file() else folder() / f"{base_name}.toml"
        if not base_path.is_file():
            raise UnknownName("preset", str(base_name), (found.stem for found in folder().glob("*.toml")))
        base = _extended(base_path, [*children, path.stem])
        base.pop("preset", None)  # what it shows is its own to say
        raw = overlay(base, raw)
    if isinstance(preset, dict):
        raw["preset"] = {"name": path.stem, **preset}
    return raw


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
