"""Steps to tables, in blocks, with nobody waiting.

The trainer hands over device scalars and host facts at every step. They are packed
into one piece of memory: objects kept for every step would be garbage to look
through. Every tenth of a second what has arrived goes to `steps.npy` as one block.
The first loss that is not finite ends the table: what a diverged run computes after
it depends on when that was noticed, and means nothing.
"""

import math
import struct
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tuilab.engine.ring import Ring, Scalar
from tuilab.tables import Rows, TableWriter

FLUSH_SECONDS = 0.1
"""How old a step may get before readers see it."""

_CUDA_FLUSH_SECONDS = 0.05
"""The same on a GPU, where a step is sent off by one flush and written by the next."""

_HOST = [("step", "<i8"), ("time", "<f8"), ("epoch", "<f4"), ("lr", "<f4"), ("data_wait", "<f4")]
_KNOWN = 6
"""Numbers that the host knows of a step: these and its samples."""

_ROOM = 1024
"""Steps that there is room for at first; it doubles."""

_DEVICE = ("loss", "grad_norm", "clip_share")


class Clock:
    """Seconds of training, pauses and downtime left out."""

    def __init__(self, seconds: float = 0.0) -> None:
        self._paused_at: float | None = None
        self.offset = seconds - time.perf_counter()
        """What a moment of `time.perf_counter` lacks to seconds of training, unless it is paused."""

    @property
    def seconds(self) -> float:
        """Seconds so far."""
        return self.offset + time.perf_counter() if self._paused_at is None else self._paused_at

    def pause(self) -> None:
        """Stop counting."""
        self._paused_at = self.seconds

    def go_on(self) -> None:
        """Count again."""
        self.offset, self._paused_at = self.seconds - time.perf_counter(), None


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
        self._ring = Ring(len(columns), device) if device.type == "cuda" else None
        self._interval = FLUSH_SECONDS if self._ring is None else _CUDA_FLUSH_SECONDS
        self._width = _KNOWN + len(columns)
        row = struct.Struct(f"{self._width}d")
        self._pack, self._size = row.pack_into, row.size
        self._packed = bytearray(self._size * _ROOM)
        self._end = 0
        """Where the next step goes."""
        self._on_their_way = (math.nan,) * len(columns)
        self._clock = clock
        self._last_time = clock.seconds
        self._now = time.perf_counter()
        self._flush_at = self._now + self._interval
        self.last: dict[str, float] = {}
        """The newest row that was written."""
        self.diverged_at: int | None = None
        """The first step whose loss was not finite."""

    def step(
        self,
        step: int,
        epoch: float,
        lr: float,
        samples: int,
        waited: float,
        scalars: Sequence[Scalar] | Tensor,
    ) -> None:
        """Take down one step. Does not wait for the device.

        Args:
            step: counted from 0: updates made before the loss was taken.
            epoch: passes over the data so far.
            lr: the learning rate of this step.
            samples: how many it has seen.
            waited: seconds spent waiting for batches; the table has the share of the time.
            scalars: loss, gradient norm, clip share and the task's own, as the step left them.
        """
        if self._ring is not None:
            self._ring.push(scalars)
            scalars = self._on_their_way
        end = self._end
        if end == len(self._packed):
            self._packed.extend(bytes(end))
        self._now = now = time.perf_counter()
        self._pack(self._packed, end, step, now + self._clock.offset, epoch, lr, samples, waited, *scalars)
        self._end = end + self._size

    @property
    def due(self) -> bool:
        """Whether a flush is due after the newest step."""
        return self._now >= self._flush_at or (self._ring is not None and self._ring.full)

    @property
    def late(self) -> bool:
        """Whether steps have waited long enough to be seen, and no newer one comes."""
        return self._end > 0 and time.perf_counter() >= self._flush_at

    def flush(self, wait: bool = False) -> int:
        """Write what has arrived and return how many steps that were.

        Args:
            wait: for every step that was taken down, as a checkpoint must.

        Raises:
            OSError: the disk is full.
        """
        self._flush_at = time.perf_counter() + self._interval
        steps = self._take(wait)
        if self.diverged_at is not None or not len(steps):
            return 0
        bad = np.flatnonzero(~np.isfinite(steps[:, _KNOWN]))
        if len(bad):
            steps = steps[: bad[0] + 1]
            self.diverged_at = int(steps[-1, 0])
        self._table.append(self._rows(steps))
        return len(steps)

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

    def _take(self, wait: bool) -> NDArray[np.float64]:
        """Return what has arrived, a row a step, and make its room free."""
        found = np.frombuffer(self._packed[: self._end]).reshape(-1, self._width)
        if self._ring is not None:
            block = self._ring.drain(wait)
            found = found[: len(block)]
            found[:, _KNOWN:] = block
        left = self._packed[found.nbytes : self._end]
        self._packed[: len(left)] = left
        self._end = len(left)
        return found

    def _rows(self, steps: NDArray[np.float64]) -> Rows:
        rows = np.empty(len(steps), dtype=self._table.dtype)
        rows["step"], rows["time"], rows["epoch"], rows["lr"], samples, waited, *scalars = steps.T
        for name, column in zip(self._names, scalars, strict=True):
            rows[name] = column
        # Over the block, not step by step: a queue of launches has no steps.
        seconds = max(rows["time"][-1] - self._last_time, 1e-9)
        rows["samples_per_second"] = samples.sum() / seconds
        rows["data_wait"] = min(waited.sum() / seconds, 1.0)
        self._last_time = float(rows["time"][-1])
        self.last = {name: float(rows[name][-1]) for name in rows.dtype.names or ()}
        return rows
