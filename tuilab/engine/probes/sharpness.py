"""Sharpness: the largest curvature of the loss, against what the learning rate can bear."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

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

_FIRST_ITERATIONS = 20
"""At the first look, which begins with a random vector."""

_SMALLEST = 1e-12
"""Keeps the vector what it was where nothing is curved."""

_ADAMS = ("Adam", "AdamW")
_SCALED = (*_ADAMS, "RMSprop")
"""Optimizers that divide each weight's step by the size of its gradients."""

_COUPLED = ("SGD", "Adam", "RMSprop")
"""Optimizers whose weight decay is a part of the gradient, and so of the curvature."""


class Sharpness(Probe):
    """`probes/sharpness.npy`: the largest Hessian eigenvalue, and the largest that is stable.

    By power iteration on Hessian-vector products (Pearlmutter 1994) over a fixed batch of
    training samples, in evaluation mode; shifted by the most negative curvature that was met,
    so that it is the largest eigenvalue and not the largest in size. Gradient descent is stable
    below 2 / lr; full-batch training climbs to that limit and stays there (Cohen et al. 2021).
    With heavy-ball momentum m the limit is (2 + 2m) / lr, with Nesterov's it is (2 + 2m) / ((1 + 2m) lr).
    For Adam and AdamW the curvature is that of the preconditioned loss, P^(-1/2) H P^(-1/2) with
    P = (1 - beta1^t) (sqrt(v / (1 - beta2^t)) + eps) as of the last step, and the limit
    (2 + 2 beta1) / ((1 - beta1) lr), which is 38 / lr (Cohen et al. 2022); before the first step
    there is none: NaN. For RMSprop it is so with P = sqrt(v) + eps and the limit of its momentum
    (by the same argument). Weight decay that is a part of the gradient is a part of the loss here.
    Other optimizers have no limit that is known: NaN.
    """

    slow: ClassVar[bool] = True

    def __init__(self, folder: Path, model: nn.Module, every: int, device: torch.device) -> None:
        super().__init__(folder / "probes", every, {"sharpness": (2,)})
        self._direction: list[Tensor] = []
        self._shift = torch.zeros((), device=device)

    def before(self, trainer: "Trainer", inputs: "list[Inputs]") -> None:
        """Measure at the weights as they are."""
        parameters = trained(trainer)
        scales = _preconditioner(trainer, parameters)
        if scales is None:
            self.write("sharpness", trainer.step, torch.full((2,), torch.nan))
            return
        rounds = _ITERATIONS
        if not self._direction:
            rounds = _FIRST_ITERATIONS
            generator = torch.Generator().manual_seed(0)
            self._direction = [torch.randn(p.shape, generator=generator).to(p) for p in parameters]
        fixed = first(trainer.built.data.train, _ROWS, trainer.built.device)
        decays = _decays(trainer, parameters)
        curvature = self._shift
        with quiet(trainer.model), twice_differentiable():
            slopes = torch.autograd.grad(
                loss_of(trainer, fixed), parameters, create_graph=True, materialize_grads=True
            )
            for _ in range(rounds):
                unit = _normalised(self._direction)
                curved = _curved(slopes, parameters, unit, scales, decays)
                curvature = _dot(unit, curved)
                self._shift = torch.maximum(self._shift, -curvature)
                shift = self._shift + _SMALLEST
                self._direction = [c + shift * part for c, part in zip(curved, unit, strict=True)]
        limit = torch.full_like(curvature, stability_limit(trainer))
        self.write("sharpness", trainer.step, torch.stack([curvature, limit]))

    def state(self) -> dict[str, Any]:
        """Return where the iteration stands."""
        return {"direction": self._direction, "shift": self._shift}

    def restore(self, state: dict[str, Any], trainer: "Trainer") -> None:
        """Go on with the iteration, the direction lying in memory as the weights do."""
        weights = trained(trainer)
        self._direction = [
            torch.empty_like(own, requires_grad=False).copy_(saved)
            for own, saved in zip(weights, state["direction"], strict=False)  # none before the first look
        ]
        self._shift = state["shift"].to(self._shift.device)


