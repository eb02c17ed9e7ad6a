"""From a run directory to series, in slices that never hold anybody up.

A thread looks; the screen draws. What they share is guarded by one lock that is
held for one slice at a time, a millisecond or so, whatever the length of the run.
Rows stay where they are, in the memory-mapped tables.
"""

import mmap
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tuilab.charts.series import Series
from tuilab.charts.xmap import Elapsed
from tuilab.history import History
from tuilab.runs import Run
from tuilab.tables import Rows, Table
from tuilab.ui.screens.run_found import Found
from tuilab.ui.screens.run_output import Output
from tuilab.ui.screens.run_panels import FIRST, LAYERS, panels

_SLICE = 1 << 16
"""Rows taken at a time: half a millisecond of summing up."""

_LONG = 1 << 25
"""Bytes of a table that are not worth giving back."""

_USUAL = ("loss", "grad_norm", "lr")
"""Columns that every run will have, shown before there is a table."""

_STEPS = "steps"


@dataclass
class _Track:
    """A metric on its way into its series."""

    metric: str
    series: Series
    row: int = 0
    """First row of its table that has not been read."""


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
        self._tracks: dict[str, _Track] = {}
        self._elapsed = Elapsed()
        self._elapsed_row = 0
        self._wanted: tuple[str, ...] = ()
        self._mapped: dict[str, Rows] = {_STEPS: np.empty(0, [("step", "<i8")])}
        self._layers: dict[str, Table] = {}
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
        return self._track(metric).series

    @property
    def elapsed(self) -> Elapsed:
        """Seconds of training at each step."""
        return self._elapsed

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
        return self._share() >= 1

    def look(self) -> Found | None:
        """Read what is new, for at most `budget` seconds; None where nothing is."""
        with self._one_at_a_time:
            return self._look(time.perf_counter() + self.budget)

    def _look(self, deadline: float) -> Found | None:
        if self._history is None:
            self._history = History(self.run)
        if not self.run.path.is_dir():
            raise FileNotFoundError(f"{self.run.path} is not there any more")
        update = self._history.poll()
        rewound = update.rewound
        if update.status_changed and not self._meta:
            self._meta = self.run.meta
        self._map()
        new_evals = update.evals[0] < update.evals[1] or rewound
        if new_evals or (len(self._metrics) <= len(_USUAL) and update.steps[1]):
            self._metrics = (*(self._history.metrics() or _USUAL), *self._layer_metrics())
        if not self._wanted:
            first = panels(self._metrics, self._meta)[:FIRST]
            self._wanted = tuple(metric for panel in first for metric in panel.metrics)
        rewound |= self._take_back(rewound)
        grown = self._read(deadline)
        if grown and self.settled:
            _let_go(self._mapped[_STEPS])
        output = self._output.read()
        if not (update or rewound or grown or output is not None):
            return None
        status, events = self._history.status, update.events
        return Found(status, events, self._metrics, self._meta, self._share(), rewound, output)

    def _map(self) -> None:
        """See the tables at their present length."""
        for name, table in self._layers.items():
            if any(metric.startswith(f"{LAYERS}{name}/") for metric in self._wanted):
                table.refresh()
        with self.lock:
            self._mapped[_STEPS] = self.run.steps.rows
            for name, table in self._layers.items():
                self._mapped[f"{LAYERS}{name}"] = _named(table.rows, self._meta.get("layers", ()))

    def _layer_metrics(self) -> list[str]:
        """Return the per-layer curves there are."""
        for path in sorted((self.run.path / "layers").glob("*.npy")):
            if path.stem not in self._layers:
                self._layers[path.stem] = self.run.layers(path.stem)
        return [
            f"{LAYERS}{name}/{column}"
            for name, table in self._layers.items()
            for column in _named(table.rows, self._meta.get("layers", ())).dtype.names or ()
            if column != "step"
        ]

    def _track(self, metric: str) -> _Track:
        track = self._tracks.get(metric)
        if track is None:
            table, _, column = _parts(metric)
            series = Series() if table == "evals" else Series(self._source(table, column))
            track = self._tracks.setdefault(metric, _Track(metric, series))
        return track

    def _source(self, table: str, column: str) -> Callable[[int, int], tuple[Any, Any]]:
        """Return a function that looks rows up wherever their table is mapped now."""

        def rows(start: int, stop: int) -> tuple[Any, Any]:
            block = self._mapped[table][start:stop]
            return block["step"], block[column]

        return rows

    def _take_back(self, everything: bool) -> bool:
        """Begin curves anew whose tables got shorter; return whether there were any."""
        shorter = [track for track in self._tracks.values() if everything or track.row > self._end(track)]
        if not shorter and self._elapsed_row <= len(self._mapped[_STEPS]):
            return False
        with self.lock:
            for track in shorter:
                track.series.clear()
                track.row = 0
            self._elapsed, self._elapsed_row = Elapsed(), 0
        return True

    def _read(self, deadline: float) -> bool:
        """Extend what is wanted, all in step, until done or out of time; return whether anything grew."""
        tracks = [self._track(metric) for metric in self._wanted]
        grown = False
        while True:
            behind = [track for track in tracks if track.row < self._end(track)]
            rows = self._mapped[_STEPS]
            late = self._elapsed_row < len(rows) and "time" in (rows.dtype.names or ())
            if not behind and not late:
                return grown
            # The furthest behind first: all charts fill at the same pace.
            next_row = min([track.row for track in behind if _parts(track.metric)[0] == _STEPS], default=None)
            if late and (next_row is None or self._elapsed_row <= next_row):
                self._extend_elapsed()
            else:
                self._extend(min(behind, key=lambda track: track.row))
            grown = True
            if time.perf_counter() > deadline:
                return grown

    def _end(self, track: _Track) -> int:
        """Return how many rows a metric's table has; none while it lacks the column."""
        table, _, column = _parts(track.metric)
        rows = self.run.evals.rows if table == "evals" else self._mapped.get(table)
        return len(rows) if rows is not None and column in (rows.dtype.names or ()) else 0

    def _extend(self, track: _Track) -> None:
        assert self._history is not None
        end = min(track.row + _SLICE, self._end(track))
        table, _, column = _parts(track.metric)
        if table == "evals":
            steps, values = self._history.points(track.metric, track.row, end)
        else:
            block = self._mapped[table][track.row : end]
            steps, values = block["step"], block[column]
        with self.lock:
            _extend(track.series, steps, values)
            track.row = end

    def _extend_elapsed(self) -> None:
        end = min(self._elapsed_row + _SLICE, len(self._mapped[_STEPS]))
        block = self._mapped[_STEPS][self._elapsed_row : end]
        with self.lock:
            self._elapsed.extend(block["step"], block["time"])
            self._elapsed_row = end

    def _share(self) -> float:
        ends = [self._end(self._track(metric)) for metric in self._wanted]
        rows = [self._track(metric).row for metric in self._wanted]
        return min(sum(rows) / sum(ends), 1.0) if sum(ends) else 1.0


