"""The height of a point on a surface."""

from torch import Tensor

from tuilab.zoo.registries import Loss, losses
from tuilab.zoo.shapes import Float
from tuilab.zoo.tasks.task import Task


@losses.register("height", source="https://distill.pub/2017/momentum/", tasks=["surface"])
def height(task: Task) -> Loss:
    """How high the point stands, on average over the batch's shifts."""

    def loss(outputs: Float[Tensor, " batch"], targets: Float[Tensor, " batch"]) -> Float[Tensor, ""]:
        return outputs.float().mean()

    return loss
