"""tuilab: a training lab in the terminal."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tuilab.runs import Run

__version__ = "0.1.0"


def open_run(path: str | Path) -> "Run":
    """Open a run directory to read it, live or old: `open_run(path).steps["loss"]`.

    Raises:
        TuilabError: the directory holds no run.
    """
    from tuilab.errors import TuilabError
    from tuilab.runs import Run

    if not Path(path, "spec.toml").is_file():
        raise TuilabError(f"{path} is not a run: it has no spec.toml.")
    return Run(Path(path))
