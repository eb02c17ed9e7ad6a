"""How weights and gradients are spread, layer by layer."""

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor, nn

from tuilab.engine.probes.probe import Probe, layer_names, owners

if TYPE_CHECKING:
    from tuilab.engine.trainer import Trainer

BINS = 32
"""Enough to see two humps, few enough to draw one a column."""


class Histograms(Probe):
    """`layers/weight_histogram.npy` and `layers/gradient_histogram.npy`.

    A row a layer: the lowest value, the highest, and the counts of `BINS` equal bins between.
    """

    inside: ClassVar[bool] = True
    slow: ClassVar[bool] = True

    def __init__(self, folder: Path, model: nn.Module, every: int, device: torch.device) -> None:
        shape = (len(layer_names(model)), 2 + BINS)
        super().__init__(folder / "layers", every, {"weight_histogram": shape, "gradient_histogram": shape})
        self._parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
        self._owners = owners(model)

    @torch.no_grad()
    def gradients(self, trainer: "Trainer") -> None:
        """Write both, of the weights before the step."""
        weights = [parameter.detach() for parameter in self._parameters]
        gradients = [p.grad if p.grad is not None else torch.zeros_like(p) for p in self._parameters]
        self.write("weight_histogram", trainer.step, self._counted(weights))
        self.write("gradient_histogram", trainer.step, self._counted(gradients))

    def _counted(self, tensors: list[Tensor]) -> Tensor:
        layers: dict[int, list[Tensor]] = {}
        for owner, tensor in zip(self._owners, tensors, strict=True):
            layers.setdefault(owner, []).append(tensor.flatten().float())
        return torch.stack([_histogram(torch.cat(parts)) for parts in layers.values()])


def _histogram(values: Tensor) -> Tensor:
    """Return lowest, highest and counts, (2 + BINS,); without waiting for the device."""
    low, high = values.aminmax()
    width = (high - low).clamp(min=torch.finfo(torch.float32).tiny)
    bins = ((values - low) / width * BINS).nan_to_num().long().clamp_(0, BINS - 1)
    # Whole numbers: float32 counts to 2^24 and no further, which one table of embeddings holds.
    counts = bins.new_zeros(BINS).scatter_add_(0, bins, torch.ones_like(bins))
    return torch.cat([low.reshape(1), high.reshape(1), counts.float()])
