"""Small files of one JSON object, replaced as a whole."""

import json
import os
from pathlib import Path
from typing import Any


def write_json(path: Path, value: Any) -> None:
    """Replace a file as a whole, so that no reader sees half of it."""
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    aside.write_text(json.dumps(value))
    aside.rename(path)


def read_json(path: Path) -> dict[str, Any]:
    """Return a file's object; nothing where it is not there, or a machine went down before it was on disk."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
