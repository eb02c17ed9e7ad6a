"""The probes of a run: called when they are due, each with its price.

The price is the time a probe takes itself, as a share of the training time. On CUDA it
is taken with events on the stream, which nobody waits for.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from tuilab.engine.probes.activations import Activations
from tuilab.engine.probes.histograms import Histograms
from tuilab.engine.probes.layers import GradientNorms, Updates
from tuilab.engine.probes.noise_scale import NoiseScale
from tuilab.engine.probes.probe import Probe
from tuilab.engine.probes.sharpness import Sharpness
from tuilab.options import ProbeOptions

if TYPE_CHECKING:
    from tuilab.engine.graph import Inputs
    from tuilab.engine.trainer import Trainer

_PROBES: dict[str, Callable[[Path, nn.Module, int, torch.device], Probe]] = {
    "layers": GradientNorms,
    "updates": Updates,
    "activations": Activations,
    "histograms": Histograms,
    "noise_scale": NoiseScale,
    "sharpness": Sharpness,
}
"""By the knob of [probes] that sets its interval."""


class Watch:
    """Hangs on the trainer and asks each probe when it is due."""

    def __init__(self, folder: Path, options: ProbeOptions, model: nn.Module, device: torch.device) -> None:
        asked = {name: getattr(options, name) for name in _PROBES}
        self._probes = {
            name: _PROBES[name](folder, model, every, device)
            for name, every in asked.items()
            if every != "off"
        }
        self._clocks = {name: _Clock(device) for name in self._probes}
        self._due: list[tuple[Probe, _Clock]] = []

    @property
    def looks_inside(self) -> bool:
        """Whether a probe that is due looks into the step."""
        return any(probe.inside for probe, _ in self._due)

    def before(self, trainer: "Trainer", inputs: "list[Inputs]") -> None:
        """Begin a step: see who is due, and let them look at the weights as they are."""
        step = trainer.step
        self._due = [
            (probe, self._clocks[name]) for name, probe in self._probes.items() if step % probe.every == 0
        ]
        for probe, clock in self._due:
            with clock.running():
                probe.before(trainer, inputs)

    def gradients(self, trainer: "Trainer") -> None:
        """Show the gradients before they are clipped."""
        for probe, clock in self._due:
            if probe.inside:
                with clock.running():
                    probe.gradients(trainer)

    def after(self, trainer: "Trainer", norms: Tensor) -> None:
        """Show the gradient's norms, and the weights after the step."""
        for probe, clock in self._due:
            with clock.running():
                probe.after(trainer, norms)

    def flush(self, wait: bool = False, last: int | None = None) -> None:
        """Write the rows that have arrived; `last` is the last step that counts."""
        for probe in self._probes.values():
            for table in probe.tables():
                table.flush(wait, last)

    def rewind(self, step: int) -> None:
        """Take back the rows of a step and of all after it."""
        for probe in self._probes.values():
            for table in probe.tables():
                table.rewind(step)

    def close(self) -> None:
        """Give the files back."""
        for probe in self._probes.values():
            for table in probe.tables():
                table.close()

    def costs(self, seconds: float) -> dict[str, float]:
        """Return each probe's share of so many seconds of training, in percent."""
        return {name: 100 * clock.seconds / max(seconds, 1e-9) for name, clock in self._clocks.items()}


class _Clock:
    """Adds up the time spent in blocks, on the device where that is CUDA."""

    def __init__(self, device: torch.device) -> None:
        self._on_cuda = device.type == "cuda"
        self._seconds = 0.0
        self._pending: list[tuple[torch.cuda.Event, torch.cuda.Event]] = []

    @contextmanager
    def running(self) -> Iterator[None]:
        """Count the time of a block."""
        if not self._on_cuda:
            began = time.perf_counter()
            yield
            self._seconds += time.perf_counter() - began
            return
        start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        start.record()
        yield
        end.record()
        self._pending.append((start, end))

    @property
    def seconds(self) -> float:
        """Seconds so far; of blocks the device has not finished, nothing yet."""
        while self._pending and self._pending[0][1].query():
            start, end = self._pending.pop(0)
            self._seconds += start.elapsed_time(end) / 1000
        return self._seconds
