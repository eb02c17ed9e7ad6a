"""A network that chooses actions, and guesses how well that will go."""

from typing import Annotated

import torch
from torch import Tensor, nn

from tuilab.knobs import Knob
from tuilab.zoo.models.activations import Activation, activation_layer
from tuilab.zoo.models.inputs import need_numbers
from tuilab.zoo.registries import models
from tuilab.zoo.shapes import Float
from tuilab.zoo.tasks.reinforcement import Reinforcement
from tuilab.zoo.tasks.task import Task


@models.register("policy", source="https://arxiv.org/abs/1707.06347", tasks=["reinforcement"])
class Policy(nn.Module):
    """Two networks of one shape: the actor scores every action, the critic guesses the return to come.

    They share no layer, so that the critic's large early errors cannot shake the actor.
    The actor's last layer starts at a hundredth of its usual size: at first every action
    is about as likely as any other.
    """

    def __init__(
        self,
        task: Task,
        *,
        width: Annotated[list[int], Knob("units in each hidden layer", 1, 65_536)] = [64, 64],  # noqa: B006
        activation: Activation = "tanh",
    ) -> None:
        super().__init__()
        need_numbers("policy", task, Reinforcement.name)
        assert isinstance(task, Reinforcement)
        self.actor = _network(task.input_shape[0], width, activation, task.actions)
        self.critic = _network(task.input_shape[0], width, activation, 1)
        undecided = self.actor[-1]
        assert isinstance(undecided, nn.Linear)
        with torch.no_grad():
            undecided.weight.mul_(0.01)

    def forward(self, x: Float[Tensor, "batch state"]) -> Float[Tensor, "batch out"]:
        """Return a raw score for each action, and behind them the guessed return."""
        return torch.cat([self.actor(x), self.critic(x)], dim=-1)


def _network(inputs: int, width: list[int], activation: str, outputs: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for units in width:
        layers += [nn.Linear(inputs, units), activation_layer(activation)]
        inputs = units
    return nn.Sequential(*layers, nn.Linear(inputs, outputs))
