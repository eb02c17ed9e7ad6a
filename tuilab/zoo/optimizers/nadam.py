"""Adam that looks one step ahead."""

from typing import Annotated

import torch
from torch.optim import Optimizer

from tuilab.knobs import Knob
from tuilab.zoo.optimizers.groups import Beta1, Beta2, Epsilon, Groups, LearningRate, WeightDecay, fastest
from tuilab.zoo.registries import optimizers


@optimizers.register("nadam", source="https://cs229.stanford.edu/proj2015/054_report.pdf")
def nadam(
    parameters: Groups,
    *,
    lr: LearningRate = 2e-3,
    beta1: Beta1 = 0.9,
    beta2: Beta2 = 0.999,
    eps: Epsilon = 1e-8,
    weight_decay: WeightDecay = 0.0,
    momentum_decay: Annotated[
        float, Knob("how fast the momentum grows to beta1; larger is faster", 0, 1)
    ] = 4e-3,
) -> Optimizer:
    """Adam with Nesterov's momentum: the step includes what the momentum will do next.

    Dozat 2016, algorithm 2. The momentum starts at half of beta1 and grows,
    so early steps are careful. Its weight decay is added to the gradient.
    """
    return torch.optim.NAdam(
        parameters,
        lr=lr,
        betas=(beta1, beta2),
        eps=eps,
        weight_decay=weight_decay,
        momentum_decay=momentum_decay,
        **fastest(torch.optim.NAdam, parameters),
    )
