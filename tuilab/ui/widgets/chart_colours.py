"""Which colour each kind of cell in a chart has: style numbers to roles, and roles to the theme."""

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
"""Roles are component classes of the chart, or of every painted widget."""

CLASSES = {role for role in ROLES.values() if role.startswith("chart--")} | {"chart--focused"}

LINES = """&>.chart--line-0 { color: $text-primary; }
    &>.chart--band-0 { color: $primary 70%; }
    &>.chart--line-1 { color: $warning; }
    &>.chart--band-1 { color: $warning 70%; }
    &>.chart--line-2 { color: $text-success; }
    &>.chart--band-2 { color: $success 75%; }
    &>.chart--line-3 { color: $text-error; }
    &>.chart--band-3 { color: $error 65%; }
    &>.chart--line-4 { color: $text-secondary; }
    &>.chart--band-4 { color: $secondary 65%; }
    &>.chart--line-5 { color: $foreground; }
    &>.chart--band-5 { color: $foreground 50%; }
    &>.chart--line-6 { color: $text-accent; }
    &>.chart--band-6 { color: $accent 70%; }
    &>.chart--line-7 { color: $foreground 70%; }
    &>.chart--band-7 { color: $foreground 50%; }
"""
"""Of every widget that names curves."""

CSS = f"""
Chart {{
    &>.chart--axis {{ color: $text-disabled; }}
    &>.chart--tick {{ color: $text-muted; }}
    &>.chart--planned {{ color: $text-disabled; }}
    &>.chart--flag {{ color: $text-muted; }}
    &>.chart--focused {{ color: $accent; text-style: bold; }}
    {LINES}
    &>.chart--heat-0 {{ color: $primary 20%; }}
    &>.chart--heat-1 {{ color: $primary 35%; }}
    &>.chart--heat-2 {{ color: $primary 55%; }}
    &>.chart--heat-3 {{ color: $primary 80%; }}
    &>.chart--heat-4 {{ color: $text-primary; }}
    &>.chart--heat-5 {{ color: $warning 65%; }}
    &>.chart--heat-6 {{ color: $warning; }}
    &>.chart--heat-7 {{ color: $text-warning; }}
    &>.chart--warm-0 {{ color: $warning 20%; }}
    &>.chart--warm-1 {{ color: $warning 32%; }}
    &>.chart--warm-2 {{ color: $warning 45%; }}
    &>.chart--warm-3 {{ color: $warning 58%; }}
    &>.chart--warm-4 {{ color: $warning 70%; }}
    &>.chart--warm-5 {{ color: $warning 82%; }}
    &>.chart--warm-6 {{ color: $warning 92%; }}
    &>.chart--warm-7 {{ color: $warning 100%; }}
    &>.chart--cold-0 {{ color: $primary 20%; }}
    &>.chart--cold-1 {{ color: $primary 32%; }}
    &>.chart--cold-2 {{ color: $primary 45%; }}
    &>.chart--cold-3 {{ color: $primary 58%; }}
    &>.chart--cold-4 {{ color: $primary 70%; }}
    &>.chart--cold-5 {{ color: $primary 82%; }}
    &>.chart--cold-6 {{ color: $primary 92%; }}
    &>.chart--cold-7 {{ color: $primary 100%; }}
}}
"""
