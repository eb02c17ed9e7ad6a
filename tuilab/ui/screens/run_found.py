"""What a look at a run has found."""

from dataclasses import dataclass
from typing import Any

from tuilab.events import Event
from tuilab.status import Status

DAMAGED = (OSError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError)
"""What reading may raise where a directory was removed, half copied, or written by something else."""


@dataclass(frozen=True, slots=True)
class Found:
    """New rows, events and words of a run."""

    status: Status
    events: tuple[Event, ...]
    metrics: tuple[str, ...]
    meta: dict[str, Any]
    share: float
    """Share of the rows that have been read."""
    rewound: bool
    """The run was taken up from an earlier step: curves begin anew."""
    output: str | None = None
    """The end of the worker's own output, where it was asked for and is new."""

    @property
    def complete(self) -> bool:
        """Whether everything there is has been read."""
        return self.share >= 1
