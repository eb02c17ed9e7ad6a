"""The gradient noise scale: how large a batch is worth its price."""

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor, nn

from tuilab.engine.probes.aside import gradients_of
from tuilab.engine.probes.probe import Probe

if TYPE_CHECKING:
    from tuilab.engine.graph import Inputs
    from tuilab.engine.trainer import Trainer

_PARTS = 8
"""Micro-batches a batch is cut into, at most: more give a steadier estimate, and cost no more samples."""


class NoiseScale(Probe):
    """`probes/noise_scale.npy`: B_simple = tr(covariance of a sample's gradient) / |gradient|².

    McCandlish et al. 2018, appendix A.1: from the mean squared norm of the gradients of
    micro-batches of size b and the squared norm of the whole batch's gradient of size B,

        |G|² = (B |G_B|² - b |G_b|²) / (B - b),    tr Σ = (|G_b|² - |G_B|²) / (1/b - 1/B).

    Each is unbiased on its own, their ratio is not, and one batch is a noisy look: both are
    written beside it (noise_scale, |G|², tr Σ), so that a reader can average them first. All is
    computed in evaluation mode, without dropout; where several batches make a step, on the last.
    """

    slow: ClassVar[bool] = True

    def __init__(self, folder: Path, model: nn.Module, every: int, device: torch.device) -> None:
        super().__init__(folder / "probes", every, {"noise_scale": (3,)})

    def before(self, trainer: "Trainer", inputs: "list[Inputs]") -> None:
        """Cut the batch up and compare."""
        x, y = trainer.batches.gather(inputs[-1])
        count = min(_PARTS, len(x))
        if count == 1:
            return  # a sample alone says nothing about its noise
        size = len(x) // count
        large = size * count
        parts = [(x[start : start + size], y[start : start + size]) for start in range(0, large, size)]
        small = [gradients_of(trainer, part) for part in parts]
        whole = [torch.stack(pieces).mean(dim=0) for pieces in zip(*small, strict=True)]
        small_squared = torch.stack([_squared(gradient) for gradient in small]).mean()
        large_squared = _squared(whole)
        signal = (large * large_squared - size * small_squared) / (large - size)
        noise = (small_squared - large_squared) / (1 / size - 1 / large)
        self.write("noise_scale", trainer.step, torch.stack([noise / signal, signal, noise]))


def _squared(gradients: list[Tensor]) -> Tensor:
    return torch.stack(torch._foreach_norm(gradients)).square().sum()
