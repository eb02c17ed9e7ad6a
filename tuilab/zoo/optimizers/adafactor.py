"""Adam's divisor from row and column means alone: memory for rows plus columns, not rows times columns.

PyTorch's own asks the device for two numbers a parameter in every step and waits
for both; here everything stays where it is.
"""

import math
from collections.abc import Callable
from typing import Annotated, Any

import torch
from torch import Tensor
from torch.optim import Optimizer

from tuilab.knobs import Knob
from tuilab.zoo.optimizers.groups import Groups, LearningRate, WeightDecay, count, with_gradients
from tuilab.zoo.registries import optimizers


class Adafactor(Optimizer):
    """Shazeer and Stern 2018, algorithms 4 and 5, without momentum."""

    def __init__(self, parameters: Groups, **settings: Any) -> None:
        super().__init__(parameters, {**settings, "foreach": True})

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Move each weight by a share of its own size."""
        loss = None if closure is None else torch.enable_grad()(closure)()
        for group in self.param_groups:
            parameters, gradients = with_gradients(group)
            if parameters:
                self._step(group, parameters, gradients)
        return loss

    def _step(self, group: dict[str, Any], parameters: list[Tensor], gradients: list[Tensor]) -> None:
        steps = count(self, parameters)
        sizes = _root_mean_squares(parameters)
        torch._foreach_clamp_min_(sizes, group["smallest"])
        torch._foreach_mul_(sizes, [-min(group["lr"], step**-0.5) for step in steps])
        torch._foreach_mul_(parameters, 1 - group["lr"] * group["weight_decay"])
        divisors = [
            self._mean_square(parameter, gradient, step ** group["beta2_decay"])
            for parameter, gradient, step in zip(parameters, gradients, steps, strict=True)
        ]
        torch._foreach_sqrt_(divisors)
        updates = list(torch._foreach_div(gradients, divisors))
        excess = _root_mean_squares(updates)
        torch._foreach_div_(excess, group["clip"])
        torch._foreach_clamp_min_(excess, 1.0)
        torch._foreach_div_(sizes, excess)
        torch._foreach_mul_(updates, sizes)
        torch._foreach_add_(parameters, updates)

    def _mean_square(self, parameter: Tensor, gradient: Tensor, new: float) -> Tensor:
        """Return the estimate of the mean squared gradient, after `new` of this one is taken in."""
        eps = torch.finfo(parameter.dtype).eps
        state = self.state[parameter]
        square = gradient.square()
        if parameter.ndim < 2:
            state.setdefault("square", torch.zeros_like(parameter)).lerp_(square, new)
            return torch.clamp_min(state["square"], eps**2)
        rows, columns = square.mean(dim=-1, keepdim=True), square.mean(dim=-2, keepdim=True)
        state.setdefault("rows", torch.zeros_like(rows)).lerp_(rows, new)
        state.setdefault("columns", torch.zeros_like(columns)).lerp_(columns, new)
        whole = state["rows"].mean(dim=-2, keepdim=True).clamp_min(eps)
        estimate: Tensor = state["rows"] @ state["columns"]
        return estimate.div_(whole).clamp_min_(eps**2)


def _root_mean_squares(tensors: list[Tensor]) -> list[Tensor]:
    """Return one number a tensor, on its device."""
    norms = torch._foreach_norm(tensors)
    return list(torch._foreach_div(norms, [math.sqrt(tensor.numel()) for tensor in tensors]))


@optimizers.register("adafactor", source="https://arxiv.org/abs/1804.04235")
def adafactor(
    parameters: Groups,
    *,
    lr: LearningRate = 1e-2,
    beta2_decay: Annotated[
        float, Knob("at step t the newest squared gradient weighs t to this power", -1, -0.01)
    ] = -0.8,
    clip: Annotated[
        float, Knob("largest size of a step before the rate, as a multiple of 1", 0.01, 100)
    ] = 1.0,
    smallest: Annotated[float, Knob("size a weight is taken to have at least", 1e-12, 1)] = 1e-3,
    weight_decay: WeightDecay = 0.0,
) -> Optimizer:
    """Adam's idea in almost no memory: squared gradients are kept as row and column means.

    Shazeer and Stern 2018. The rate is relative: 0.01 moves a weight matrix by
    one percent of its own size, and never by more than one over the root of
    the step number.
    """
    return Adafactor(
        parameters,
        lr=lr,
        beta2_decay=beta2_decay,
        clip=clip,
        smallest=smallest,
        weight_decay=weight_decay,
    )
