"""What a person would want to know of a run, one JSON object a line.

The file is append-only. Reading resumes where it left off and a line without
its newline is still being written: it is left for the next look.
"""

import json
import math
import os
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

LAST_WORDS = ("finished", "stopped", "diverged", "failed")
"""Kinds of the event that ends a run."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened at a step."""

    kind: str
    """started, resumed, paused, continued, steps, command, checkpoint, sample, nan, spike, or a last word."""
    step: int
    text: str
    """What to show a person, without the step."""
    data: Mapping[str, Any] = field(default_factory=dict)
    """The same for a program."""
    time: float = field(default_factory=time.time)
    """Seconds since 1970."""
    answers: str = ""
    """The id of the command that it is the answer to."""


def said_lines(event: Event) -> list[str]:
    """Return an event's text as lines, at least one; empty ones, as samples have them, are left out."""
    return [line for line in event.text.splitlines() if line.strip()] or [""]


class EventWriter:
    """Appends events; the only writer of its file."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        kept = os.pread(self._file, os.fstat(self._file).st_size, 0)
        # A killed writer may have left half a line: it never happened.
        self._end = kept.rfind(b"\n") + 1
        os.ftruncate(self._file, self._end)

    def write(self, event: Event) -> None:
        """Append one line, whole or not at all."""
        line = json.dumps(_finite(asdict(event)), ensure_ascii=False).encode(errors="replace") + b"\n"
        done = 0
        while done < len(line):
            done += os.pwrite(self._file, line[done:], self._end + done)
        self._end += len(line)

    def close(self) -> None:
        """Give the file back."""
        os.close(self._file)


class EventReader:
    """Follows an events file that another process is writing."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0

    def read(self, limit: int = 2_000) -> list[Event]:
        """Return at most `limit` events appended since the last call."""
        events: list[Event] = []
        try:
            with self._path.open("rb") as lines:
                lines.seek(self._offset)
                while len(events) < limit and (line := lines.readline()).endswith(b"\n"):
                    self._offset += len(line)
                    if (event := _decoded(line)) is not None:
                        events.append(event)
        except FileNotFoundError:
            pass
        return events


def _decoded(line: bytes) -> Event | None:
    """Return a line's event, without what only a newer version knows of it; None where it is none."""
    try:
        raw = json.loads(line)
        event = Event(**{key: raw[key] for key in Event.__slots__ if key in raw})
    except (ValueError, TypeError, RecursionError):
        return None
    return event if _whole(event) else None


def _whole(event: Event) -> bool:
    """Whether an event says what one does: who shows it counts on that."""
    return (
        all(isinstance(word, str) for word in (event.kind, event.text, event.answers))
        and isinstance(event.step, int)
        and 0 <= event.step <= _LAST_STEP
        and isinstance(event.data, Mapping)
        and isinstance(event.time, int | float)
        and 0 <= event.time <= _LAST_TIME
    )


_LAST_STEP, _LAST_TIME = 2**62, 1e11
"""More steps than any run has, and a time that every calendar knows."""


def _finite(value: Any) -> Any:
    """Return the value with NaN and infinities as words: they are not JSON."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, Mapping):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value
