"""What to tell of a run that waits for nothing but a person."""

from collections.abc import Sequence

from tuilab.events import LAST_WORDS, Event
from tuilab.status import Status
from tuilab.ui.widgets.pieces import Piece, clean, fitted


def advice(status: Status, found: Sequence[Event], width: int, keys: bool = True) -> list[Piece]:
    """Return what to tell of a run that waits for nothing but a person, in one row of this width.

    Args:
        status: what the run said last.
        found: what has happened in it.
        width: cells of the row.
        keys: whether there are any; else commands are named.
    """
    why = next((event.text for event in reversed(found) if event.kind in LAST_WORDS), "")
    why = clean((why.strip().splitlines() or [""])[-1])
    return fitted(*said, width) if (said := _said(status.state, why, keys)) else []


def _said(state: str, why: str, keys: bool) -> tuple[Piece, Piece] | None:
    """Return what there is to say, and the keys or the commands that help."""
    bad, warn, dim = "painted--bad", "painted--warn", "painted--dim"
    resume = "`tuilab resume` takes it up."
    match state:
        case "crashed":
            hint = "r resumes the run, v shows its output." if keys else resume
            return ("The worker is gone without a word. ", bad), (hint, dim)
        case "failed":
            hint = "e shows all of it, r tries again." if keys else resume
            return (f"{_sentence(why or 'the worker failed')} ", bad), (hint, dim)
        case "diverged":
            said = _sentence(why or "the loss is no longer finite: try a lower rate, or clip")
            return (f"{said} ", bad), ("e shows all of it." if keys else "", dim)
        case "stopped" if why.startswith("killed"):
            return (f"{_sentence(why)} ", warn), ("r resumes." if keys else resume, dim)
        case "stopped":
            return ("Stopped and saved. ", warn), ("r goes on from there." if keys else resume, dim)
        case "queued":
            return ("No worker has taken this run up yet.", dim), ("", dim)
        case "starting":
            return ("The worker is getting ready: data, model, first step.", dim), ("", dim)
    return None


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."
