"""Adam with weight decay that the adaptive step does not scale."""

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


@optimizers.register("adamw", source="https://arxiv.org/abs/1711.05101")
def adamw(
    parameters: Groups,
    *,
    lr: LearningRate = 1e-3,
    beta1: Beta1 = 0.9,
    beta2: Beta2 = 0.999,
    eps: Epsilon = 1e-8,
    weight_decay: WeightDecay = 0.01,
    amsgrad: AmsGrad = False,
) -> Optimizer:
    """Adam with decoupled weight decay: the default for most networks.

    Loshchilov and Hutter 2019, algorithm 2. Each step also shrinks the
    weights by lr x weight_decay, whatever their gradient's history.
    """
    return torch.optim.AdamW(
        parameters,
        lr=lr,
        betas=(beta1, beta2),
        eps=eps,
        weight_decay=weight_decay,
        amsgrad=amsgrad,
        **fastest(torch.optim.AdamW, parameters),
    )
