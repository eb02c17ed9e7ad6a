"""What the layers pass on: mean, spread, and how much of it is dead or saturated."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import torch
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from tuilab.engine.probes.probe import Probe

if TYPE_CHECKING:
    from tuilab.engine.graph import Inputs
    from tuilab.engine.trainer import Trainer

_LIMITS: dict[type[nn.Module], tuple[float, float]] = {
    nn.Sigmoid: (0.0, 1.0),
    nn.Hardsigmoid: (0.0, 1.0),
    nn.Tanh: (-1.0, 1.0),
}
"""Lowest and highest that a bend with two ends gives."""

_NEAR = 0.01
"""Within this of a limit an output hardly moves with its input: it is saturated."""


class Activations(Probe):
    """`layers/activation_mean|activation_std|dead|saturated.npy`, a value an activation layer.

    dead: the share of units that give 0 for every sample of the batch, as a ReLU does whose
    input never is positive (Lu et al. 2019). saturated: the share of outputs within 0.01 of a
    limit of a sigmoid or tanh (Glorot and Bengio 2010, section 3). Layers that cannot be
    either have 0 there. The spread is that of the numbers at hand, without Bessel's correction:
    a single one has 0. Of a layer that is called several times in a step the last call counts.
    """

    inside: ClassVar[bool] = True

    def __init__(self, folder: Path, model: nn.Module, every: int, device: torch.device) -> None:
        self._modules = activation_layers(model)
        self._convolves = any(isinstance(module, nn.Conv1d) for module in model.modules())
        shape = (len(self._modules),)
        names = ("activation_mean", "activation_std", "dead", "saturated")
        super().__init__(folder / "layers", every, dict.fromkeys(names, shape))
        self._seen: dict[str, Tensor] = {}
        self._hooks: list[RemovableHandle] = []

    def before(self, trainer: "Trainer", inputs: "list[Inputs]") -> None:
        """Listen to the coming forward pass."""
        self._hooks = [
            module.register_forward_hook(lambda m, _, out, name=name: self._note(name, m, out))
            for name, module in self._modules.items()
        ]

    def gradients(self, trainer: "Trainer") -> None:
        """Write what was heard, and stop listening."""
        for hook in self._hooks:
            hook.remove()
        self._hooks = []
        if not self._seen:
            return
        nothing = torch.full((4,), torch.nan, device=trainer.built.device)
        rows = torch.stack([self._seen.get(name, nothing) for name in self._modules])  # (layers, 4)
        for column, name in enumerate(self._tables):
            self.write(name, trainer.step, rows[:, column])
        self._seen = {}

    @torch.no_grad()
    def _note(self, name: str, module: nn.Module, output: Any) -> None:
        values = output.detach().float()
        # Pictures and convolved sequences have their units on the second axis, all else on the last.
        second = values.ndim == 4 or (values.ndim == 3 and self._convolves)
        flat = (values.movedim(1, -1) if second else values).flatten(0, -2)  # (samples, units)
        dead = saturated = torch.zeros((), device=values.device)
        if isinstance(module, nn.ReLU):
            dead = (flat == 0).all(dim=0).float().mean()
        for low, high in (ends for kind, ends in _LIMITS.items() if isinstance(module, kind)):
            saturated = ((values <= low + _NEAR) | (values >= high - _NEAR)).float().mean()
        self._seen[name] = torch.stack([values.mean(), values.std(correction=0), dead, saturated])


def activation_layers(model: nn.Module) -> dict[str, nn.Module]:
    """Return the modules whose outputs are looked at: the bends, or else whatever has weights."""
    bends: dict[str, nn.Module] = {
        name: module
        for name, module in model.named_modules()
        if any(kind.__module__.startswith("torch.nn.modules.activation") for kind in type(module).__mro__)
        and not isinstance(module, nn.MultiheadAttention)
    }
    weighted: dict[str, nn.Module] = {
        name: module
        for name, module in model.named_modules()
        if isinstance(module, nn.Linear | nn.Conv1d | nn.Conv2d)
    }
    return bends or weighted
