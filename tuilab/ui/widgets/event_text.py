"""An event as rows of text: when, what kind, and what it says."""

import time
from collections.abc import Sequence

from tuilab.events import Event, said_lines
from tuilab.ui.terminal.cells import first_cells, wrapped
from tuilab.ui.widgets.figures import count
from tuilab.ui.widgets.pieces import Piece, clean

_SIGNS = {
    "started": ("▶", "painted--good"),
    "resumed": ("▶", "painted--good"),
    "paused": ("‖", "painted--warn"),
    "continued": ("▶", "painted--good"),
    "command": ("·", "painted--accent"),
    "checkpoint": ("◆", "painted--dim"),
    "sample": ("»", "painted--accent"),
    "nan": ("×", "painted--bad"),
    "spike": ("▲", "painted--warn"),
    "finding": ("▲", "painted--warn"),
    "finished": ("✓", "painted--good"),
    "stopped": ("■", "painted--warn"),
    "diverged": ("✗", "painted--bad"),
    "failed": ("✗", "painted--bad"),
}


def briefly(events: Sequence[Event], before: Event | None = None) -> list[Event]:
    """Return the events that a short log names: of pictures that were made together, one speaks for all.

    Args:
        events: What happened.
        before: What happened just before.
    """
    pairs = zip([before, *events], events, strict=False)
    return [event for last, event in pairs if last is None or not _together(last, event)]


def _together(last: Event, event: Event) -> bool:
    return last.step == event.step and "pictures" in last.data and "pictures" in event.data


def event_rows(event: Event, width: int, whole: bool = False) -> list[list[Piece]]:
    """Return an event as rows: when, what, and what it says.

    Args:
        event: What happened.
        width: Cells there are.
        whole: All that it says, with its traceback, where the pane has the room to itself; else what a person
            needs who watches the charts: the beginning, and of a sample one row, for samples have a chart.
    """
    sign, role = _SIGNS.get(event.kind, ("·", "painted--dim"))
    clock = f"{time.strftime('%H:%M:%S', time.localtime(event.time))} " if width >= 60 else ""
    kind = event.kind if width >= 60 else event.kind[:5]
    start: list[Piece] = [
        (f"{clock}{_step(event.step, 10 if width >= 60 else 6)} ", "painted--dim"),
        (f"{sign} ", role),
        (f"{clean(kind):<11}" if width >= 60 else f"{clean(kind):<6}", role),
    ]
    indent = sum(len(text) for text, _ in start)
    room = max(width - indent, 8)
    lines = _wrapped(event, room, whole)
    role = "" if event.kind in ("sample", "failed", "diverged") else "painted--dim"
    return [[*start, (lines[0], role)], *([(" " * indent, ""), (line, role)] for line in lines[1:])]


def _wrapped(event: Event, room: int, whole: bool) -> list[str]:
    """Return what an event says as lines of at most this width."""
    said = [line[:_MOST] for line in said_lines(event)[:_LONGEST]]
    if not whole and "pictures" in event.data:
        return ["pictures of what the model makes: t shows them"[:room]]
    if not whole and event.kind == "sample":
        said = [" ".join(" ".join(said).split())]
    lines = [
        part for line in [*said, *(_traceback(event) if whole else ())] for part in wrapped(clean(line), room)
    ]
    most = len(lines) if whole else 1 if event.kind == "sample" else _BRIEF
    if len(lines) > most:
        lines[most - 1 :] = [first_cells(lines[most - 1].rstrip(), room - 1) + "…"]
    return lines


def _step(step: int, room: int) -> str:
    """Return a step in a column of this width; without its thousands apart where it is too long.

    >>> _step(1000, 8), _step(10_000_000, 8), _step(12_345_678_901, 6)
    ('   1,000', '10000000', '1.2e10')
    """
    text = next((text for text in (count(step), str(step)) if len(text) <= room), f"{step:.1e}")
    return text.replace("e+", "e")[:room].rjust(room)


def _traceback(event: Event) -> list[str]:
    """Return where in the code it failed; the last line says what the event's own text says."""
    return str(event.data.get("traceback", "")).rstrip().splitlines()[:-1][-_LONGEST:]


_LONGEST = 60
"""Lines of one event: a traceback fits."""

_MOST = 4000
"""Characters of such a line: a page."""

_BRIEF = 3
"""Rows of an event beneath the charts."""
