"""GPT-2: a stack of transformer blocks that guesses the next token.

As published, and as in nanoGPT:
- learned positions, added to the token embeddings;
- layer norm before each half of a block, and once at the end;
- the output matrix is the token embedding itself (tied weights);
- gelu in its tanh form;
- weights start with a spread of 0.02, projections back into the stream with
  0.02 / sqrt(2 * layers), so that the stream's scale does not grow with depth.
"""

import math
from typing import Annotated

import torch
from torch import Tensor, nn
from torch.nn import functional

from tuilab.knobs import Knob
from tuilab.zoo.models.inputs import need_even_heads, need_tokens
from tuilab.zoo.registries import models
from tuilab.zoo.shapes import Float, Int
from tuilab.zoo.tasks.task import Task

_SPREAD = 0.02
"""Radford et al. 2018, section 4.1."""


class Attention(nn.Module):
    """Causal self-attention with several heads."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.dropout = dropout
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)

    def forward(self, x: Float[Tensor, "batch time width"]) -> Float[Tensor, "batch time width"]:
        """Mix each position with those before it."""
        heads = self.qkv(x).unflatten(2, (3, self.heads, -1))  # (batch, time, 3, heads, width / heads)
        query, key, value = heads.permute(2, 0, 3, 1, 4)
        dropout = self.dropout if self.training else 0.0
        mixed = functional.scaled_dot_product_attention(query, key, value, dropout_p=dropout, is_causal=True)
        projected: Tensor = self.out(mixed.transpose(1, 2).flatten(2))
        return projected


class Block(nn.Module):
    """Attention, then a small network at each position, each added to the stream."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.attention_norm = nn.LayerNorm(width)
        self.attention = Attention(width, heads, dropout)
        self.mlp_norm = nn.LayerNorm(width)
        self.widen = nn.Linear(width, 4 * width)
        self.bend = nn.GELU(approximate="tanh")
        self.narrow = nn.Linear(4 * width, width)
        self.drop = nn.Dropout(dropout)

    def forward(self, x: Float[Tensor, "batch time width"]) -> Float[Tensor, "batch time width"]:
        """Return the stream with both halves added."""
        x = x + self.drop(self.attention(self.attention_norm(x)))
        bent: Tensor = self.drop(self.narrow(self.bend(self.widen(self.mlp_norm(x)))))
        return x + bent


@models.register(
    "gpt",
    source="https://cdn.openai.com/better-language-models/language_models_are_unsupervised_multitask_learners.pdf",
    tasks=["language-model"],
)
class GPT(nn.Module):
    """GPT-2: a decoder-only transformer that continues text.

    The architecture is GPT-2's to the letter: with 12 layers, 12 heads, width
    768, a context of 1,024 and its vocabulary it has GPT-2's 124,439,808
    parameters. The context is the data set's.
    """

    def __init__(
        self,
        task: Task,
        *,
        layers: Annotated[int, Knob("transformer blocks", 1, 96)] = 4,
        heads: Annotated[int, Knob("attention heads; must divide the width", 1, 128)] = 4,
        width: Annotated[int, Knob("size of the vector at each position", 1, 16_384)] = 128,
        dropout: Annotated[float, Knob("share switched off in each training step", 0, 0.95)] = 0.0,
    ) -> None:
        super().__init__()
        need_tokens("gpt", task, "language-model")
        need_even_heads(heads, width)
        self.tokens = nn.Embedding(task.tokens, width)
        self.positions = nn.Embedding(task.input_shape[0], width)
        self.drop = nn.Dropout(dropout)
        self.blocks = nn.ModuleList(Block(width, heads, dropout) for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        self._initialise(layers)

    def _initialise(self, layers: int) -> None:
        for name, parameter in self.named_parameters():
            if parameter.ndim >= 2:
                into_stream = name.endswith(("attention.out.weight", "narrow.weight"))
                nn.init.normal_(parameter, std=_SPREAD / math.sqrt(2 * layers) if into_stream else _SPREAD)
            elif name.endswith("bias"):
                nn.init.zeros_(parameter)

    def forward(self, x: Int[Tensor, "batch time"]) -> Float[Tensor, "batch time vocabulary"]:
        """Return raw scores of the token after each position."""
        places = torch.arange(x.shape[1], device=x.device)
        stream = self.drop(self.tokens(x) + self.positions(places))
        for block in self.blocks:
            stream = block(stream)
        return functional.linear(self.norm(stream), self.tokens.weight)
