"""What to tell of a run that waits for nothing but a person."""

from collections.abc import Sequence

from tuilab.events import LAST_WORDS, Event
from tuilab.runs import Status
from tuilab.ui.widgets.pieces import Piece, clean


def advice(status: Status, found: Sequence[Event]) -> list[Piece]:
    """Return what to tell of a run that waits for nothing but a person."""
    why = next((event.text for event in reversed(found) if event.kind in LAST_WORDS), "")
    why = clean((why.strip().splitlines() or [""])[-1])
    bad, keys = "painted--bad", "painted--dim"
    match status.state:
        case "crashed":
            return [
                ("The worker is gone without a word. ", bad),
                ("r resumes the run, v shows its output.", keys),
            ]
        case "failed":
            return [(f"{why or 'The worker failed.'} ", bad), ("e shows all of it, r tries again.", keys)]
        case "diverged":
            said = why or "the loss is no longer finite: try a lower rate, or clip"
            return [(f"{said[:1].upper()}{said[1:]}. ", bad), ("e shows all of it.", keys)]
        case "stopped":
            return [("Stopped and saved. ", "painted--warn"), ("r goes on from there.", keys)]
        case "queued":
            return [("No worker has taken this run up yet.", keys)]
        case "starting":
            return [("The worker is getting ready: data, model, first step.", keys)]
    return []
