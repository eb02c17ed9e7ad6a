"""The view model: what a run directory says, followed as it grows.

Both front ends draw from this. Columns stay where they are, memory-mapped;
a look costs what is new, whatever the length of the run.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tuilab.curves import Curves, Points
from tuilab.errors import TuilabError
from tuilab.events import Event
from tuilab.runs import Run
from tuilab.schedules import Reacting, Schedule, schedules
from tuilab.status import Status


@dataclass(frozen=True, slots=True)
class Update:
    """What a look found; false where nothing is new."""

    status_changed: bool
    rewound: bool
    """Tables got shorter, for the run was taken up from an earlier step, or are others: start curves anew."""
    steps: tuple[int, int]
    """First new row of the steps table, and one past the last."""
    evals: tuple[int, int]
    events: tuple[Event, ...]

    def __bool__(self) -> bool:
        return (
            self.status_changed
            or self.rewound
            or self.steps[0] < self.steps[1]
            or self.evals[0] < self.evals[1]
            or bool(self.events)
        )


@dataclass
class History:
    """Follows one run, live or old. Reads only; never waits for the worker."""

    run: Run
    status: Status = field(default_factory=Status)
    events: list[Event] = field(default_factory=list)
    """The newest last; at most `_KEPT_EVENTS` of them."""
    base_lr: float = 0.0
    """The learning rate that the schedule multiplies, as last set."""

    def __post_init__(self) -> None:
        self.curves = Curves(self.run)
        self._reader = self.run.events()
        self._seen_steps = self._seen_evals = 0
        self._replaced = self.curves.replaced
        self.base_lr = float(self.run.spec["optimizer.lr"])  # type: ignore[arg-type]
        self._schedule_knobs: dict[str, Any] = {}
        self._schedule = self._planned_schedule()

    def poll(self) -> Update:
        """Look for what is new since the last look."""
        status = self.run.status
        # Rows first, events after: an event about a step never comes before its row.
        steps, evals = self.curves.refresh()
        events = tuple(self._reader.read())
        # A run taken up again may have outgrown its former length between two looks.
        taken_up = any(event.kind == "resumed" for event in events)
        replaced, self._replaced = self.curves.replaced != self._replaced, self.curves.replaced
        rewound = steps < self._seen_steps or evals < self._seen_evals or taken_up or replaced
        first_step, first_eval = (0, 0) if rewound else (self._seen_steps, self._seen_evals)
        update = Update(status != self.status, rewound, (first_step, steps), (first_eval, evals), events)
        self._seen_steps, self._seen_evals, self.status = steps, evals, status
        self._fold(events)
        return update

    def metrics(self) -> list[str]:
        """Return the names of all curves there are: "loss", "eval.accuracy", "probes/sharpness" ..."""
        return self.curves.names()

    def points(self, metric: str, first: int = 0, last: int | None = None) -> Points:
        """Return a curve between two rows of its table, as an `Update` numbers them.

        A metric that is not there (yet) has no points.
        """
        return self.curves.points(metric, first, last)

    @property
    def samples_per_step(self) -> float:
        """Samples that a step sees; 0 while unknown. An epoch's last, smaller batch is spread over all."""
        rows = self.curves.meta.get("rows")
        rows = rows.get("train") if isinstance(rows, Mapping) else None
        if not isinstance(rows, int | float):
            return 0.0
        return rows / self.status.steps_per_epoch if self.status.steps_per_epoch else 0.0

    def planned_lr(self, steps: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the learning rate that these steps have or will have, by what has happened so far.

        NaN where only the worker knows: a schedule of one's own, in a file that needs torch.
        """
        if self._schedule is None:
            return np.full(len(steps), np.nan)
        total = max(self.status.total, 1)
        progress = np.clip((steps + 0.5) / total, 0.0, 1.0)
        rates = self.base_lr * np.array([self._schedule(float(share)) for share in progress])
        return rates * self._reaction(steps) if isinstance(self._schedule, Reacting) else rates

    def _reaction(self, steps: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what the evaluations before each of these steps made of its rate."""
        assert isinstance(self._schedule, Reacting)
        seen, losses = self.points("eval.loss")
        reaction = self._schedule.reaction()
        factors = np.array([1.0, *(reaction(float(loss)) for loss in losses)])
        # An evaluation after so many steps is heard by the step of that number: they count from 0.
        return factors[np.searchsorted(seen, steps, side="right")]

    def _planned_schedule(self) -> Schedule | None:
        """Return what is planned; None where nobody here can tell."""
        name, knobs = self.run.spec.component("schedule")
        if name not in schedules:
            return None
        try:
            planned = schedules[name].build(**{**knobs, **self._schedule_knobs})
            float(planned(0.5))
        except (TuilabError, TypeError, ValueError, ArithmeticError):
            return None  # a file that was changed by hand: the curve of what was is drawn all the same
        return planned

    def _fold(self, events: tuple[Event, ...]) -> None:
        for event in events:
            if event.kind == "command":
                self._obey(event.data)
        self.events += events
        del self.events[:-_KEPT_EVENTS]

    def _obey(self, data: Mapping[str, Any]) -> None:
        """Change the plan as the worker has; what it cannot have been told changes nothing."""
        rate = data.get("optimizer.lr", self.base_lr)
        if isinstance(rate, int | float) and math.isfinite(rate):
            self.base_lr = float(rate)
        changed = {key: value for key, value in data.items() if key.startswith("schedule.")}
        if changed:
            self._schedule_knobs |= {key.partition(".")[2]: value for key, value in changed.items()}
            self._schedule = self._planned_schedule()


_KEPT_EVENTS = 2_000
