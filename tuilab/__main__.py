"""Door 1: `tuilab ...`.

Without arguments on a terminal it goes straight to the lab: what is imported on the
way there is what the reader waits for.
"""

import gc
import os
import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    arguments = sys.argv[1:] if argv is None else list(argv)
    if not arguments and _can_show() and _can_write():
        return _lab()
    from tuilab.cli import main as command_line

    return command_line(arguments)


def _can_show() -> bool:
    # Either may be None: a program may be started with its standard streams closed.
    there = all(end is not None and end.isatty() for end in (sys.stdin, sys.stdout))
    return there and os.environ.get("TERM", "") not in ("", "dumb")


def _can_write() -> bool:
    """Return whether the home is there or can be made; the command line says what is wrong where not."""
    from tuilab.places import home_directory

    home = home_directory()
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(home, os.W_OK | os.X_OK)


def _lab() -> int:
    # Importing makes a hundred thousand objects that all stay: collecting among them only costs time.
    gc.disable()
    from tuilab.places import home_directory
    from tuilab.ui.app import Lab

    lab = Lab(home_directory())
    gc.freeze()
    gc.enable()
    lab.run()
    return lab.return_code or 0


if __name__ == "__main__":
    sys.exit(main())
