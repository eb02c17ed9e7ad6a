"""Where a run stands, in as many words as there is room for."""

from collections.abc import Sequence
from dataclasses import dataclass

from tuilab.status import LIVE, Status
from tuilab.ui.terminal.cells import cells
from tuilab.ui.widgets.figures import count, duration, figure, rate
from tuilab.ui.widgets.pieces import Piece, clean

_LONG = 2.0
"""Seconds from which on it is told what a worker is busy with."""

SILENT = 10.0
"""Seconds without a word after which that is told: ten times as long as a worker ever says nothing."""

SIGNS = {
    "opening": ("○", "painted--dim"),
    "queued": ("○", "painted--dim"),
    "starting": ("○", "painted--accent"),
    "running": ("▶", "painted--good"),
    "paused": ("‖", "painted--warn"),
    "finished": ("✓", "painted--good"),
    "stopped": ("■", "painted--warn"),
    "diverged": ("✗", "painted--bad"),
    "failed": ("✗", "painted--bad"),
    "crashed": ("✗", "painted--bad"),
}
"""Each state's sign and role: told without colour too."""


@dataclass(frozen=True, slots=True)
class _Field:
    """One fact in three lengths; the empty one leaves it out."""

    long: str
    short: str
    role: str
    worth: int
    """Facts of least worth are shortened and left out first."""


def status_row(status: Status, name: str, width: int, silent: float = 0.0) -> list[Piece]:
    """Return what there is room for, the most important facts in any case.

    Args:
        status: what the run last said.
        name: the run's.
        width: cells there are.
        silent: seconds since a live worker has last said anything, by the reader's clock.
    """
    sign, role = SIGNS.get(status.state, ("?", ""))
    state: Piece = (f"{sign} {status.state:<8}" if width >= 60 else sign, role)
    fields = _fields(status, name, silent)
    rooms = [2] * len(fields)  # 2 long, 1 short, 0 left out
    for least in sorted(range(len(fields)), key=lambda i: fields[i].worth):
        if _width(state, fields, rooms) <= width:
            break
        rooms[least] = 1
    for least in sorted(range(len(fields)), key=lambda i: fields[i].worth):
        if _width(state, fields, rooms) <= width:
            break
        rooms[least] = 0
    pieces: list[Piece] = [state]
    for field, room in zip(fields, rooms, strict=True):
        if text := (field.long, field.short)[2 - room] if room else "":
            pieces += [("  ", ""), (text, field.role)]
    return [(clean(text), role) for text, role in pieces]


def bar_row(status: Status, loading: float | None, width: int, cost: str = "") -> list[Piece]:
    """Return how much of the run is done as a rule across the screen, and in percent."""
    share = min(status.step / status.total, 1.0) if status.total else 0.0
    text = f" {share:4.0%}" if loading is None else f" reading {loading:4.0%}"
    text = f" {cost:>8}{text}" if cost else text
    room = max(width - len(text), 1)
    halves = round(share * room * 2)
    done, half = divmod(halves, 2)
    _, role = SIGNS.get(status.state, ("", ""))
    return [
        ("━" * done + "╸" * half, role if status.state not in ("running", "starting") else "painted--accent"),
        ("─" * (room - done - half), "painted--rest"),
        (text, "painted--dim"),
    ]


def _fields(status: Status, name: str, silent: float) -> Sequence[_Field]:
    own = _Field(name, "", "painted--dim", 1)
    if status.state == "opening":
        return [own]
    total = count(status.total) if status.total else "?"
    step = f"{count(status.step):>{len(total)}}"
    fields = [_Field(f"step {step} / {total}", f"{step.strip()}/{total}", "painted--strong", 9)]
    if status.epoch or status.steps_per_epoch:
        fields.append(_Field(f"epoch {status.epoch:.2f}", f"ep {status.epoch:.1f}", "", 5))
    fields += _pace(status, silent)
    if status.device:
        fields.append(_Field(status.device, status.device, "painted--dim", 2))
    if status.best.get("value") is not None:
        value, metric = figure(float(status.best["value"])), str(status.best.get("metric", ""))
        at = count(int(status.best.get("step", 0)))
        fields.append(_Field(f"best {metric} {value} at {at}", f"best {value}", "painted--accent", 4))
    fields += [_price(status), own]
    return fields


def _pace(status: Status, silent: float) -> list[_Field]:
    """Return how fast it goes and how long it will: what nobody may take for more than it is."""
    took = _Field(f"took {duration(status.seconds)}", duration(status.seconds), "", 7)
    if status.state not in LIVE:
        return [took]
    left = duration(status.eta) if status.eta is not None else "-"
    if status.state == "paused":
        before = f"was {rate(status.rate)} steps/s" if status.rate else ""
        return [
            _Field(before, "", "painted--dim", 3),
            _Field(f"{left} to go", f"{left} to go", "", 8),
        ]
    long = status.heartbeat - status.doing_since
    if silent >= SILENT:
        text = f"no word for {duration(silent)}"
        return [_Field(text, text, "painted--warn", 8)]
    if status.doing and long >= _LONG:
        text = f"{status.doing} {duration(long)}"
        return [_Field(text, text, "painted--accent", 7), _Field(f"ETA {left:>7}", "", "painted--dim", 3)]
    pace = rate(status.rate) if status.rate else "-"
    return [
        _Field(f"{pace:>5} steps/s", f"{pace}/s", "", 6),
        _Field(f"ETA {left:>7}", f"ETA {left}", "", 8),
    ]


def _price(status: Status) -> _Field:
    """Return what the probes cost, in percent of the training time; nothing where that is nothing."""
    costs = sorted(status.probe_cost.items(), key=lambda item: -item[1])
    worth_telling = [(name, cost) for name, cost in costs if cost >= _FREE]
    total = sum(status.probe_cost.values())
    if not worth_telling:
        return _Field("", "", "", 0)
    each = ", ".join(f"{name} {_percent(cost)}" for name, cost in worth_telling)
    return _Field(f"probes {_percent(total)} ({each})", f"probes {_percent(total)}", "painted--dim", 2)


def _percent(share: float) -> str:
    return f"{share:.0f} %" if share >= 10 else f"{share:.1f} %"


_FREE = 0.05
"""Percent below which a probe costs nothing that anyone would notice."""


def _width(state: Piece, fields: Sequence[_Field], rooms: Sequence[int]) -> int:
    texts = [(f.long, f.short)[2 - room] if room else "" for f, room in zip(fields, rooms, strict=True)]
    return len(state[0]) + sum(2 + cells(text) for text in texts if text)
