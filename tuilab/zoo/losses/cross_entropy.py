"""The loss of choosing one of several classes."""

from collections.abc import Sequence
from typing import Annotated

import torch
from torch import Tensor
from torch.nn import functional

from tuilab.errors import TuilabError
from tuilab.knobs import Knob
from tuilab.zoo.registries import Loss, losses
from tuilab.zoo.shapes import Float, Int
from tuilab.zoo.tasks.task import IGNORED, Task


@losses.register(
    "cross-entropy",
    source="https://pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html",
    tasks=["classification", "language-model", "masked-model", "seq2seq"],
)
def cross_entropy(
    task: Task,
    *,
    label_smoothing: Annotated[
        float, Knob("share of each target spread over all classes; 0.1 curbs overconfidence", 0, 1)
    ] = 0.0,
    class_weights: Annotated[
        Sequence[float], Knob("how much each class counts, in the order of the classes; empty: all alike", 0)
    ] = (),
) -> Loss:
    """How surprised the model is by the true class, in nats.

    Targets are class numbers, or shares of the classes where mixup blends them.
    A model that guesses evenly among n classes has a loss of ln n: 2.30 for
    ten. Smoothing raises the lowest loss that can be reached above zero. Class
    weights make it a weighted mean: rare classes are heard with large ones.

    Raises:
        TuilabError: there are not as many weights as classes, or all are 0.
    """
    if not class_weights:

        def loss(
            outputs: Float[Tensor, "batch classes"],
            targets: Int[Tensor, " batch"] | Float[Tensor, "batch classes"],
        ) -> Float[Tensor, ""]:
            return functional.cross_entropy(outputs.float(), targets, label_smoothing=label_smoothing)

        return loss
    if len(class_weights) != task.outputs or not any(class_weights):
        raise TuilabError(
            f"loss.class_weights: {list(class_weights)} are {len(class_weights)} weights; the {task.outputs} "
            "classes want one each, not all of them 0. Leave the list empty to count all alike."
        )
    return _weighted(torch.tensor(class_weights), label_smoothing)


def _weighted(weights: Tensor, label_smoothing: float) -> Loss:
    """Return the weighted mean, 0 over a batch of which nothing counts."""

    def loss(outputs: Float[Tensor, "batch classes"], targets: Int[Tensor, " batch"]) -> Float[Tensor, ""]:
        nonlocal weights
        weights = weights.to(outputs.device)  # moved once, with the first batch
        total = functional.cross_entropy(
            outputs.float(), targets, weight=weights, label_smoothing=label_smoothing, reduction="sum"
        )
        counting = weights[targets.clamp(min=0)] * (targets != IGNORED)
        return total / counting.sum().clamp(min=torch.finfo(weights.dtype).tiny)

    return loss
