"""The loss of choosing one of several classes."""

from typing import Annotated

from torch import Tensor
from torch.nn import functional

from tuilab.knobs import Knob
from tuilab.zoo.registries import Loss, losses
from tuilab.zoo.shapes import Float, Int
from tuilab.zoo.tasks.task import Task


@losses.register(
    "cross-entropy",
    source="https://pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html",
    tasks=["classification", "language-model"],
)
def cross_entropy(
    task: Task,
    *,
    label_smoothing: Annotated[
        float, Knob("share of each target spread over all classes; 0.1 curbs overconfidence", 0, 1)
    ] = 0.0,
) -> Loss:
    """How surprised the model is by the true class, in nats.

    A model that guesses evenly among n classes has a loss of ln n: 2.30 for
    ten. Smoothing raises the lowest loss that can be reached above zero.
    """

    def loss(outputs: Float[Tensor, "batch classes"], targets: Int[Tensor, " batch"]) -> Float[Tensor, ""]:
        return functional.cross_entropy(outputs.float(), targets, label_smoothing=label_smoothing)

    return loss
