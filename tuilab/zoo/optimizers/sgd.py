"""Gradient descent, with or without momentum."""

from typing import Annotated

import torch
from torch.optim import Optimizer

from tuilab.errors import TuilabError
from tuilab.knobs import Knob
from tuilab.zoo.optimizers.groups import Groups, LearningRate, Momentum, WeightDecay, fastest
from tuilab.zoo.registries import optimizers


@optimizers.register("sgd", source="https://doi.org/10.1214/aoms/1177729586")
def sgd(
    parameters: Groups,
    *,
    lr: LearningRate = 0.05,
    momentum: Momentum = 0.9,
    nesterov: Annotated[bool, Knob("look one step ahead of the momentum (Sutskever et al. 2013)")] = False,
    weight_decay: WeightDecay = 0.0,
) -> Optimizer:
    """Stochastic gradient descent: a step straight downhill, with the last steps' momentum.

    With momentum m the steps add up to 1 / (1 - m) times the rate: 0.9 moves
    ten times as far as none. `data.batch_size = "full"` makes it gradient descent.

    Raises:
        TuilabError: Nesterov without momentum.
    """
    if nesterov and momentum == 0:
        raise TuilabError(
            "optimizer.nesterov: there is no momentum to look ahead of. Set optimizer.momentum, say 0.9."
        )
    return torch.optim.SGD(
        parameters,
        lr=lr,
        momentum=momentum,
        nesterov=nesterov,
        weight_decay=weight_decay,
        **fastest(torch.optim.SGD, parameters),
    )
