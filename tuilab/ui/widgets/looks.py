"""What each role looks like, in the colours of the theme.

A stylesheet could say the same, but Textual works out every rule for every widget: with four
charts that took a fifth of the time in which a run opens, for colours of which a chart shows ten.
"""

from collections.abc import Mapping
from typing import NamedTuple

from textual.color import Color

from tuilab.ui.terminal.rich_parts import CellStyle


class Look(NamedTuple):
    """A colour of the theme, how much of it stands before the background, and whether it is bold."""

    colour: str
    percent: int = 100
    bold: bool = False


_COLD, _WARM = "primary", "warning"
_AWAY = (20, 32, 45, 58, 70, 82, 92, 100)
"""Percent of a colour, from near zero to far away from it."""

LOOKS: Mapping[str, Look] = {
    "painted--dim": Look("text-muted"),
    "painted--rest": Look("text-disabled"),
    "painted--strong": Look("foreground", bold=True),
    "painted--accent": Look("accent"),
    "painted--good": Look("text-success"),
    "painted--bad": Look("text-error", bold=True),
    "painted--warn": Look("text-warning"),
    "chart--axis": Look("text-disabled"),
    "chart--tick": Look("text-muted"),
    "chart--planned": Look("text-disabled"),
    "chart--flag": Look("text-muted"),
    "chart--focused": Look("accent", bold=True),
    "chart--line-0": Look("text-primary"),
    "chart--band-0": Look("primary", 70),
    "chart--line-1": Look("warning"),
    "chart--band-1": Look("warning", 70),
    "chart--line-2": Look("text-success"),
    "chart--band-2": Look("success", 75),
    "chart--line-3": Look("text-error"),
    "chart--band-3": Look("error", 65),
    "chart--line-4": Look("text-secondary"),
    "chart--band-4": Look("secondary", 65),
    "chart--line-5": Look("foreground"),
    "chart--band-5": Look("foreground", 50),
    "chart--line-6": Look("text-accent"),
    "chart--band-6": Look("accent", 70),
    "chart--line-7": Look("foreground", 70),
    "chart--band-7": Look("foreground", 50),
    "chart--heat-0": Look(_COLD, 20),
    "chart--heat-1": Look(_COLD, 35),
    "chart--heat-2": Look(_COLD, 55),
    "chart--heat-3": Look(_COLD, 80),
    "chart--heat-4": Look("text-primary"),
    "chart--heat-5": Look(_WARM, 65),
    "chart--heat-6": Look(_WARM),
    "chart--heat-7": Look("text-warning"),
    **{f"chart--warm-{level}": Look(_WARM, percent) for level, percent in enumerate(_AWAY)},
    **{f"chart--cold-{level}": Look(_COLD, percent) for level, percent in enumerate(_AWAY)},
}


def style_of(look: Look, theme: Mapping[str, str], ground: Color) -> CellStyle:
    """Return the style of cells that look so.

    Args:
        look: What they look like.
        theme: The theme's variables.
        ground: The colour they stand on.
    """
    name, _, percent = theme[look.colour].partition(" ")
    if name == "auto":  # whatever is seen on the ground, so much of it
        colour = ground.get_contrast_text(float(percent.rstrip("%") or 100) / 100)
    else:
        colour = Color.parse(theme[look.colour])
    colour = ground + colour.multiply_alpha(look.percent / 100)
    return CellStyle(color=colour.rich_color, bgcolor=ground.rich_color, bold=look.bold or None)
