"""Text for a pipe or a log: nothing that a terminal would obey, and colours only where they are wanted."""

import os
from collections.abc import Mapping
from typing import IO

_COLOURS = {"good": "32", "warn": "33", "bad": "31", "accent": "36", "dim": "2", "strong": "1", "curve": "34"}
"""Select Graphic Rendition of each role; the eight colours that every terminal's theme sets."""

SIGNS = {
    "queued": ("○", "dim"),
    "starting": ("○", "accent"),
    "running": ("▶", "good"),
    "paused": ("‖", "warn"),
    "finished": ("✓", "good"),
    "stopped": ("■", "warn"),
    "diverged": ("✗", "bad"),
    "failed": ("✗", "bad"),
    "crashed": ("✗", "bad"),
}
"""Each state's sign and role."""

_CONTROLS = dict.fromkeys([*range(0x20), *range(0x7F, 0xA0)], "·") | {ord("\t"): " "}


def clean(text: str) -> str:
    r"""Return one line without characters that a terminal would obey.

    >>> clean("a\x1b[2Jb\tc")
    'a·[2Jb c'
    """
    return text.translate(_CONTROLS)


def wants_colour(stream: IO[str], environ: Mapping[str, str] = os.environ) -> bool:
    """Return whether colours are wanted there: on a terminal, unless NO_COLOR is set."""
    return stream.isatty() and not environ.get("NO_COLOR") and environ.get("TERM", "") not in ("", "dumb")


def coloured(text: str, role: str, colour: bool) -> str:
    r"""Return the text in a role's colour.

    >>> coloured("finished", "good", True), coloured("finished", "good", False)
    ('\x1b[32mfinished\x1b[0m', 'finished')
    """
    return f"\x1b[{_COLOURS[role]}m{text}\x1b[0m" if colour and role else text
