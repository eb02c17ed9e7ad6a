"""A step sized by the steps before it, with no rate to choose."""

from typing import Annotated

import torch
from torch.optim import Optimizer

from tuilab.knobs import Knob
from tuilab.zoo.optimizers.groups import Epsilon, Groups, LearningRate, WeightDecay, fastest
from tuilab.zoo.registries import optimizers


@optimizers.register("adadelta", source="https://arxiv.org/abs/1212.5701")
def adadelta(
    parameters: Groups,
    *,
    lr: LearningRate = 1.0,
    rho: Annotated[float, Knob("memory of gradients and steps; 0.9 looks back about 10", 0, 0.99999)] = 0.9,
    eps: Epsilon = 1e-6,
    weight_decay: WeightDecay = 0.0,
) -> Optimizer:
    """RMSprop times the recent size of its own steps: it finds the rate by itself.

    Zeiler 2012, algorithm 1. A rate of 1 leaves it as published. It starts
    from steps of about the root of eps, so its first hundred hardly move; a
    larger eps wakes it sooner.
    """
    return torch.optim.Adadelta(
        parameters,
        lr=lr,
        rho=rho,
        eps=eps,
        weight_decay=weight_decay,
        **fastest(torch.optim.Adadelta, parameters),
    )
