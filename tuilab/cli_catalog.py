"""The catalogue for a command: from the cache, or from a worker that reads the zoo."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tuilab.catalog import Catalog, load_cached, save_cached
from tuilab.cli_streams import narrate
from tuilab.errors import TuilabError
from tuilab.supervise import worker_command, worker_environment

_LAST_LINES = 5
"""Of what a failing worker printed; the last of them says what is wrong."""


def check_own_files(own_files: Sequence[Path]) -> None:
    """Refuse files that are not there, before anything is started for them.

    Raises:
        TuilabError: names the file.
    """
    for path in own_files:
        if not path.is_file():
            raise TuilabError(f"--zoo {path}: there is no such Python file.")


def catalog_for(home: Path, own_files: Sequence[Path]) -> Catalog:
    """Return what can be chosen.

    Raises:
        TuilabError: a file of one's own is not there, or the zoo cannot be read.
    """
    check_own_files(own_files)
    catalog = load_cached(home, own_files)
    if catalog is None:
        narrate("Reading the zoo; this takes a few seconds, once.")
        catalog = _described(home, own_files)
        save_cached(catalog, home, own_files)
    return catalog


def _described(home: Path, own_files: Sequence[Path]) -> Catalog:
    said = subprocess.run(
        worker_command(home, own_files, "--describe"),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=worker_environment(),
        check=False,
    )
    try:
        # The last line: a file of one's own may print while it is imported.
        return Catalog.from_json(json.loads(said.stdout.splitlines()[-1]))
    except (IndexError, ValueError, KeyError) as error:
        last = said.stderr.strip().splitlines()[-_LAST_LINES:]
        _, told, about = (last[-1] if last else "").partition("TuilabError: ")
        raise TuilabError(about if told else "the zoo cannot be read.\n" + "\n".join(last)) from error
