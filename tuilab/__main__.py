"""Door 1: `tuilab ...`.

Without arguments on a terminal it goes straight to the lab: what is imported on the
way there is what the reader waits for.
"""

import contextlib
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from tuilab import collecting


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code, or where this is the whole process end it with that."""
    arguments = sys.argv[1:] if argv is None else list(argv)
    collecting.wait()
    if not arguments and _can_show() and _can_write() and _can_draw():
        code = _lab()
    else:
        from tuilab.cli import main as command_line

        code = command_line(arguments)
    if argv is None:
        _leave(code)
    return code


def _leave(code: int) -> NoReturn:
    """End at once: taking an interpreter with a screen or NumPy apart takes as long as a short command."""
    for stream in (sys.stdout, sys.stderr):
        # Where nobody reads any more there is nobody to be told either.
        with contextlib.suppress(OSError, ValueError, AttributeError):
            stream.flush()
    os._exit(code)


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


def _can_draw() -> bool:
    """Return whether what the environment asks of the screen can be done; the command line says why not."""
    from tuilab.errors import TuilabError
    from tuilab.ui.terminal import abilities

    try:
        abilities.check()
    except TuilabError:
        return False
    return True


def _lab() -> int:
    from tuilab.places import home_directory
    from tuilab.ui.app import Lab

    lab = Lab(home_directory())
    collecting.settle()
    lab.run()
    return lab.return_code or 0


if __name__ == "__main__":
    sys.exit(main())
