"""The probes of a run: called when they are due, each with its price.

The price is the time a probe takes itself, as a share of the training time. On CUDA it
is taken with events on the stream, which nobody waits for.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

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

    def __init__(
        self,
        folder: Path,
        options: ProbeOptions,
        model: nn.Module,
        device: torch.device,
        busy: Callable[[str], AbstractContextManager[Any]] = nullcontext,
        show: Callable[[], None] = lambda: None,
    ) -> None:
        """Open the tables of the probes that are on.

        Args:
            folder: the run's directory.
            options: which probes, and how often.
            model: what they look at.
            device: where it is.
            busy: told of each look, for it may take long.
            show: lets readers see the steps that were done, before a look that does take long.
        """
        asked = {name: getattr(options, name) for name in _PROBES}
        self._probes = {
            name: _PROBES[name](folder, model, every, device)
            for name, every in asked.items()
            if every != "off"
        }
        self._clocks = {name: _Clock(device) for name in self._probes}
        self._busy = busy
        self.show = show
        """Lets readers see the steps that were done."""
        self._due: list[tuple[str, Probe]] = []

    @property
    def looks_inside(self) -> bool:
        """Whether a probe that is due looks into the step."""
        return any(probe.inside for _, probe in self._due)

    def before(self, trainer: "Trainer", inputs: "list[Inputs]") -> None:
        """Begin a step: see who is due, and let them look at the weights as they are."""
        step = trainer.step
        self._due = [(name, probe) for name, probe in self._probes.items() if step % probe.every == 0]
        if any(probe.slow for _, probe in self._due):
            self.show()
        for name, probe in self._due:
            with self._busy(f"probe {name}"), self._clocks[name].running():
                probe.before(trainer, inputs)

    def gradients(self, trainer: "Trainer") -> None:
        """Show the gradients before they are clipped."""
        for name, probe in self._due:
            if probe.inside:
                with self._busy(f"probe {name}"), self._clocks[name].running():
                    probe.gradients(trainer)

    def after(self, trainer: "Trainer", norms: Tensor) -> None:
        """Show the gradient's norms, and the weights after the step."""
        for name, probe in self._due:
            with self._busy(f"probe {name}"), self._clocks[name].running():
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

    @property
    def seconds(self) -> dict[str, float]:
        """What each probe has taken so far."""
        return {name: clock.seconds for name, clock in self._clocks.items()}

    def go_on_from(self, seconds: Mapping[str, float]) -> None:
        """Count on from what each probe had taken when the run was left."""
        for name, clock in self._clocks.items():
            clock.seconds = seconds.get(name, 0.0)

    def state(self) -> dict[str, Any]:
        """Return what the probes go on from, by name."""
        return {name: probe.state() for name, probe in self._probes.items()}

    def restore(self, state: Mapping[str, Any], trainer: "Trainer") -> None:
        """Let the probes go on from a saved state."""
        for name, probe in self._probes.items():
            if state.get(name):
                probe.restore(state[name], trainer)

    def costs(self, seconds: float) -> dict[str, float]:
        """Return each probe's share of so many seconds of training, in percent."""
        return {name: 100 * spent / max(seconds, 1e-9) for name, spent in self.seconds.items()}


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

    @seconds.setter
    def seconds(self, seconds: float) -> None:
        self._seconds = seconds
