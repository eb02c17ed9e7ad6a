"""Squared near zero, absolute far away."""

from typing import Annotated

from torch import Tensor
from torch.nn import functional

from tuilab.knobs import Knob
from tuilab.zoo.registries import Loss, losses
from tuilab.zoo.shapes import Float
from tuilab.zoo.tasks.task import Task


@losses.register(
    "huber", source="https://doi.org/10.1214/aoms/1177703732", tasks=["regression", "autoencoder"]
)
def huber(
    task: Task,
    *,
    delta: Annotated[
        float, Knob("error at which the square becomes a straight line, in units of the target", 1e-6, 1e6)
    ] = 1.0,
) -> Loss:
    """Half the squared error up to delta, a straight line beyond: outliers pull with bounded force.

    Data sets standardise their targets, so a delta of 1 is one standard deviation.
    """

    def loss(outputs: Float[Tensor, "*rows"], targets: Float[Tensor, "*rows"]) -> Float[Tensor, ""]:
        return functional.huber_loss(outputs.float(), targets, delta=delta)

    return loss
