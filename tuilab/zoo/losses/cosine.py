"""The angle between what is given and what is wanted."""

import torch
from torch import Tensor
from torch.nn import functional

from tuilab.errors import TuilabError
from tuilab.zoo.registries import Loss, losses
from tuilab.zoo.shapes import Float
from tuilab.zoo.tasks.task import Task


@losses.register(
    "cosine",
    source="https://arxiv.org/abs/1901.09054",
    tasks=["regression", "classification", "autoencoder"],
)
def cosine(task: Task) -> Loss:
    """One less the cosine of the angle: direction counts, length does not.

    0 where both point the same way, 1 at a right angle, 2 where opposed. A
    class stands for the axis of its own score (Barz and Denzler 2020), which
    learns from few samples a class.

    Raises:
        TuilabError: there is a single output, which has no direction.
    """
    if task.outputs < 2:
        raise TuilabError("loss.name: cosine compares directions, and a single output has none. Choose mse.")

    def loss(outputs: Float[Tensor, "batch *out"], targets: Tensor) -> Float[Tensor, ""]:
        given = outputs.float().flatten(1)
        if targets.is_floating_point():
            wanted = targets.to(given.dtype).flatten(1)
        else:
            wanted = functional.one_hot(targets, given.shape[1]).to(given.dtype)
        return torch.mean(1 - functional.cosine_similarity(given, wanted, dim=1))

    return loss
