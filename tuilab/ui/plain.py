"""One frame of a run as text, at any size, through the same charts as the screen.

The plain twin of the run screen: for logs, for pipes, for a reader who wants one
look and no keys.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from tuilab.charts.frame import Frame, Style
from tuilab.charts.line import Curve, View, draw
from tuilab.charts.series import Series
from tuilab.events import Event
from tuilab.history import History
from tuilab.runs import Run, Status
from tuilab.ui.plain_text import SIGNS, clean, coloured
from tuilab.ui.screens.run_panels import Panel, curve_name, panels
from tuilab.ui.terminal.abilities import replacements
from tuilab.ui.widgets.figures import count, duration, figure, rate
from tuilab.ui.widgets.lens import budget

_CHARTS = 4
"""Loss, the metric people quote, gradient norm and learning rate."""

_SIDE_BY_SIDE = 100
"""Columns from which two charts stand beside each other; each then has the width of half a screen."""

_LOWEST_CHART = 6
"""Rows below which a chart shows too little: fewer charts are shown then."""

_MOST_EVENTS = 6

_COLOURS = ("36", "33", "35", "32", "34", "31", "96", "93")
"""Of the curves, in the order of their slots."""

_ROLES = {
    Style.AXIS: "2",
    Style.TICK: "2",
    Style.DIM: "2",
    Style.PLANNED: "2",
    Style.TITLE: "1",
    Style.NONFINITE: "31",
    Style.CLIP: "33",
}


def frame(run: Run, width: int, height: int, glyphs: str = "braille", colour: bool = False) -> list[str]:
    """Return a run's state, charts and last events as at most `height` rows.

    Args:
        run: what to show, live or old.
        width: columns.
        height: rows.
        glyphs: "braille", "quadrant", "half" or "ascii".
        colour: whether escape codes for colours may be used.
    """
    history = History(run)
    while history.poll():
        pass
    top = _status_rows(run.id, history.status, width, colour)
    room = height - len(top)
    events = _event_rows(history.events, width, min(_MOST_EVENTS, max(room // 6, 1))) if room >= 3 else []
    charts = _chart_rows(history, run.meta, width, room - len(events), glyphs, colour)
    table = replacements(glyphs)
    rows = [row.translate(table) for row in [*top, *charts, *events]]
    return rows[:height]


def _status_rows(name: str, status: Status, width: int, colour: bool) -> list[str]:
    """Return the state with all facts that there is room for, in one row or two."""
    sign, role = SIGNS.get(status.state, ("?", "strong"))
    state = f"{sign} {status.state}"
    total = f"/{count(status.total)}" if status.total else ""
    facts = [
        f"step {count(status.step)}{total}",
        f"epoch {status.epoch:.2f}",
        f"{rate(status.rate)} steps/s" if status.rate else "",
        f"eta {duration(status.eta)}" if status.eta is not None and status.state == "running" else "",
        f"trained {duration(status.seconds)}",
        status.device,
    ]
    rows = [_joined([state, name], width)]
    rows[0] = rows[0].replace(state, coloured(state, role, colour), 1)
    rows.append(_joined([fact for fact in facts if fact], width))
    splits = ("test", "eval", "train")
    scores = [
        f"{key} {figure(value)}"
        for split in splits
        for key, value in status.metrics.items()
        if key.startswith(f"{split}.")
    ]
    if scores:
        rows.append(_joined(scores, width))
    return rows


def _joined(facts: Sequence[str], width: int) -> str:
    """Return as many facts as fit, the first of them in any case."""
    text = facts[0][:width]
    for fact in facts[1:]:
        if len(text) + 3 + len(fact) > width:
            break
        text += f"   {fact}"
    return text


def _event_rows(events: Sequence[Event], width: int, most: int) -> list[str]:
    rows = []
    for event in events[-most:]:
        first = clean(event.text.splitlines()[0]) if event.text else ""
        rows.append(f"{count(event.step):>9}  {event.kind}: {first}"[:width])
    return rows


def _chart_rows(
    history: History, meta: Mapping[str, Any], width: int, height: int, glyphs: str, colour: bool
) -> list[str]:
    """Return the charts, side by side where the width allows, as many as the height does."""
    if width < 4 or height < 1 or not history.status.step:
        return []
    across = 2 if width >= _SIDE_BY_SIDE else 1
    down = max(min(height // _LOWEST_CHART, _CHARTS // across), 1)
    shown = [panel for panel in panels(history.metrics(), meta) if not panel.heat][: across * down]
    down = -(-len(shown) // across)
    rows: list[str] = []
    for row in range(down):
        # What does not divide evenly goes to the upper charts.
        share = height // down + (row < height % down)
        beside = shown[row * across : (row + 1) * across]
        each = (width - 2 * (across - 1)) // across
        frames = [_painted(_drawn(history, panel, each, share, glyphs), colour) for panel in beside]
        rows += ["  ".join(parts).rstrip() for parts in zip(*frames, strict=True)]
    return rows


def _drawn(history: History, panel: Panel, width: int, height: int, glyphs: str) -> Frame:
    """Draw one panel over the run's budget."""
    curves, last = [], 0
    for slot, metric in enumerate(panel.metrics):
        series = Series()
        series.extend(*history.points(metric))
        last = max(last, series.last_step or 0)
        name = curve_name(metric) if len(panel.metrics) > 1 or "." in metric else panel.title
        kind = "points" if "." in metric else "line"
        curves.append(Curve(name, series, style=slot, dash=slot, kind=kind))
    view = View(
        width,
        height,
        0,
        budget(history.status.total, last),
        glyphs=glyphs,
        title="" if curves[0].name == panel.title else panel.title,
        planned=history.planned_lr if panel.key == "lr" and history.status.state == "running" else None,
    )
    return draw(view, curves)


def _painted(frame: Frame, colour: bool) -> list[str]:
    """Return a frame's rows, with colours where they are wanted."""
    if not colour:
        return frame.text()
    return [
        _painted_row(text, styles) for text, styles in zip(frame.text(), frame.styles.tolist(), strict=True)
    ]


def _painted_row(text: str, styles: Sequence[int]) -> str:
    parts, now = [], ""
    for char, style in zip(text, styles, strict=True):
        code = _code(style)
        if code != now and char != " ":
            parts.append(f"\x1b[{code or 0}m" if not now or not code else f"\x1b[0;{code}m")
            now = code
        parts.append(char)
    return "".join(parts) + ("\x1b[0m" if now else "")


def _code(style: int) -> str:
    """Return the colour of a style; a curve's band is its line's colour, dimmed."""
    if style < Style.SERIES:
        return _ROLES.get(Style(style), "")
    slot, band = divmod(style - Style.SERIES, 2)
    colour = _COLOURS[slot % len(_COLOURS)]
    return f"2;{colour}" if band else colour