def stability_limit(trainer: "Trainer") -> float:
    """Return the curvature above which the optimizer in use overshoots, or NaN where none is known."""
    group = trainer.optimizer.param_groups[0]
    lr = trainer.rate.now
    kind = type(trainer.optimizer).__name__
    if lr <= 0:
        return float("nan")
    if kind in _ADAMS:
        beta = group["betas"][0]
        return float((2 + 2 * beta) / ((1 - beta) * lr))
    if kind in ("SGD", "RMSprop"):
        momentum = group["momentum"]
        ahead = 1 + 2 * momentum if group.get("nesterov") else 1
        return float((2 + 2 * momentum) / (ahead * lr))
    return float("nan")


def _preconditioner(trainer: "Trainer", parameters: list[nn.Parameter]) -> list[Tensor] | None:
    """Return P^(-1/2), ones for an optimizer that does not precondition; None before there is any."""
    kind, group = type(trainer.optimizer).__name__, trainer.optimizer.param_groups[0]
    if kind not in _SCALED:
        return [torch.ones_like(parameter) for parameter in parameters]
    states = [trainer.optimizer.state.get(parameter, {}) for parameter in parameters]
    if not any(states):
        return None
    scaled = _adam_scale if kind in _ADAMS else _rmsprop_scale
    # A weight that never had a gradient has no state: the loss is flat along it.
    return [
        scaled(state, group).rsqrt() if state else torch.ones_like(parameter)
        for parameter, state in zip(parameters, states, strict=True)
    ]


def _adam_scale(state: dict[str, Tensor], group: dict[str, Any]) -> Tensor:
    beta1, beta2 = group["betas"]
    squares = state["max_exp_avg_sq" if group["amsgrad"] else "exp_avg_sq"]
    size: Tensor = (squares / (1 - beta2 ** state["step"])).sqrt() + group["eps"]
    early: Tensor = 1 - beta1 ** state["step"]
    return size * early


def _rmsprop_scale(state: dict[str, Tensor], group: dict[str, Any]) -> Tensor:
    size: Tensor = state["square_avg"].sqrt() + group["eps"]
    return size


def _decays(trainer: "Trainer", parameters: list[nn.Parameter]) -> list[float]:
    """Return the curvature that weight decay adds, a number a parameter."""
    if type(trainer.optimizer).__name__ not in _COUPLED:
        return [0.0] * len(parameters)
    decay = {
        id(p): group["weight_decay"] for group in trainer.optimizer.param_groups for p in group["params"]
    }
    return [float(decay[id(parameter)]) for parameter in parameters]


def _curved(
    slopes: tuple[Tensor, ...],
    parameters: list[nn.Parameter],
    unit: list[Tensor],
    scales: list[Tensor],
    decays: list[float],
) -> list[Tensor]:
    """Return the (preconditioned) Hessian times a vector."""
    scaled = [scale * part for scale, part in zip(scales, unit, strict=True)]
    # A slope that is the same everywhere (hinge on a linear layer) has no graph, and bends nothing.
    bent = [(slope, part) for slope, part in zip(slopes, scaled, strict=True) if slope.requires_grad]
    products: Sequence[Tensor] = [torch.zeros_like(part) for part in scaled]
    if bent:
        outputs, vector = zip(*bent, strict=True)
        products = torch.autograd.grad(outputs, parameters, vector, retain_graph=True, materialize_grads=True)
    return [
        scale * (product + decay * part)
        for scale, product, decay, part in zip(scales, products, decays, scaled, strict=True)
    ]


def _dot(first: list[Tensor], second: list[Tensor]) -> Tensor:
    return torch.stack([(a * b).sum() for a, b in zip(first, second, strict=True)]).sum()


def _normalised(vector: list[Tensor]) -> list[Tensor]:
    length = torch.stack(torch._foreach_norm(vector)).norm().clamp(min=1e-30)
    return [part.detach() / length for part in vector]
