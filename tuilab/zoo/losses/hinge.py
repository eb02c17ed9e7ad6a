"""A margin between the true class and every other: support vectors."""

from typing import Annotated

import torch
from torch import Tensor

from tuilab.knobs import Knob
from tuilab.zoo.registries import Loss, losses
from tuilab.zoo.shapes import Float, Int
from tuilab.zoo.tasks.task import Task


@losses.register("hinge", source="https://www.jmlr.org/papers/v2/crammer01a.html", tasks=["classification"])
def hinge(
    task: Task,
    *,
    margin: Annotated[float, Knob("lead that the true class must have over each other", 1e-6, 1e6)] = 1.0,
    squared: Annotated[bool, Knob("square what is missing, so that large misses weigh more")] = False,
) -> Loss:
    """What each wrong class lacks of staying a margin behind the true one, over the number of classes.

    Once every lead is large enough nothing more is asked: the loss is 0, and
    the scores are no probabilities. With weight decay and `linear` it is an SVM.
    """

    def loss(outputs: Float[Tensor, "batch classes"], targets: Int[Tensor, " batch"]) -> Float[Tensor, ""]:
        # As torch's multi_margin_loss, which has no second derivative for sharpness to ask for.
        scores = outputs.float()
        lacking = (margin - scores.gather(1, targets[:, None]) + scores).clamp(min=0)
        others = torch.arange(scores.shape[1], device=scores.device) != targets[:, None]
        each: Tensor = (lacking.square() if squared else lacking) * others
        return each.mean()

    return loss
