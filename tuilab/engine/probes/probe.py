"""What a probe is: something that looks on every so many steps and changes nothing.

The trainer calls each probe before a step and after it, and those that ask for it in its
midst. A probe draws no random number, touches no gradient, weight or buffer, and leaves
every module in the mode it found it in: the run is bit for bit the same with probes and
without.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from torch import Tensor, nn

from tuilab.engine.probes.vectors import VectorTable

if TYPE_CHECKING:
    from tuilab.engine.graph import Inputs
    from tuilab.engine.trainer import Trainer


class Probe:
    """Looks at a step, and writes a row of each of its tables."""

    inside: ClassVar[bool] = False
    """Whether it looks into the step, so that this step cannot be a replayed one."""

    slow: ClassVar[bool] = False
    """Whether a look takes longer than readers should wait for the steps before it."""

    def __init__(self, folder: Path, every: int, tables: dict[str, tuple[int, ...]]) -> None:
        """Open the probe's tables.

        Args:
            folder: where they lie: `layers/` for a value a layer, `probes/` for a value a run.
            every: steps between two looks.
            tables: names and the shape of a row.
        """
        self.every = every
        self._tables = {name: VectorTable(folder / f"{name}.npy", shape) for name, shape in tables.items()}

    def before(self, trainer: "Trainer", inputs: "list[Inputs]") -> None:
        """Called before a step that is looked at, with what its batches are made from."""

    def gradients(self, trainer: "Trainer") -> None:
        """Called when the gradients are there, not yet clipped; only where `inside` is true."""

    def after(self, trainer: "Trainer", norms: Tensor) -> None:
        """Called after the step; `norms` has the gradient's of each parameter, before it was clipped."""

    def state(self) -> dict[str, Any]:
        """Return what it goes on from, as tensors and plain values; most probes begin each look anew."""
        return {}

    def restore(self, state: dict[str, Any], trainer: "Trainer") -> None:
        """Go on from a saved state, so that a run taken up again is measured as if nothing had happened."""

    def write(self, name: str, step: int, values: Tensor) -> None:
        """Put a row down."""
        self._tables[name].push(step, values)

    def tables(self) -> Iterator[VectorTable]:
        """Yield the probe's tables."""
        yield from self._tables.values()


def layer_names(model: nn.Module) -> list[str]:
    """Return whatever owns trained parameters of its own, in the model's order."""
    trained = [name for name, parameter in model.named_parameters() if parameter.requires_grad]
    return list(dict.fromkeys(name.rpartition(".")[0] or name for name in trained))


def owners(model: nn.Module) -> list[int]:
    """Return, for each trained parameter, the number of the layer that owns it."""
    numbers = {name: number for number, name in enumerate(layer_names(model))}
    trained = [name for name, parameter in model.named_parameters() if parameter.requires_grad]
    return [numbers[name.rpartition(".")[0] or name] for name in trained]
