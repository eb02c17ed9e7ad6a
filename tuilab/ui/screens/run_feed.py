"""From a run directory to series, in looks that never hold anybody up.

A thread looks; the screen draws. What they share is guarded by one lock.
"""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tuilab.charts.series import Series
from tuilab.charts.xmap import Elapsed
from tuilab.history import History
from tuilab.runs import Run
from tuilab.ui.screens.run_found import Found
from tuilab.ui.screens.run_output import Output
from tuilab.ui.screens.run_panels import FIRST, panels
from tuilab.ui.screens.run_sight import Sight
from tuilab.ui.screens.run_sights import Sights
from tuilab.ui.screens.run_tracks import Tracks

_USUAL = ("loss", "grad_norm", "lr")
"""Columns that every run will have, shown before there is a table."""


@dataclass
class Feed:
    """Follows one run; `look` is called from a thread, the rest from anywhere."""

    run: Run
    budget: float = 0.2
    """Seconds after which a look reports what it has and leaves the rest to the next one."""
    lock: threading.Lock = field(default_factory=threading.Lock)
    """Held while series change; hold it to read them."""

    def __post_init__(self) -> None:
        self._one_at_a_time = threading.Lock()
        self._history: History | None = None
        self._tracks = Tracks(self.lock)
        self._sights = Sights(self.run)
        self._wanted: tuple[str, ...] = ()
        self._metrics: tuple[str, ...] = _USUAL
        self._meta: dict[str, Any] = {}
        self._output = Output(self.run.path / "worker.log")

    @property
    def wanted(self) -> tuple[str, ...]:
        """The metrics that are looked at."""
        return self._wanted

    def want(self, metrics: Sequence[str], output: bool = False) -> None:
        """Say which metrics are looked at: only those are read. And whether the worker's output is."""
        self._wanted = tuple(metrics)
        self._output.wanted = output

    def series(self, metric: str) -> Series:
        """Return a metric's series; it fills while looks go on."""
        return self._tracks.series(metric)

    def sight(self, name: str) -> Sight | None:
        """Return a picture that is not curves; None while there is nothing of it."""
        return self._sights.get(name)

    @property
    def elapsed(self) -> Elapsed:
        """Seconds of training at each step."""
        return self._tracks.elapsed

    @property
    def samples_per_step(self) -> float:
        """Samples that a step sees; 0 while unknown."""
        return self._history.samples_per_step if self._history else 0.0

    @property
    def base_lr(self) -> float:
        """The learning rate that the schedule multiplies."""
        return self._history.base_lr if self._history else 0.0

    def planned_lr(self, steps: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the learning rate that these steps will have."""
        return self._history.planned_lr(steps) if self._history else np.full(len(steps), np.nan)

    @property
    def settled(self) -> bool:
        """Whether all rows of what is wanted have been read."""
        return self._tracks.share(self._wanted) >= 1

    def look(self) -> Found | None:
        """Read what is new, for at most `budget` seconds; None where nothing is."""
        with self._one_at_a_time:
            # The first look reads one slice, so that the screen has a state to show at once.
            return self._look(time.perf_counter() + (self.budget if self._history else 0.0))

    def _look(self, deadline: float) -> Found | None:
        if self._history is None:
            self._history = History(self.run)
            self._tracks.curves = self._history.curves
        if not self.run.path.is_dir():
            raise FileNotFoundError(f"{self.run.path} is not there any more")
        update = self._history.poll()
        self._sights.take(update.events)
        self._meta = dict(self._history.curves.meta)
        metrics = (*(self._history.metrics() or _USUAL), *self._sights.names())
        named, self._metrics = metrics != self._metrics, metrics
        if not self._wanted:
            first = panels(metrics, self._meta)[:FIRST]
            self._wanted = tuple(metric for panel in first for metric in panel.metrics)
        rewound = self._tracks.take_back(update.rewound) or update.rewound
        grown = self._tracks.read(self._wanted, deadline)
        seen = self._sights.refresh(self._wanted, self._history.curves)
        if grown and self.settled:
            self._tracks.let_go()
        output = self._output.read()
        if not (update or rewound or grown or seen or named or output is not None):
            return None
        share = self._tracks.share(self._wanted)
        return Found(self._history.status, update.events, metrics, self._meta, share, rewound, output)
