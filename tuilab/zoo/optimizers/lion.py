"""Only the sign of the momentum: every weight moves by the same amount."""

from collections.abc import Callable
from typing import Any, ClassVar

import torch
from torch.optim import Optimizer

from tuilab.zoo.optimizers.groups import (
    Beta1,
    Beta2,
    Groups,
    LearningRate,
    WeightDecay,
    memory,
    with_gradients,
)
from tuilab.zoo.registries import optimizers


class Lion(Optimizer):
    """Chen et al. 2023, algorithm 2, a whole group at a time."""

    recordable: ClassVar[bool] = True
    """Its step may be recorded as a CUDA graph: the rate may be a number on the device."""

    def __init__(
        self, parameters: Groups, *, lr: float, betas: tuple[float, float], weight_decay: float
    ) -> None:
        super().__init__(
            parameters, {"lr": lr, "betas": betas, "weight_decay": weight_decay, "foreach": True}
        )

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Move every weight by the rate, against the sign of its momentum."""
        loss = None if closure is None else torch.enable_grad()(closure)()
        for group in self.param_groups:
            parameters, gradients = with_gradients(group)
            if not parameters:
                continue
            beta1, beta2 = group["betas"]
            momenta = memory(self, parameters, "momentum")
            directions = torch._foreach_lerp(momenta, gradients, 1 - beta1)
            torch._foreach_sign_(directions)
            torch._foreach_mul_(parameters, 1 - group["lr"] * group["weight_decay"])
            torch._foreach_mul_(directions, -group["lr"])
            torch._foreach_add_(parameters, directions)
            torch._foreach_lerp_(momenta, gradients, 1 - beta2)
        return loss


@optimizers.register("lion", source="https://arxiv.org/abs/2302.06675")
def lion(
    parameters: Groups,
    *,
    lr: LearningRate = 1e-4,
    beta1: Beta1 = 0.9,
    beta2: Beta2 = 0.99,
    weight_decay: WeightDecay = 0.0,
) -> Optimizer:
    """The sign of a mix of gradient and momentum: half of Adam's memory, steps all of one size.

    Chen et al. 2023, found by a search over programs. Take a rate 3 to 10
    times smaller than AdamW's and a weight decay as many times larger; the step
    never shrinks by itself, so the schedule must.
    """
    return Lion(parameters, lr=lr, betas=(beta1, beta2), weight_decay=weight_decay)
