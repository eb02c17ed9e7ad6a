"""Where things are kept. Asked before anything else is loaded, so it loads nothing itself."""

import os
import sys
from pathlib import Path

_HERE = Path(__file__).parent


def home_directory(given: str | None = None) -> Path:
    """Return where runs and data are kept: --home, $TUILAB_HOME, or the user's data directory."""
    chosen = given or os.environ.get("TUILAB_HOME")
    if chosen:
        return Path(chosen).expanduser().absolute()
    if sys.platform == "darwin":
        return Path("~/Library/Application Support/tuilab").expanduser()
    return Path(os.environ.get("XDG_DATA_HOME") or "~/.local/share").expanduser() / "tuilab"


def preset_folder() -> Path:
    """Return where the presets are: beside the package in a checkout, inside it in a wheel."""
    packed = _HERE / "presets"
    return packed if packed.is_dir() else _HERE.parent / "presets"
