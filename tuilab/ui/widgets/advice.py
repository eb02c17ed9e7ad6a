"""What to tell of a run that waits for nothing but a person."""

from collections.abc import Sequence

from tuilab.events import LAST_WORDS, Event
from tuilab.status import Status
from tuilab.ui.widgets.pieces import Piece, clean, fitted


def advice(status: Status, found: Sequence[Event], width: int) -> list[Piece]:
    """Return what to tell of a run that waits for nothing but a person, in one row of this width."""
    why = next((event.text for event in reversed(found) if event.kind in LAST_WORDS), "")
    why = clean((why.strip().splitlines() or [""])[-1])
    return fitted(*said, width) if (said := _said(status.state, why)) else []


def _said(state: str, why: str) -> tuple[Piece, Piece] | None:
    """Return what there is to say, and the keys that help."""
    bad, warn, keys = "painted--bad", "painted--warn", "painted--dim"
    match state:
        case "crashed":
            hint = "r resumes the run, v shows its output."
            return ("The worker is gone without a word. ", bad), (hint, keys)
        case "failed":
            hint = "e shows all of it, r tries again."
            return (f"{_sentence(why or 'the worker failed')} ", bad), (hint, keys)
        case "diverged":
            said = _sentence(why or "the loss is no longer finite: try a lower rate, or clip")
            return (f"{said} ", bad), ("e shows all of it.", keys)
        case "stopped" if why.startswith("killed"):
            return (f"{_sentence(why)} ", warn), ("r resumes.", keys)
        case "stopped":
            return ("Stopped and saved. ", warn), ("r goes on from there.", keys)
        case "queued":
            return ("No worker has taken this run up yet.", keys), ("", keys)
        case "starting":
            return ("The worker is getting ready: data, model, first step.", keys), ("", keys)
    return None


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."
