"""Proximal policy optimisation: several steps from one round, none of them too far."""

from typing import Annotated

import torch
from torch import Tensor
from torch.nn import functional

from tuilab.knobs import Knob
from tuilab.zoo.episodes import ACTION, ADVANTAGE, LOGP, RETURN, entropy_of
from tuilab.zoo.losses.reinforce import EntropyWeight, ValueWeight
from tuilab.zoo.registries import Loss, losses
from tuilab.zoo.shapes import Float
from tuilab.zoo.tasks.task import Task


@losses.register("ppo", source="https://arxiv.org/abs/1707.06347", tasks=["reinforcement"])
def ppo(
    task: Task,
    *,
    clip: Annotated[float, Knob("how far an action's probability may be moved, as a share", 0.001, 10)] = 0.2,
    value_weight: ValueWeight = 0.5,
    entropy_weight: EntropyWeight = 0.01,
) -> Loss:
    """The clipped surrogate of Schulman et al. 2017, equation 9, with its sign turned.

    The ratio of an action's probability to what it was when it was taken, times its
    advantage; beyond 1 ± clip nothing more is to be gained. Advantages are brought to mean 0
    and spread 1 over the batch. Made for `data.passes` above 1: the ratio is what
    makes learning twice from the same round sound.
    """

    def loss(outputs: Float[Tensor, "taken out"], targets: Float[Tensor, "taken 6"]) -> Float[Tensor, ""]:
        outputs = outputs.float()
        logp = outputs[:, :-1].log_softmax(dim=-1).gather(1, targets[:, ACTION, None].long())[:, 0]
        ratio = (logp - targets[:, LOGP]).exp()
        advantage = targets[:, ADVANTAGE]
        advantage = (advantage - advantage.mean()) / (advantage.std(correction=0) + 1e-8)
        gain = torch.minimum(ratio * advantage, ratio.clamp(1 - clip, 1 + clip) * advantage).mean()
        value = functional.mse_loss(outputs[:, -1], targets[:, RETURN])
        return -gain + value_weight * value - entropy_weight * entropy_of(outputs[:, :-1]).mean()

    return loss
