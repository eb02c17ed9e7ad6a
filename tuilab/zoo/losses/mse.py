"""The squared distance between numbers."""

from torch import Tensor
from torch.nn import functional

from tuilab.zoo.registries import Loss, losses
from tuilab.zoo.shapes import Float
from tuilab.zoo.tasks.task import Task


@losses.register(
    "mse",
    source="https://pytorch.org/docs/stable/generated/torch.nn.MSELoss.html",
    tasks=["regression", "autoencoder"],
)
def mse(task: Task) -> Loss:
    """Mean squared error: the mean is its best guess, and far outliers weigh most."""

    def loss(outputs: Float[Tensor, "*rows"], targets: Float[Tensor, "*rows"]) -> Float[Tensor, ""]:
        return functional.mse_loss(outputs.float(), targets)

    return loss
