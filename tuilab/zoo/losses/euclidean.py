"""The straight distance between two points."""

import torch
from torch import Tensor

from tuilab.zoo.registries import Loss, losses
from tuilab.zoo.shapes import Float
from tuilab.zoo.tasks.task import Task


@losses.register(
    "euclidean",
    source="https://pytorch.org/docs/stable/generated/torch.nn.PairwiseDistance.html",
    tasks=["regression", "autoencoder"],
)
def euclidean(task: Task) -> Loss:
    """How far each row of outputs is from its target, as the crow flies.

    Between mse and mae: a whole row's outlier weighs no more than its
    distance, but within a row errors are squared. Of one output it is mae.
    """

    def loss(outputs: Float[Tensor, "batch *out"], targets: Float[Tensor, "batch *out"]) -> Float[Tensor, ""]:
        away = outputs.float().flatten(1) - targets.flatten(1)
        distances: Tensor = torch.linalg.vector_norm(away, dim=1)
        return distances.mean()

    return loss
