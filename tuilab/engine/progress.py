"""What the worker says of itself: `status.json`, replaced at most four times a second.

While an evaluation, a probe or a single step takes long, a thread says what it is: a worker
at work never looks dead.
"""

import contextlib
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tuilab.json_files import write_json
from tuilab.status import Status

_INTERVAL = 0.25
_BEAT_SECONDS = 1.0
"""How long the loop may say nothing before the thread speaks for it."""
_LONG_STEP = "a step that takes long"
_RATE_SECONDS = 5.0
"""The rate is taken over this long: steady enough to read, quick enough to follow a change."""


class Progress:
    """Keeps the newest figures and writes them out now and then."""

    def __init__(self, folder: Path, status: Status) -> None:
        """Go on from what was said last: a run that is taken up again has come somewhere."""
        self._path = folder / "status.json"
        self._status = status
        self._written = 0.0
        self._marks: deque[tuple[float, int, int]] = deque()
        self.metrics: dict[str, float] = dict(status.metrics)
        """The newest values, as "train.loss", "eval.accuracy"."""
        self.best: dict[str, Any] = dict(status.best)
        self._lock = threading.Lock()
        self._doing: list[tuple[str, float]] = []

    @contextlib.contextmanager
    def busy(self, what: str) -> Iterator[None]:
        """Say what takes so long, should this block take long. Costs nothing where it does not."""
        self._doing.append((what, time.time()))
        try:
            yield
        finally:
            self._doing.pop()

    @contextlib.contextmanager
    def beating(self) -> Iterator[None]:
        """Have a thread speak for this block whenever it says nothing for a second."""
        over = threading.Event()
        thread = threading.Thread(target=self._beat, args=[over], daemon=True, name="heartbeat")
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _beat(self, over: threading.Event) -> None:
        while not over.wait(_BEAT_SECONDS / 2):
            silent = time.monotonic() - self._written
            if silent < _BEAT_SECONDS:
                continue
            usual = (_LONG_STEP, time.time() - silent) if self._status.state == "running" else ("", 0.0)
            what, since = (usual, *self._doing)[-1]
            with contextlib.suppress(OSError), self._lock:
                said = {**asdict(self._status), "doing": what, "doing_since": since}
                write_json(self._path, {**said, "heartbeat": time.time()})

    def write(self, state: str, **figures: Any) -> None:
        """Replace the status now, whatever the time."""
        known = {**asdict(self._status), **figures}
        known.update(state=state, heartbeat=time.time(), metrics=_finite(self.metrics), best=dict(self.best))
        with self._lock:
            self._written = time.monotonic()
            self._status = Status(**known)
            write_json(self._path, asdict(self._status))

    def update(self, state: str, step: int, samples: int, seconds: float, total: int, **figures: Any) -> None:
        """Replace the status if that is due or the state is another.

        Args:
            state: running or paused.
            step: steps done.
            samples: samples seen so far, for the rate.
            seconds: training time so far.
            total: the budget in steps.
            figures: further fields of `Status`.
        """
        if state == self._status.state and time.monotonic() - self._written < _INTERVAL:
            return
        rate, samples_rate = self._rates(seconds, step, samples)
        eta = (total - step) / rate if rate else None
        self.write(
            state,
            step=step,
            total=total,
            seconds=seconds,
            rate=rate,
            samples_rate=samples_rate,
            eta=eta,
            **figures,
        )

    def _rates(self, seconds: float, step: int, samples: int) -> tuple[float, float]:
        """Return steps and samples a second, over the last seconds."""
        if not self._marks or seconds > self._marks[-1][0]:  # it stands still while the run is paused
            self._marks.append((seconds, step, samples))
        while len(self._marks) > 2 and seconds - self._marks[1][0] > _RATE_SECONDS:
            self._marks.popleft()
        before, first_step, first_samples = self._marks[0]
        span = seconds - before
        if span <= 0:
            return 0.0, 0.0
        return (step - first_step) / span, (samples - first_samples) / span


def _finite(metrics: Mapping[str, float]) -> dict[str, float]:
    """Leave out what JSON cannot hold."""
    return {name: value for name, value in metrics.items() if abs(value) < float("inf")}
