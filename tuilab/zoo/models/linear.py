"""A single linear layer: linear and logistic regression."""

import math

from torch import Tensor, nn

from tuilab.zoo.models.inputs import need_numbers
from tuilab.zoo.registries import models
from tuilab.zoo.shapes import Float
from tuilab.zoo.tasks.task import Task


@models.register(
    "linear", source="https://doi.org/10.1214/ss/1009213726", tasks=["classification", "regression"]
)
class Linear(nn.Module):
    """One weighted sum per output: linear regression, or logistic regression for classes.

    The input is flattened, so any table or image fits. It has one lowest
    loss and no other valley, so what it misses no training will find.
    """

    def __init__(self, task: Task) -> None:
        super().__init__()
        need_numbers("linear", task, "classification", "regression")
        self.layer = nn.Linear(math.prod(task.input_shape), task.outputs)

    def forward(self, x: Float[Tensor, "batch *input"]) -> Float[Tensor, "batch out"]:
        """Return raw scores, one row a sample."""
        scores: Tensor = self.layer(x.flatten(1))
        return scores
