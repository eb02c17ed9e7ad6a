"""Which role each kind of cell in a chart has, by the number of its style."""

from tuilab.charts.frame import (
    HEAT_LEVELS,
    SLOTS,
    Style,
    band_style,
    cold_style,
    heat_style,
    line_style,
    warm_style,
)

_SHADES = 8
"""Colours from cold to hot; two levels share one."""

ROLES: dict[int, str] = {
    Style.BLANK: "",
    Style.TEXT: "painted--dim",
    Style.TITLE: "painted--strong",
    Style.AXIS: "chart--axis",
    Style.TICK: "chart--tick",
    Style.DIM: "chart--tick",
    Style.PLANNED: "chart--planned",
    Style.NONFINITE: "painted--bad",
    Style.FLAG: "chart--flag",
    Style.CURSOR: "painted--accent",
    Style.CLIP: "painted--warn",
    **{
        style: f"chart--{part}-{slot}"
        for slot in range(SLOTS)
        for part, style in (("line", line_style(slot)), ("band", band_style(slot)))
    },
    **{
        style(level): f"chart--{part}-{level * _SHADES // HEAT_LEVELS}"
        for part, style in (("heat", heat_style), ("warm", warm_style), ("cold", cold_style))
        for level in range(HEAT_LEVELS)
    },
}
"""Roles are in `looks`."""
