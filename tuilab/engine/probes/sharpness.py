"""Sharpness: the largest curvature of the loss, against what the learning rate can bear."""

from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from tuilab.engine.loader import first
from tuilab.engine.probes.aside import loss_of, quiet, trained, twice_differentiable
from tuilab.engine.probes.probe import Probe

if TYPE_CHECKING:
    from tuilab.engine.graph import Inputs
    from tuilab.engine.trainer import Trainer

_ROWS = 256
"""Samples of the fixed batch: its curvature is compared with itself over the run."""

_ITERATIONS = 10
"""Of the power method at each look; it goes on from the vector of the look before."""


class Sharpness(Probe):
    """`probes/sharpness.npy`: the largest Hessian eigenvalue, and the largest that is stable.

    By power iteration on Hessian-vector products (Pearlmutter 1994) over a fixed batch of
    training samples, in evaluation mode. Gradient descent is stable below 2 / lr; full-batch
    training climbs to that limit and stays there (Cohen et al. 2021). With heavy-ball momentum m
    the limit is (2 + 2m) / lr. For Adam and AdamW the curvature is that of the preconditioned
    loss and the limit (2 + 2 beta1) / ((1 - beta1) lr), which is 38 / lr (Cohen et al. 2022).
    Other optimizers have no limit that is known: NaN.
    """

    def __init__(self, folder: Path, model: nn.Module, every: int, device: torch.device) -> None:
        super().__init__(folder / "probes", every, {"sharpness": (2,)})
        self._direction: list[Tensor] = []

    def before(self, trainer: "Trainer", inputs: "list[Inputs]") -> None:
        """Measure at the weights as they are."""
        fixed = first(trainer.built.data.train, _ROWS, trainer.built.device)
        parameters = trained(trainer)
        scales = _preconditioner(trainer, parameters)
        if not self._direction:
            generator = torch.Generator().manual_seed(0)
            self._direction = [torch.randn(p.shape, generator=generator).to(p) for p in parameters]
        with quiet(trainer.model), twice_differentiable():
            slopes = torch.autograd.grad(loss_of(trainer, fixed), parameters, create_graph=True)
            curvature = torch.zeros((), device=trainer.built.device)
            for _ in range(_ITERATIONS):
                unit = _normalised(self._direction)
                self._direction = _curved(slopes, parameters, unit, scales)
                curvature = _dot(unit, self._direction)
        limit = torch.full_like(curvature, stability_limit(trainer))
        self.write("sharpness", trainer.step, torch.stack([curvature, limit]))


def stability_limit(trainer: "Trainer") -> float:
    """Return the curvature above which the optimizer in use overshoots, or NaN where none is known."""
    group = trainer.optimizer.param_groups[0]
    lr = trainer.rate.now
    kind = type(trainer.optimizer).__name__
    if lr <= 0:
        return float("nan")
    if kind in ("Adam", "AdamW"):
        beta = group["betas"][0]
        return float((2 + 2 * beta) / ((1 - beta) * lr))
    if kind == "SGD" and not group.get("nesterov"):
        return float((2 + 2 * group["momentum"]) / lr)
    return float("nan")


def _preconditioner(trainer: "Trainer", parameters: list[nn.Parameter]) -> list[Tensor]:
    """Return what Adam scales each direction by, or ones; (1 / sqrt(v̂) + eps)^(1/2) each."""
    if type(trainer.optimizer).__name__ not in ("Adam", "AdamW"):
        return [torch.ones_like(parameter) for parameter in parameters]
    group = trainer.optimizer.param_groups[0]
    scales = []
    for parameter in parameters:
        state = trainer.optimizer.state.get(parameter, {})
        if "exp_avg_sq" not in state:
            scales.append(torch.ones_like(parameter))
            continue
        corrected = state["exp_avg_sq"] / (1 - group["betas"][1] ** state["step"])
        scales.append((corrected.sqrt() + group["eps"]).rsqrt())
    return scales


def _curved(
    slopes: tuple[Tensor, ...], parameters: list[nn.Parameter], unit: list[Tensor], scales: list[Tensor]
) -> list[Tensor]:
    """Return the (preconditioned) Hessian times a vector."""
    scaled = [scale * part for scale, part in zip(scales, unit, strict=True)]
    product = torch.autograd.grad(slopes, parameters, scaled, retain_graph=True, materialize_grads=True)
    return [scale * part for scale, part in zip(scales, product, strict=True)]


def _dot(first: list[Tensor], second: list[Tensor]) -> Tensor:
    return torch.stack([(a * b).sum() for a, b in zip(first, second, strict=True)]).sum()


def _normalised(vector: list[Tensor]) -> list[Tensor]:
    length = torch.stack(torch._foreach_norm(vector)).norm().clamp(min=1e-30)
    return [part.detach() / length for part in vector]
