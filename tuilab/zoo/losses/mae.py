"""The absolute distance between numbers."""

from torch import Tensor
from torch.nn import functional

from tuilab.zoo.registries import Loss, losses
from tuilab.zoo.shapes import Float
from tuilab.zoo.tasks.task import Task


@losses.register(
    "mae",
    source="https://pytorch.org/docs/stable/generated/torch.nn.L1Loss.html",
    tasks=["regression", "autoencoder"],
)
def mae(task: Task) -> Loss:
    """Mean absolute error: the median is its best guess, and outliers weigh no more than their distance.

    Its slope is the same near and far, so it needs a learning rate that falls.
    """

    def loss(outputs: Float[Tensor, "*rows"], targets: Float[Tensor, "*rows"]) -> Float[Tensor, ""]:
        return functional.l1_loss(outputs.float(), targets)

    return loss
