"""A yes or no for every class."""

from torch import Tensor
from torch.nn import functional

from tuilab.zoo.registries import Loss, losses
from tuilab.zoo.shapes import Float, Int
from tuilab.zoo.tasks.task import Task


@losses.register(
    "bce",
    source="https://pytorch.org/docs/stable/generated/torch.nn.BCEWithLogitsLoss.html",
    tasks=["classification"],
)
def bce(task: Task) -> Loss:
    """Binary cross-entropy: each class is asked about by itself, one against the rest.

    Its scores need not compete, so several may be high. It is a mean over
    classes too: with many of them it is small from the start.
    """

    def loss(outputs: Float[Tensor, "batch classes"], targets: Int[Tensor, " batch"]) -> Float[Tensor, ""]:
        scores = outputs.float()
        wanted = functional.one_hot(targets, scores.shape[1]).to(scores.dtype)
        return functional.binary_cross_entropy_with_logits(scores, wanted)

    return loss
