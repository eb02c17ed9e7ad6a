"""What only CUDA has: a stream of the worker's own, numbers in TF32, and recordings of work."""

import contextlib
import warnings
from collections.abc import Callable
from functools import lru_cache

import torch
from torch import Tensor

from tuilab.engine.graph import Outcome
from tuilab.engine.ring import in_a_row

_KEPT_FREE = 0.15
"""Share of the memory that a recording leaves to evaluations, probes and neighbours."""

_WAITED = "called a synchronizing CUDA operation"
_PROTOTYPE = "Synchronization debug mode is a prototype"
"""What PyTorch's watch says when it meets a call, and when it is switched on first."""


@lru_cache(maxsize=1)
def enter(device: torch.device) -> torch.cuda.Stream:
    """Do all further work of this thread on a device, on a stream of its own.

    A graph cannot be recorded on the stream that every process starts with, and one stream
    for everything needs no waiting between recorded work and the rest.
    """
    torch.cuda.set_device(device)
    # PyTorch hands out the same 32 streams of a priority over and over. Copies go on those of the
    # usual one: a copy that came upon this stream while it is recorded would be a part of the recording.
    stream = torch.cuda.Stream(device, priority=-1)
    stream.wait_stream(torch.cuda.current_stream(device))
    torch.cuda.set_stream(stream)
    return stream


class CudaRecorder:
    """Records work on the current stream; all recordings share their memory."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._pool = torch.cuda.graph_pool_handle()
        self._broken: list[torch.cuda.CUDAGraph] = []
        """Recordings that failed: the pinned memory of torch 2.11 goes on asking whether it is theirs."""

    def waits(self, work: Callable[[], Outcome]) -> tuple[Outcome, str]:
        """Do the work with PyTorch's watch for synchronising calls, and return the first it met."""
        before = torch.cuda.get_sync_debug_mode()
        with warnings.catch_warnings(record=True) as met:
            warnings.simplefilter("always")
            torch.cuda.set_sync_debug_mode("warn")
            try:
                outcome = work()
            finally:
                torch.cuda.set_sync_debug_mode(before)
        waits = [one for one in met if _WAITED in str(one.message)]
        for one in met:
            if one not in waits and _PROTOTYPE not in str(one.message):
                warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)
        return outcome, f"{waits[0].filename}:{waits[0].lineno}" if waits else ""

    def record(self, work: Callable[[], Outcome]) -> tuple[Callable[[], None], Outcome]:
        """Record the work in a graph.

        Raises:
            MemoryError: it would not leave enough memory.
            RuntimeError: it does what cannot be recorded. The device is as it was before.
        """
        self._need_memory()
        random = torch.cuda.get_rng_state(self._device)
        graph = torch.cuda.CUDAGraph()
        cause: Exception | None = None
        try:
            # thread_local: a thread that reads data ahead may reserve memory meanwhile.
            with torch.cuda.graph(
                graph,
                pool=self._pool,
                stream=torch.cuda.current_stream(self._device),
                capture_error_mode="thread_local",
            ):
                try:
                    scalars, norms = work()
                except Exception as error:
                    cause = error
                    raise
                row = scalars if isinstance(scalars, Tensor) else torch.stack(in_a_row(scalars))
        except BaseException:
            self._broken.append(graph)
            self._recover(random)
            if cause is not None:  # to end a broken recording fails too, and says only that it is broken
                raise cause from None
            raise
        return graph.replay, Outcome(row, norms)

    def forget(self) -> None:
        """Record into new memory from now on: a pool must not be used again once all its graphs are gone."""
        self._pool = torch.cuda.graph_pool_handle()

    def _need_memory(self) -> None:
        """Refuse where a second set of activations, in the recording's own memory, would not fit."""
        free, total = torch.cuda.mem_get_info(self._device)
        unused = torch.cuda.memory_reserved(self._device) - torch.cuda.memory_allocated(self._device)
        wanted = torch.cuda.max_memory_allocated(self._device) - torch.cuda.memory_allocated(self._device)
        if free + unused - wanted < _KEPT_FREE * total:
            raise MemoryError(f"a recording needs {wanted / 1e9:,.1f} GB of memory of its own")

    def _recover(self, random: Tensor) -> None:
        """Clean up after a recording that failed.

        PyTorch leaves its random generator and its allocator as if the recording went on; every
        later dropout would fail. A generator with a state of its own is in no recording.
        """
        fresh = torch.Generator(self._device)
        fresh.set_state(random)
        index = fresh.device.index
        torch.cuda.default_generators[index].graphsafe_set_state(fresh.graphsafe_get_state())
        with contextlib.suppress(Exception):  # 2.12 and newer have done the first by then
            torch._C._cuda_endAllocateToPool(index, self._pool)
            torch._C._cuda_releasePool(index, self._pool)  # or its memory is nobody's for the rest of the run
        self._pool = torch.cuda.graph_pool_handle()
