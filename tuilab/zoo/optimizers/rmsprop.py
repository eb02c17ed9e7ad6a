"""Adagrad that forgets."""

from typing import Annotated

import torch
from torch.optim import Optimizer

from tuilab.knobs import Knob
from tuilab.zoo.optimizers.groups import Epsilon, Groups, LearningRate, Momentum, WeightDecay, fastest
from tuilab.zoo.registries import optimizers


@optimizers.register(
    "rmsprop", source="https://www.cs.toronto.edu/~tijmen/csc321/slides/lecture_slides_lec6.pdf"
)
def rmsprop(
    parameters: Groups,
    *,
    lr: LearningRate = 1e-3,
    alpha: Annotated[
        float, Knob("memory of the squared gradient; 0.99 looks back about 100 steps", 0, 0.999999)
    ] = 0.99,
    momentum: Momentum = 0.0,
    eps: Epsilon = 1e-8,
    weight_decay: WeightDecay = 0.0,
) -> Optimizer:
    """Divides each weight's step by the root of its recent mean squared gradient.

    Hinton's lecture 6e. Unlike Adagrad it forgets, so it keeps moving; the
    size of a step hardly depends on the gradient's, so the rate must fall to settle.
    """
    return torch.optim.RMSprop(
        parameters,
        lr=lr,
        alpha=alpha,
        momentum=momentum,
        eps=eps,
        weight_decay=weight_decay,
        **fastest(torch.optim.RMSprop, parameters),
    )
