"""Batches read ahead of the step, from data that do not lie on the device.

A thread takes batches from the split, or from processes that do, puts them into pinned
memory and sends them off on a stream of its own: while a step computes, the next batches
arrive. A thread is enough for gathers and mapped files, which let go of the interpreter;
a split that works in Python gains from processes. Order is kept either way, and no global
random number is drawn, so a run is the same with any number of workers.
"""

import ctypes
import queue
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from tuilab.zoo.splits import Batch, Split

_AHEAD = 3
"""Batches that wait for the step: one to use, one on its way, one being read."""

_ROOM = 0.4
"""Share of the free memory that data may take: model, optimizer and activations want the rest."""

_LOOK_SECONDS = 0.1
"""Between two looks of a waiting thread whether it is still wanted."""

_PATIENCE_SECONDS = 0.03
"""How long a batch is waited for before something else is done in the meantime."""

_DIE_WITH_PARENT = 1
"""PR_SET_PDEATHSIG of prctl(2)."""


def placed(splits: Sequence[Split], device: torch.device) -> list[Split]:
    """Return splits on the device where they leave room enough, else as they are."""
    if device.type == "cuda":
        needed = sum(split.bytes for split in splits)
        free, _ = torch.cuda.mem_get_info(device)
        unused = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        if needed > _ROOM * (free + unused):
            return list(splits)
    return [split.to(device) for split in splits]


def first(split: Split, rows: int, device: torch.device) -> Batch:
    """Return a split's first samples, on the device."""
    positions = split.order(None)[:rows]
    x, y = split.take(positions if split.device is None else positions.to(split.device))
    return x.to(device), y.to(device)


def one_pass(split: Split, batch_size: int, device: torch.device) -> Iterator[Batch]:
    """Yield a split's batches in order, on the device."""
    order = split.order(None)
    if split.device == device:
        yield from map(split.take, order.to(device).split(batch_size))
        return
    loader = Loader(split, order.split(batch_size), device, workers=0)
    try:
        yield from loader
    finally:
        loader.close()


class _Ready(NamedTuple):
    batch: Batch
    arrived: torch.cuda.Event | None


class Loader:
    """Gives the batches at a sequence of positions, in order."""

    def __init__(
        self,
        split: Split,
        chunks: Iterable[Tensor],
        device: torch.device,
        workers: int,
        meanwhile: Callable[[], None] = lambda: None,
    ) -> None:
        """Begin to read.

        Args:
            split: what is read.
            chunks: the positions of each batch; may be endless.
            device: where batches are wanted.
            workers: processes that read; 0 reads in the thread itself.
            meanwhile: called again and again where a batch is late, by whoever waits for it.
        """
        self._device = device
        self._meanwhile = meanwhile
        self._stream = torch.cuda.Stream(device) if device.type == "cuda" else None
        self._ready: queue.Queue[_Ready | BaseException] = queue.Queue(_AHEAD)
        self._unwanted = threading.Event()
        batches = _with_processes(split, chunks, workers) if workers else map(split.take, chunks)
        self._thread = threading.Thread(target=self._read, args=(batches,), daemon=True, name="loader")
        self._thread.start()

    def __iter__(self) -> Iterator[Batch]:
        return self

    def __next__(self) -> Batch:
        """Return the next batch, on the device."""
        ready = self._next()
        if isinstance(ready, BaseException):
            raise ready
        if ready.arrived is not None:
            here = torch.cuda.current_stream(self._device)
            here.wait_event(ready.arrived)
            for tensor in ready.batch:
                tensor.record_stream(here)
        return ready.batch

    def close(self) -> None:
        """Stop reading; what was read ahead is forgotten."""
        self._unwanted.set()
        self._thread.join()

    def _next(self) -> _Ready | BaseException:
        while True:
            try:
                return self._ready.get(timeout=_PATIENCE_SECONDS)
            except queue.Empty:
                self._meanwhile()

    def _read(self, batches: Iterator[Batch]) -> None:
        end: BaseException = StopIteration()
        try:
            for batch in batches:
                if not self._put(self._sent(batch)):
                    return
        except BaseException as error:  # shown where the batch is asked for
            end = error
        self._put(end)

    def _put(self, ready: _Ready | BaseException) -> bool:
        """Hand over as soon as there is room; return whether it is still wanted."""
        while not self._unwanted.is_set():
            try:
                self._ready.put(ready, timeout=_LOOK_SECONDS)
            except queue.Full:
                continue
            return True
        return False

    def _sent(self, batch: Batch) -> _Ready:
        """Send a batch to the device without waiting for it to arrive."""
        if self._stream is None:
            return _Ready(batch, None)
        with torch.cuda.stream(self._stream):
            x, y = (part.contiguous().pin_memory().to(self._device, non_blocking=True) for part in batch)
            arrived = torch.cuda.Event()
            arrived.record(self._stream)
        return _Ready((x, y), arrived)


class _Reader(Dataset[Batch]):
    """What a process is given: it takes whole batches."""

    def __init__(self, split: Split) -> None:
        self._split = split

    def __getitem__(self, positions: NDArray[np.int64]) -> Batch:
        return self._split.take(torch.from_numpy(positions))


def _with_processes(split: Split, chunks: Iterable[Tensor], workers: int) -> Iterator[Batch]:
    """Take batches in processes that share this one's memory as it is now."""
    return iter(
        DataLoader(
            _Reader(split),
            sampler=(chunk.numpy() for chunk in chunks),  # whole batches
            batch_size=None,
            num_workers=workers,
            multiprocessing_context="fork",
            worker_init_fn=_follow_parent,
            generator=torch.Generator(),  # or starting it would draw from the run's own
        )
    )


def _follow_parent(_: int) -> None:
    """End with the worker, however it ends: its lock is open here too."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
