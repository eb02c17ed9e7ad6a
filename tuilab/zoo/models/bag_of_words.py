"""The words of a text in any order: the baseline every reader must beat."""

from typing import Annotated, Literal

from torch import Tensor, nn

from tuilab.knobs import Knob
from tuilab.zoo.models.inputs import need_tokens
from tuilab.zoo.models.pooling import pooled
from tuilab.zoo.registries import models
from tuilab.zoo.shapes import Float, Int
from tuilab.zoo.tasks.task import Task


@models.register(
    "bag-of-words", source="https://arxiv.org/abs/1607.01759", tasks=["classification", "regression"]
)
class BagOfWords(nn.Module):
    """A vector for each word, their mean, and a linear layer: fastText's classifier.

    It reads no order, yet for topic and mood it comes close to far larger
    models and trains in seconds.
    """

    def __init__(
        self,
        task: Task,
        *,
        width: Annotated[int, Knob("size of the vector of each word", 1, 16_384)] = 64,
        pool: Annotated[Literal["mean", "max"], Knob("how the words of a text become one vector")] = "mean",
        dropout: Annotated[float, Knob("share switched off in each training step", 0, 0.95)] = 0.0,
    ) -> None:
        super().__init__()
        need_tokens("bag-of-words", task, "classification", "regression")
        self.pool = pool
        self.words = nn.Embedding(task.tokens, width, padding_idx=0)
        self.drop = nn.Dropout(dropout)
        self.head = nn.Linear(width, task.outputs)

    def forward(self, x: Int[Tensor, "batch time"]) -> Float[Tensor, "batch out"]:
        """Return raw scores, one row a text."""
        scores: Tensor = self.head(self.drop(pooled(self.words(x), x != 0, self.pool)))
        return scores
