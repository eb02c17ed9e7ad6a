"""Two sets of colours, for dark and for light rooms: quiet greys and one accent.

What is to be read has a contrast of 4.5 to 1 against whatever it stands on, frames and axes
3 to 1 (WCAG 2.2, 1.4.3 and 1.4.11); a test computes both. The greys are colours of their own
and no shares of the foreground, so that terminals of 256 colours get the same.
"""

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path

from textual.theme import Theme

DARK = Theme(
    name="tuilab-dark",
    primary="#5aa9e6",
    secondary="#b48ef0",
    accent="#5fd7af",
    foreground="#d9dce1",
    background="#111317",
    surface="#191c21",
    panel="#23272e",
    warning="#e6b450",
    error="#ff7a7a",
    success="#7bd88f",
    variables={
        "block-cursor-text-style": "none",
        "footer-key-foreground": "#5fd7af",
        "text-muted": "#9aa1ab",
        "text-disabled": "#6c737e",
        "border-blurred": "#6c737e",
    },
)

LIGHT = Theme(
    name="tuilab-light",
    primary="#0b66b0",
    secondary="#7a3fc4",
    accent="#00775a",
    foreground="#1f2328",
    background="#fcfcfa",
    surface="#f1f1ee",
    panel="#e4e4df",
    warning="#8a5a00",
    error="#b3261e",
    success="#1a7f37",
    dark=False,
    variables={
        "block-cursor-text-style": "none",
        "footer-key-foreground": "#00775a",
        "text-muted": "#595f68",
        "text-disabled": "#7c828b",
        "border-blurred": "#7c828b",
    },
)


def remembered(home: Path) -> str:
    """Return the theme that was chosen last; "" where none was."""
    try:
        return _kept(home).read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return ""


def remember(home: Path, name: str) -> None:
    """Keep a choice for the next launch; where that cannot be written, it is made anew each time."""
    with contextlib.suppress(OSError):
        _kept(home).parent.mkdir(parents=True, exist_ok=True)
        _kept(home).write_text(name, encoding="utf-8")


def _kept(home: Path) -> Path:
    return home / "cache" / "theme"


def fitting(environ: Mapping[str, str] = os.environ) -> Theme:
    """Return the colours for this terminal: some tell their background as "text;background".

    >>> fitting({"COLORFGBG": "0;15"}).name, fitting({}).name
    ('tuilab-light', 'tuilab-dark')
    """
    background = environ.get("COLORFGBG", "").rpartition(";")[2]
    return LIGHT if background in ("7", "15") else DARK
