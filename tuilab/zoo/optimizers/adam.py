"""Momentum and a rate of its own for every weight."""

import torch
from torch.optim import Optimizer

from tuilab.zoo.optimizers.groups import (
    AmsGrad,
    Beta1,
    Beta2,
    Epsilon,
    Groups,
    LearningRate,
    WeightDecay,
    fastest,
)
from tuilab.zoo.registries import optimizers


@optimizers.register("adam", source="https://arxiv.org/abs/1412.6980")
def adam(
    parameters: Groups,
    *,
    lr: LearningRate = 1e-3,
    beta1: Beta1 = 0.9,
    beta2: Beta2 = 0.999,
    eps: Epsilon = 1e-8,
    weight_decay: WeightDecay = 0.0,
    amsgrad: AmsGrad = False,
) -> Optimizer:
    """RMSprop with momentum, both corrected for having started at zero.

    Kingma and Ba 2015, algorithm 1. A step is at most about the rate itself,
    whatever the gradient's size. Its weight decay is added to the gradient and
    so is scaled with it; adamw decays evenly.
    """
    return torch.optim.Adam(
        parameters,
        lr=lr,
        betas=(beta1, beta2),
        eps=eps,
        weight_decay=weight_decay,
        amsgrad=amsgrad,
        **fastest(torch.optim.Adam, parameters),
    )
