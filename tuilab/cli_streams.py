"""What a command says and how it ends; the standard streams may be closed, full, or read by nobody."""

import contextlib
import os
import sys

_STANDARD = (0, 1, 2)


def prepare() -> None:
    """Give what was closed a place to go, and what an old locale cannot write a question mark.

    A command whose output was closed does its work and says nothing: its exit code tells how it ended.
    """
    for number in _STANDARD:
        try:
            os.fstat(number)
        except OSError:
            # Else the first file opened would take its number, and print into a run's directory.
            os.open(os.devnull, os.O_RDWR)
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def deliver() -> None:
    """Let go what has been printed; what the output does not take is dropped."""
    try:
        sys.stdout.flush()
    except OSError:
        # Python would try again while it exits, and complain.
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def narrate(text: str) -> None:
    """Say something that is not a result; where it cannot be said, the work goes on."""
    with contextlib.suppress(OSError):
        print(text, file=sys.stderr, flush=True)


def on_terminal() -> bool:
    """Return whether a person sits at both ends, at a terminal that can show a screen."""
    # Either may be None: a program may be started with its standard streams closed.
    there = all(end is not None and end.isatty() for end in (sys.stdin, sys.stdout))
    return there and os.environ.get("TERM", "") not in ("", "dumb")


def exit_code(state: str) -> int:
    """Return 0 for a run that ended as it was asked to, else 1."""
    return 0 if state in ("finished", "stopped") else 1