def _parts(metric: str) -> tuple[str, str, str]:
    """Return a metric's table, split and column.

    >>> _parts("loss"), _parts("eval.loss"), _parts("layers/grad_norm/0.weight")
    (('steps', '', 'loss'), ('evals', 'eval', 'loss'), ('layers/grad_norm', '', '0.weight'))
    """
    if metric.startswith(LAYERS):
        table, _, column = metric.removeprefix(LAYERS).partition("/")
        return f"{LAYERS}{table}", "", column
    split, _, column = metric.rpartition(".")
    return ("evals" if split else _STEPS), split, column


def _named(rows: Rows, layers: Sequence[str]) -> Rows:
    """Return a table of layers with a column for each, where it has one vector a row.

    >>> _named(np.zeros(2, [("step", "<i8"), ("value", "<f4", (2,))]), ["in", "out"]).dtype.names
    ('step', 'in', 'out')
    """
    if "value" not in (rows.dtype.names or ()) or not (shape := rows.dtype["value"].shape):
        return rows
    names = list(dict.fromkeys(map(str, layers)))
    if len(names) != shape[0]:
        names = [f"layer {number}" for number in range(shape[0])]
    kind = rows.dtype["value"].base
    named: Rows = rows.view([("step", rows.dtype["step"]), *((name, kind) for name in names)])
    return named


def _let_go(rows: Rows) -> None:
    """Give back the memory of a long table that was read: its pages are on disk, and few are read again."""
    mapped = getattr(rows, "_mmap", None)
    if mapped is not None and rows.nbytes > _LONG:
        mapped.madvise(mmap.MADV_DONTNEED)


def _extend(series: Series, steps: NDArray[np.int64], values: NDArray[np.floating]) -> None:
    """Extend a series; rows whose step does not ascend are passed over, for a chart has one value a step."""
    try:
        series.extend(steps, values)
    except ValueError:
        steps = np.asarray(steps, np.int64)
        newest = np.maximum.accumulate(np.append(-1 if series.last_step is None else series.last_step, steps))
        ascends = steps > newest[:-1]
        series.extend(steps[ascends], values[ascends])
