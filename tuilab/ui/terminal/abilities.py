"""What this terminal can show, told from the environment alone: asking it costs a round trip."""

import math
import os
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from tuilab.errors import TuilabError, nearest

LADDER = ("braille", "quadrant", "half", "ascii")
"""Ways to draw dots, finest first."""

_BARE = ("dumb", "unknown", "vt52", "vt100", "vt102", "vt220", "ansi", "cons25")
"""Terminals with letters only."""

_FEWEST, _MOST = 0.1, 30.0
"""Frames a second that can be asked for: more no terminal is watched at."""

_CONSOLES = ("linux",)
"""The kernel's own console: UTF-8, but a font of 256 glyphs without braille or quadrants."""


def utf8(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether the locale says UTF-8: the first of these that is set decides.

    >>> utf8({"LC_ALL": "C", "LANG": "en_GB.UTF-8"}), utf8({"LANG": "en_GB.UTF-8"})
    (False, True)
    """
    for name in ("LC_ALL", "LC_CTYPE", "LANG"):
        if value := environ.get(name):
            return "utf8" in value.lower().replace("-", "")
    # Nothing set: containers and macOS over SSH; their terminals have been UTF-8 for two decades.
    return True


def glyphs(environ: Mapping[str, str] = os.environ) -> str:
    """Return the finest rung of the ladder that this terminal surely has.

    >>> glyphs({"TERM": "xterm-256color", "LANG": "C.UTF-8"}), glyphs({"TERM": "linux"})
    ('braille', 'half')

    Raises:
        TuilabError: TUILAB_GLYPHS asks for others than there are.
    """
    if chosen := environ.get("TUILAB_GLYPHS", "").strip().lower():
        if chosen not in LADDER:
            raise TuilabError(
                f"TUILAB_GLYPHS={chosen}: charts cannot be drawn so. {nearest(chosen, LADDER)} "
                f"Unset, the terminal decides."
            )
        return chosen
    terminal = environ.get("TERM", "")
    if not utf8(environ) or terminal in _BARE:
        return "ascii"
    return "half" if terminal in _CONSOLES else "braille"


def over_ssh(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether every byte has to travel."""
    return bool(environ.get("SSH_CONNECTION") or environ.get("SSH_TTY"))


def frame_interval(environ: Mapping[str, str] = os.environ) -> float:
    """Return the seconds between two frames: 2 a second over SSH, 5 here, or as many as TUILAB_FRAMES says.

    >>> frame_interval({"TUILAB_FRAMES": "10"}), frame_interval({"SSH_TTY": "/dev/pts/0"})
    (0.1, 0.5)

    Raises:
        TuilabError: TUILAB_FRAMES is no number that frames can be drawn at.
    """
    wanted = environ.get("TUILAB_FRAMES", "").strip()
    if not wanted:
        return 0.5 if over_ssh(environ) else 0.2
    try:
        frames = float(wanted)
    except ValueError:
        frames = math.nan
    if not _FEWEST <= frames <= _MOST:
        raise TuilabError(
            f"TUILAB_FRAMES={wanted}: frames a second are a number from {_FEWEST:g} to {_MOST:g}. "
            "Unset, the run screen draws 5, and 2 over SSH."
        )
    return 1 / frames


def check(environ: Mapping[str, str] = os.environ) -> None:
    """Look over what the environment asks of the screen, before anything is started.

    Raises:
        TuilabError: It cannot be done.
    """
    glyphs(environ)
    frame_interval(environ)


def simple(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether questions about newer abilities would be printed instead of answered."""
    return environ.get("TERM", "") in (*_BARE, *_CONSOLES)


@lru_cache
def replacements(glyph: str) -> Mapping[int, str]:
    """Return what to write for characters that this rung's terminals lack.

    >>> "╭─ ● 3×10⁻⁴".translate(replacements("ascii"))
    '+- * 3x10-4'
    """
    if glyph in ("braille", "quadrant"):
        return MappingProxyType({})
    console = _pairs("╭┌ ╮┐ ╰└ ╯┘ ━═ ╸═ ╺─ ┃│ ┏┌ ┓┐ ┗└ ┛┘ ▁▄ ▂▄ ▃▄ ▅█ ▆█ ▇█ ▎│ ▏│ ▊█")
    console |= _pairs("●* ○o ◆* ◇o ▶> ▸> ✓v ✗x …~ ⁻- ↻r △s")
    if glyph == "half":
        return MappingProxyType(console)
    lines = (
        _all("┌┐└┘├┤┬┴┼╭╮╰╯┏┓┗┛╋", "+")
        | _all("─╌┄┈╴╶╺▁▔⎯⁻−–—", "-")
        | _all("━╸═", "=")
        | _all("│┃╎┆┊▎▏▕▌▐▊▍▋‖", "|")
    )
    blocks = _all("█▇▆▅▓▉", "#") | _all("▄▃▂▖▗", "_") | _all("▀▘▝", "'") | _all("▒", ":") | _all("░", ".")
    signs = _pairs(
        "●* ◆* ⚑! ■* ○o ◇o □o ·. •* ▶> →> ▸> ›> ◀< ←< ◂< ‹< ▲^ ↑^ ▼v ↓v ×x ✗x ✓v …~ ±~ ≥> ≤< »> «< ↻r △s"
    )
    controls = _all("".join(map(chr, range(0x2400, 0x2422))), ".")
    digits = {ord(raised): str(digit) for digit, raised in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")}
    return MappingProxyType(lines | blocks | signs | controls | digits)


def _pairs(text: str) -> dict[int, str]:
    return {ord(pair[0]): pair[1] for pair in text.split()}


def _all(chars: str, plain: str) -> dict[int, str]:
    return dict.fromkeys(map(ord, chars), plain)
