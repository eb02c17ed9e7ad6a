"""Changes that were made after the checkpoint a run is taken up from: made again at the same steps.

So a run that was interrupted becomes what it would have been.
"""

import sys
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from tuilab.events import Event
from tuilab.runs import Run


class Replay:
    """The changes that are still to be made again."""

    def __init__(self, run: Run | None = None, step: int = 0) -> None:
        """Read what was changed in a run from a step on; without a run, nothing was."""
        events = run.events().read(limit=sys.maxsize) if run is not None else []
        commands = [event for event in events if event.kind == "command"]
        self._left = deque(_still_meant(commands, step))

    def due(self, step: int) -> Iterator[dict[str, Any]]:
        """Yield the changes that were made at this step before the run was interrupted."""
        while self._left and self._left[0].step <= step:
            yield dict(self._left.popleft().data)

    def forget(self, keys: Iterable[str]) -> None:
        """Do not change again what was changed after the checkpoint: it has just been set anew."""
        kept = [replace(event, data=_without(event.data, keys)) for event in self._left]
        self._left = deque(event for event in kept if event.data)


def _without(data: Mapping[str, Any], keys: Iterable[str]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key not in set(keys)}


def _still_meant(commands: list[Event], step: int) -> list[Event]:
    """Return the changes from a step on, without those that were taken back later at an earlier step.

    Who lowers a learning rate after a run has diverged and was taken up again does not
    want the rate back that made it diverge.
    """
    meant = []
    for number, event in enumerate(commands):
        newer = [other for other in commands[number + 1 :] if other.step <= event.step]
        data = _without(event.data, {key for other in newer for key in other.data})
        if event.step >= step and data:
            meant.append(replace(event, data=data))
    return sorted(meant, key=lambda event: event.step)
