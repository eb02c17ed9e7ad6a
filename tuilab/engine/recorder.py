"""Steps to tables, in blocks, with nobody waiting.

The trainer hands over device scalars and host facts at every step. Every tenth
of a second what has arrived goes to `steps.npy` as one block. The first loss
that is not finite ends the table: what a diverged run computes after it depends
on when that was noticed, and means nothing.
"""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from tuilab.engine.ring import Block, Ring
from tuilab.tables import Rows, TableWriter

FLUSH_SECONDS = 0.1
"""How old a step may get before readers see it."""

_HOST = [("step", "<i8"), ("time", "<f8"), ("epoch", "<f4"), ("lr", "<f4"), ("data_wait", "<f4")]
_DEVICE = ("loss", "grad_norm", "clip_share")


class StepRow(NamedTuple):
    """What the host knows of a step."""

    step: int
    """Counted from 0: updates made before the loss was taken."""
    epoch: float
    lr: float
    samples: int
    data_wait: float
    """Seconds spent waiting for batches; the table has the share of the time."""


class Clock:
    """Seconds of training, pauses and downtime left out."""

    def __init__(self, seconds: float = 0.0) -> None:
        self._before = seconds
        self._since: float | None = time.perf_counter()

    @property
    def seconds(self) -> float:
        """Seconds so far."""
        return self._before + (0.0 if self._since is None else time.perf_counter() - self._since)

    def pause(self) -> None:
        """Stop counting."""
        self._before, self._since = self.seconds, None

    def go_on(self) -> None:
        """Count again."""
        self._since = time.perf_counter()


class Recorder:
    """Writes the tables of a run's steps."""

    def __init__(
        self,
        folder: Path,
        names: Sequence[str],
        device: torch.device,
        clock: Clock,
    ) -> None:
        """Open the tables.

        Args:
            folder: the run's directory.
            names: the task's own columns.
            device: where the scalars live.
            clock: gives each step its time.
        """
        columns = [(name, "<f4") for name in (*_DEVICE, *names)]
        dtype = np.dtype([*_HOST, *columns, ("samples_per_second", "<f4")])
        self._table = TableWriter(folder / "steps.npy", dtype)
        self._names = (*_DEVICE, *names)
        self._ring = Ring(len(columns), device)
        self._host: list[tuple[StepRow, float]] = []
        self._clock = clock
        self._last_time = clock.seconds
        self._last_flush = time.perf_counter()
        self.last: dict[str, float] = {}
        """The newest row that was written."""
        self.diverged_at: int | None = None
        """The first step whose loss was not finite."""

    def step(self, row: StepRow, scalars: Sequence[Tensor] | Tensor) -> None:
        """Take down one step. Does not wait for the device."""
        self._host.append((row, self._clock.seconds))
        self._ring.push(scalars)

    @property
    def due(self) -> bool:
        """Whether a flush is due."""
        return time.perf_counter() - self._last_flush >= FLUSH_SECONDS or self._ring.full

    def flush(self, wait: bool = False) -> int:
        """Write what has arrived and return how many steps that were.

        Args:
            wait: for every step that was taken down, as a checkpoint must.

        Raises:
            OSError: the disk is full.
        """
        self._last_flush = time.perf_counter()
        block = self._ring.drain(wait)
        if self.diverged_at is not None or not len(block):
            return 0
        host, self._host = self._host[: len(block)], self._host[len(block) :]
        bad = np.flatnonzero(~np.isfinite(block[:, 0]))
        if len(bad):
            self.diverged_at = host[bad[0]][0].step
            host, block = host[: bad[0] + 1], block[: bad[0] + 1]
        self._table.append(self._rows(host, block))
        return len(host)

    def rewind(self, step: int) -> bool:
        """Take back the rows of a step and of all after it; return whether there were any rows."""
        began = self._table.rows > 0
        self._table.rewind(step)
        return began

    def set_clock(self, clock: Clock) -> None:
        """Go on with another clock, that of the run before it was interrupted."""
        self._clock, self._last_time = clock, clock.seconds

    def close(self) -> None:
        """Give the files back."""
        self._table.close()

    def _rows(self, host: list[tuple[StepRow, float]], block: Block) -> Rows:
        rows = np.empty(len(host), dtype=self._table.dtype)
        known, times = zip(*host, strict=True)
        step, epoch, lr, samples, wait = zip(*known, strict=True)
        rows["step"], rows["time"], rows["epoch"] = step, times, epoch
        rows["lr"] = lr
        for column, name in enumerate(self._names):
            rows[name] = block[:, column]
        # Over the block, not step by step: a queue of launches has no steps.
        seconds = max(times[-1] - self._last_time, 1e-9)
        rows["samples_per_second"], rows["data_wait"] = sum(samples) / seconds, min(sum(wait) / seconds, 1.0)
        self._last_time = times[-1]
        self.last = {name: float(rows[name][-1]) for name in rows.dtype.names or ()}
        return rows
