"""The distance from one distribution over classes to another."""

import math
from typing import Annotated

from torch import Tensor
from torch.nn import functional

from tuilab.knobs import Knob
from tuilab.zoo.registries import Loss, losses
from tuilab.zoo.shapes import Float, Int
from tuilab.zoo.tasks.task import Task


@losses.register(
    "kl",
    source="https://doi.org/10.1214/aoms/1177729694",
    tasks=["classification", "language-model", "masked-model", "seq2seq"],
)
def kl(
    task: Task,
    *,
    label_smoothing: Annotated[
        float, Knob("share of each target spread over all classes; 0 makes it cross-entropy", 0, 1)
    ] = 0.1,
) -> Loss:
    """Kullback and Leibler's divergence from the smoothed target to the model's answer, in nats.

    Cross-entropy less what no model can do without, so a perfect answer costs
    0 whatever the smoothing. The gradients are cross-entropy's.
    """
    other = label_smoothing / task.outputs
    true = 1 - label_smoothing + other
    entropy = -sum(
        count * share * math.log(share)
        for count, share in ((1, true), (task.outputs - 1, other))
        if share > 0
    )

    def loss(outputs: Float[Tensor, "batch classes"], targets: Int[Tensor, " batch"]) -> Float[Tensor, ""]:
        return functional.cross_entropy(outputs.float(), targets, label_smoothing=label_smoothing) - entropy

    return loss
