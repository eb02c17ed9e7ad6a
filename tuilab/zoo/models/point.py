"""The point that rolls on a surface."""

import torch
from torch import Tensor, nn

from tuilab.zoo.models.inputs import need_numbers
from tuilab.zoo.registries import models
from tuilab.zoo.shapes import Float
from tuilab.zoo.tasks.surface import Surface
from tuilab.zoo.tasks.task import Task


@models.register("point", source="https://distill.pub/2017/momentum/", tasks=["surface"])
class Point(nn.Module):
    """A point on a surface; its two coordinates are all there is to learn.

    Each row of a batch is a shift by which the point is misread, so the
    batch's mean gradient is the surface's slope with noise.
    """

    def __init__(self, task: Task) -> None:
        super().__init__()
        need_numbers("point", task, Surface.name)
        assert isinstance(task, Surface)
        self.position = nn.Parameter(torch.tensor(task.start, dtype=torch.float32))

    def forward(self, x: Float[Tensor, "batch 2"]) -> Float[Tensor, "batch 2"]:
        """Return where the point seems to stand, once for each shift."""
        return self.position + x
