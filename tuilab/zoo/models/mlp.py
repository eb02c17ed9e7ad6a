"""The multilayer perceptron."""

import math
from typing import Annotated

from torch import Tensor, nn

from tuilab.knobs import Knob
from tuilab.zoo.models.activations import Activation, activation_layer
from tuilab.zoo.models.inputs import need_numbers
from tuilab.zoo.models.norms import Norm, vector_norm
from tuilab.zoo.registries import models
from tuilab.zoo.shapes import Float
from tuilab.zoo.tasks.task import Task


@models.register("mlp", source="https://doi.org/10.1038/323533a0", tasks=["classification", "regression"])
class MLP(nn.Module):
    """Fully connected layers with a bend between them; the baseline every other model must beat.

    The input is flattened, so any table or image fits. Each hidden layer is
    linear, norm, activation, dropout; the last one is linear alone. An empty
    width leaves the linear model.
    """

    def __init__(
        self,
        task: Task,
        *,
        width: Annotated[list[int], Knob("units in each hidden layer", 1, 65_536)] = [128, 64],  # noqa: B006
        activation: Activation = "relu",
        norm: Norm = "none",
        dropout: Annotated[float, Knob("share of units switched off in each training step", 0, 0.95)] = 0.0,
    ) -> None:
        super().__init__()
        need_numbers("mlp", task, "classification", "regression")
        layers: list[nn.Module] = [nn.Flatten()]
        inputs = math.prod(task.input_shape)
        for units in width:
            layers.append(nn.Linear(inputs, units))
            if (normalised := vector_norm(norm, units)) is not None:
                layers.append(normalised)
            layers.append(activation_layer(activation))
            if dropout > 0:
                layers.append(nn.Dropout(dropout))
            inputs = units
        layers.append(nn.Linear(inputs, task.outputs))
        self.layers = nn.Sequential(*layers)

    def forward(self, x: Float[Tensor, "batch *input"]) -> Float[Tensor, "batch out"]:
        """Return raw scores, one row a sample."""
        scores: Tensor = self.layers(x)
        return scores
