"""A rate of its own for every weight, falling with all the gradient it has seen."""

import torch
from torch.optim import Optimizer

from tuilab.zoo.optimizers.groups import Epsilon, Groups, LearningRate, WeightDecay, fastest
from tuilab.zoo.registries import optimizers


@optimizers.register("adagrad", source="https://jmlr.org/papers/v12/duchi11a.html")
def adagrad(
    parameters: Groups,
    *,
    lr: LearningRate = 0.05,
    eps: Epsilon = 1e-10,
    weight_decay: WeightDecay = 0.0,
) -> Optimizer:
    """Divides each weight's step by the root of the sum of its squared gradients.

    Duchi et al. 2011. Steep and flat directions move alike, which suits rare
    features; the sum only grows, so the rate falls by itself and long runs starve.
    """
    return torch.optim.Adagrad(
        parameters, lr=lr, eps=eps, weight_decay=weight_decay, **fastest(torch.optim.Adagrad, parameters)
    )
