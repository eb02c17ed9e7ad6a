"""Per-layer gradient norm, weight norm and update:weight ratio."""

from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from tuilab.engine.probes.probe import Probe, layer_names, owners

if TYPE_CHECKING:
    from tuilab.engine.graph import Inputs
    from tuilab.engine.trainer import Trainer


class GradientNorms(Probe):
    """`layers/grad_norm.npy`: the norm of each layer's gradient before clipping.

    The norms of all parameters are known anyway, for the global norm; this adds up the
    squares of those that belong together. Falling towards the input means vanishing
    gradients (Hochreiter 1991; Glorot and Bengio 2010, figure 7).
    """

    def __init__(self, folder: Path, model: nn.Module, every: int, device: torch.device) -> None:
        self._layers = len(layer_names(model))
        super().__init__(folder / "layers", every, {"grad_norm": (self._layers,)})
        self._owners = torch.tensor(owners(model), device=device)

    def after(self, trainer: "Trainer", norms: Tensor) -> None:
        """Write the norms by layer."""
        self.write("grad_norm", trainer.step, _by_layer(norms, self._owners, self._layers))


class Updates(Probe):
    """`layers/weight_norm.npy` and `layers/update_ratio.npy`: how large weights are, and how far they move.

    The update is the true step, by difference: whatever momentum, clipping, weight decay and
    the optimizer made of the gradient. About 1e-3 of the weight is healthy (Karpathy's rule of
    thumb, CS231n, "Ratio of weights:updates"); far above is unstable, far below is idle.
    """

    def __init__(self, folder: Path, model: nn.Module, every: int, device: torch.device) -> None:
        self._layers = len(layer_names(model))
        shape = (self._layers,)
        super().__init__(folder / "layers", every, {"weight_norm": shape, "update_ratio": shape})
        self._owners = torch.tensor(owners(model), device=device)
        self._parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
        self._before: list[Tensor] = []

    def before(self, trainer: "Trainer", inputs: "list[Inputs]") -> None:
        """Keep the weights as they are before the step."""
        self._before = [parameter.detach().clone() for parameter in self._parameters]

    @torch.no_grad()
    def after(self, trainer: "Trainer", norms: Tensor) -> None:
        """Write how large the weights were and how far they went."""
        moved = [now.detach() - before for now, before in zip(self._parameters, self._before, strict=True)]
        weights = _norms(self._before, self._owners, self._layers)
        updates = _norms(moved, self._owners, self._layers)
        self.write("weight_norm", trainer.step, weights)
        # A layer that is all zeros (a bias at the start) has no ratio: NaN says so.
        self.write("update_ratio", trainer.step, updates / weights.where(weights > 0, torch.nan))
        self._before = []


def _norms(tensors: list[Tensor] | tuple[Tensor, ...], owners: Tensor, layers: int) -> Tensor:
    return _by_layer(torch.stack(torch._foreach_norm(tensors)), owners, layers)


def _by_layer(norms: Tensor, owners: Tensor, layers: int) -> Tensor:
    """Return the norm of each layer from those of its parameters, (layers,)."""
    squares = torch.zeros(layers, device=norms.device)
    return squares.index_add_(0, owners, norms.detach().float().square()).sqrt_()
