"""BERT's half of the transformer: every position sees every other."""

from typing import Annotated, Literal

from torch import Tensor, nn

from tuilab.knobs import Knob
from tuilab.zoo.models.attention import Block, TokenEmbedding, initialise_small, seen
from tuilab.zoo.models.inputs import need_even_heads, need_tokens
from tuilab.zoo.models.pooling import pooled
from tuilab.zoo.registries import models
from tuilab.zoo.shapes import Float, Int
from tuilab.zoo.tasks.masked_model import MaskedModel
from tuilab.zoo.tasks.task import Task


@models.register(
    "transformer-encoder",
    source="https://arxiv.org/abs/1810.04805",
    tasks=["classification", "regression", MaskedModel.name],
)
class TransformerEncoder(nn.Module):
    """Attention in both directions: classifies texts, or fills the blanks in them.

    As BERT, but with layer norm before each half of a block, which trains
    without a long warm-up. The length of a text is the data set's.
    """

    def __init__(
        self,
        task: Task,
        *,
        layers: Annotated[int, Knob("transformer blocks", 1, 96)] = 2,
        heads: Annotated[int, Knob("attention heads; must divide the width", 1, 128)] = 4,
        width: Annotated[int, Knob("size of the vector at each position", 1, 16_384)] = 128,
        dropout: Annotated[float, Knob("share switched off in each training step", 0, 0.95)] = 0.1,
        pool: Annotated[
            Literal["mean", "max", "first"], Knob("how a classifier makes one vector of a text")
        ] = "mean",
    ) -> None:
        super().__init__()
        need_tokens("transformer-encoder", task, "classification", "regression", MaskedModel.name)
        need_even_heads(heads, width)
        self.padding = task.padding
        self.pool = "" if task.name == MaskedModel.name else pool
        self.embedding = TokenEmbedding(task.tokens, task.input_shape[0], width, dropout)
        self.blocks = nn.ModuleList(Block(width, heads, dropout) for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, task.outputs)
        initialise_small(self)

    def forward(self, x: Int[Tensor, "batch time"]) -> Float[Tensor, "batch *time out"]:
        """Return raw scores: a row for each text, or for each of its positions to fill blanks."""
        visible = seen(x, self.padding)
        stream = self.embedding(x)
        for block in self.blocks:
            stream = block(stream, visible)
        stream = self.norm(stream)
        if self.pool:
            stream = pooled(stream, x != 0, self.pool)
        scores: Tensor = self.head(stream)
        return scores
