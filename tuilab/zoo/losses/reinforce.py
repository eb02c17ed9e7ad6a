"""The policy gradient at its plainest."""

from typing import Annotated, Literal

import torch
from torch import Tensor
from torch.nn import functional

from tuilab.knobs import Knob
from tuilab.zoo.episodes import ACTION, RETURN, entropy_of
from tuilab.zoo.registries import Loss, losses
from tuilab.zoo.shapes import Float
from tuilab.zoo.tasks.task import Task

EntropyWeight = Annotated[float, Knob("how much undecidedness is rewarded: keeps the model trying", 0, 10)]
ValueWeight = Annotated[float, Knob("how much the critic's squared error counts", 0, 100)]


@losses.register("reinforce", source="https://doi.org/10.1007/BF00992696", tasks=["reinforcement"])
def reinforce(
    task: Task,
    *,
    baseline: Annotated[
        Literal["none", "mean", "critic"],
        Knob("what a return is measured against: nothing, the round's mean and spread, or the critic"),
    ] = "mean",
    value_weight: ValueWeight = 0.5,
    entropy_weight: EntropyWeight = 0.0,
) -> Loss:
    """Make actions likelier by the return that followed them (Williams 1992).

    The mean of -log p(action) times the discounted return from there on, against a baseline,
    which changes no expected gradient and takes most of its noise away. The critic learns
    beside it only where it is the baseline.
    """

    def loss(outputs: Float[Tensor, "taken out"], targets: Float[Tensor, "taken 6"]) -> Float[Tensor, ""]:
        outputs = outputs.float()
        logp = outputs[:, :-1].log_softmax(dim=-1).gather(1, targets[:, ACTION, None].long())[:, 0]
        returns, values = targets[:, RETURN], outputs[:, -1]
        worth = {
            "none": returns,
            "mean": (returns - returns.mean()) / (returns.std(correction=0) + 1e-8),
            "critic": returns - values.detach(),
        }[baseline]
        value = functional.mse_loss(values, returns) if baseline == "critic" else torch.zeros_like(worth[0])
        entropy = entropy_of(outputs[:, :-1]).mean()
        return -(logp * worth).mean() + value_weight * value - entropy_weight * entropy

    return loss
