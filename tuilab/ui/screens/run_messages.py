"""What the thread that reads a run tells the screen."""

from dataclasses import dataclass
from typing import Any

from textual.message import Message

from tuilab.events import Event
from tuilab.runs import Status


@dataclass
class Looked(Message):
    """What a look at the run has found."""

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


@dataclass
class Unreadable(Message):
    """The run's directory cannot be read."""

    why: str
