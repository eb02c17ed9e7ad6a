"""Adam with a warm-up of its own."""

import torch
from torch.optim import Optimizer

from tuilab.zoo.optimizers.groups import Beta1, Beta2, Epsilon, Groups, LearningRate, WeightDecay, fastest
from tuilab.zoo.registries import optimizers


@optimizers.register("radam", source="https://arxiv.org/abs/1908.03265")
def radam(
    parameters: Groups,
    *,
    lr: LearningRate = 1e-3,
    beta1: Beta1 = 0.9,
    beta2: Beta2 = 0.999,
    eps: Epsilon = 1e-8,
    weight_decay: WeightDecay = 0.0,
) -> Optimizer:
    """Adam that trusts its squared gradients only as far as it has seen enough of them.

    Liu et al. 2020, algorithm 2. The first five steps are plain momentum,
    then the adaptive part is faded in: it needs no warm-up in the schedule. Those
    five are as long as the gradient; where it is steep, set `train.clip_norm = 1`.
    """
    return torch.optim.RAdam(
        parameters,
        lr=lr,
        betas=(beta1, beta2),
        eps=eps,
        weight_decay=weight_decay,
        **fastest(torch.optim.RAdam, parameters),
    )
