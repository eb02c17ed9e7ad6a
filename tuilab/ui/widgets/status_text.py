"""Where a run stands, in as many words as there is room for."""

from collections.abc import Sequence
from dataclasses import dataclass

from tuilab.runs import Status
from tuilab.ui.widgets.figures import count, duration, figure, rate
from tuilab.ui.widgets.pieces import Piece

SIGNS = {
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


def status_row(status: Status, name: str, width: int) -> list[Piece]:
    """Return what there is room for, the most important facts in any case."""
    sign, role = SIGNS.get(status.state, ("?", ""))
    state: Piece = (f"{sign} {status.state:<8}" if width >= 60 else sign, role)
    fields = _fields(status, name)
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
    return pieces


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


def _fields(status: Status, name: str) -> Sequence[_Field]:
    total = count(status.total) if status.total else "?"
    step = f"{count(status.step):>{len(total)}}"
    fields = [_Field(f"step {step} / {total}", f"{step.strip()}/{total}", "painted--strong", 9)]
    if status.epoch or status.steps_per_epoch:
        fields.append(_Field(f"epoch {status.epoch:.2f}", f"ep {status.epoch:.1f}", "", 5))
    if status.state in ("running", "paused", "starting"):
        fields.append(_Field(f"{rate(status.rate):>5} steps/s", f"{rate(status.rate)}/s", "", 6))
        eta = duration(status.eta) if status.eta is not None else "-"
        fields.append(_Field(f"ETA {eta:>7}", f"ETA {eta}", "", 8))
    else:
        fields.append(_Field(f"took {duration(status.seconds)}", duration(status.seconds), "", 7))
    if status.device:
        fields.append(_Field(status.device, status.device, "painted--dim", 2))
    if status.best.get("value") is not None:
        value, metric = figure(float(status.best["value"])), str(status.best.get("metric", ""))
        at = count(int(status.best.get("step", 0)))
        fields.append(_Field(f"best {metric} {value} at {at}", f"best {value}", "painted--accent", 4))
    fields.append(_Field(name, "", "painted--dim", 1))
    return fields


def _width(state: Piece, fields: Sequence[_Field], rooms: Sequence[int]) -> int:
    texts = [(f.long, f.short)[2 - room] if room else "" for f, room in zip(fields, rooms, strict=True)]
    return len(state[0]) + sum(2 + len(text) for text in texts if text)
