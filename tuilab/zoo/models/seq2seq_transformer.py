"""The transformer as first published: an encoder that reads, a decoder that writes."""

from typing import Annotated

from torch import Tensor, nn

from tuilab.knobs import Knob
from tuilab.zoo.models.attention import Block, TokenEmbedding, initialise_small, seen
from tuilab.zoo.models.inputs import need_even_heads, need_tokens
from tuilab.zoo.registries import models
from tuilab.zoo.shapes import Float, Int
from tuilab.zoo.tasks.seq2seq import PADDING, Seq2Seq
from tuilab.zoo.tasks.task import Task


@models.register("seq2seq-transformer", source="https://arxiv.org/abs/1706.03762", tasks=[Seq2Seq.name])
class Seq2SeqTransformer(nn.Module):
    """Attention reads the source in both directions and writes the target from left to right.

    Vaswani et al. 2017 with learned positions, gelu, and layer norm before each
    half of a block, which trains without a long warm-up.
    """

    def __init__(
        self,
        task: Task,
        *,
        layers: Annotated[int, Knob("transformer blocks on each side", 1, 96)] = 2,
        heads: Annotated[int, Knob("attention heads; must divide the width", 1, 128)] = 4,
        width: Annotated[int, Knob("size of the vector at each position", 1, 16_384)] = 128,
        dropout: Annotated[float, Knob("share switched off in each training step", 0, 0.95)] = 0.1,
    ) -> None:
        super().__init__()
        need_tokens("seq2seq-transformer", task, Seq2Seq.name)
        assert isinstance(task, Seq2Seq)
        need_even_heads(heads, width)
        self.source = TokenEmbedding(task.tokens, task.input_shape[0], width, dropout)
        self.target = TokenEmbedding(task.outputs, task.target_length, width, dropout)
        self.readers = nn.ModuleList(Block(width, heads, dropout) for _ in range(layers))
        self.writers = nn.ModuleList(
            Block(width, heads, dropout, causal=True, reads_memory=True) for _ in range(layers)
        )
        self.memory_norm = nn.LayerNorm(width)
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, task.outputs)
        initialise_small(self)

    def forward(
        self, x: Int[Tensor, "batch source"], given: Int[Tensor, "batch time"]
    ) -> Float[Tensor, "batch time vocabulary"]:
        """Return raw scores of the token after each given one."""
        visible = seen(x, PADDING)
        memory = self.source(x)
        for reader in self.readers:
            memory = reader(memory, visible)
        memory = self.memory_norm(memory)
        stream = self.target(given)
        for writer in self.writers:
            stream = writer(stream, None, memory, visible)
        scores: Tensor = self.head(self.norm(stream))
        return scores
