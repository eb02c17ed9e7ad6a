"""Attention and transformer blocks that the encoders and decoders of the zoo share.

Layer norm before each half of a block, gelu between its two linear layers:
what most networks after Vaswani et al. 2017 settled on. `gpt` keeps blocks of
its own, because they are GPT-2's to the letter.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from tuilab.zoo.shapes import Float, Int

SPREAD = 0.02
"""Of starting weights (Devlin et al. 2019)."""


class Attention(nn.Module):
    """Attention with several heads, to the sequence itself or to another."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.dropout = dropout
        self.query = nn.Linear(width, width)
        self.key_value = nn.Linear(width, 2 * width)
        self.out = nn.Linear(width, width)

    def forward(
        self,
        x: Float[Tensor, "batch time width"],
        memory: Float[Tensor, "batch places width"],
        seen: Tensor | None = None,
        causal: bool = False,
    ) -> Float[Tensor, "batch time width"]:
        """Mix what each position of x finds in the memory.

        Args:
            x: asks.
            memory: is asked; x itself for self-attention.
            seen: bool (batch, 1, 1, places), False where the memory is padding.
            causal: let no position see those after it.
        """
        query = self.query(x).unflatten(2, (self.heads, -1)).transpose(1, 2)  # (batch, heads, time, each)
        key, value = self.key_value(memory).unflatten(2, (2, self.heads, -1)).permute(2, 0, 3, 1, 4)
        mixed = functional.scaled_dot_product_attention(
            query, key, value, seen, dropout_p=self.dropout if self.training else 0.0, is_causal=causal
        )
        projected: Tensor = self.out(mixed.transpose(1, 2).flatten(2))
        return projected


class Block(nn.Module):
    """Self-attention, attention to a memory where there is one, then a small network at each position."""

    def __init__(
        self, width: int, heads: int, dropout: float, *, causal: bool = False, reads_memory: bool = False
    ) -> None:
        super().__init__()
        self.causal = causal
        self.attention_norm = nn.LayerNorm(width)
        self.attention = Attention(width, heads, dropout)
        self.memory_norm = nn.LayerNorm(width) if reads_memory else None
        self.memory_attention = Attention(width, heads, dropout) if reads_memory else None
        self.mlp_norm = nn.LayerNorm(width)
        self.widen = nn.Linear(width, 4 * width)
        self.bend = nn.GELU()
        self.narrow = nn.Linear(4 * width, width)
        self.drop = nn.Dropout(dropout)

    def forward(
        self,
        x: Float[Tensor, "batch time width"],
        seen: Tensor | None = None,
        memory: Tensor | None = None,
        memory_seen: Tensor | None = None,
    ) -> Float[Tensor, "batch time width"]:
        """Return the stream with each half added."""
        normed = self.attention_norm(x)
        x = x + self.drop(self.attention(normed, normed, seen, self.causal))
        if self.memory_attention is not None and self.memory_norm is not None:
            assert memory is not None
            x = x + self.drop(self.memory_attention(self.memory_norm(x), memory, memory_seen))
        bent: Tensor = self.drop(self.narrow(self.bend(self.widen(self.mlp_norm(x)))))
        return x + bent


class TokenEmbedding(nn.Module):
    """Tokens and their places as vectors."""

    def __init__(self, tokens: int, places: int, width: int, dropout: float) -> None:
        super().__init__()
        self.tokens = nn.Embedding(tokens, width)
        self.places = nn.Embedding(places, width)
        self.drop = nn.Dropout(dropout)

    def forward(self, x: Int[Tensor, "batch time"]) -> Float[Tensor, "batch time width"]:
        """Return a vector for each position."""
        places = torch.arange(x.shape[1], device=x.device)
        embedded: Tensor = self.drop(self.tokens(x) + self.places(places))
        return embedded


def seen(x: Int[Tensor, "batch time"], padding: int | None) -> Tensor | None:
    """Return bool (batch, 1, 1, time): what attention may look at; None where that is everything."""
    if padding is None:
        return None
    real = x != padding
    # Of an empty text the first place is seen: attention to nothing would be NaN.
    first = torch.arange(x.shape[1], device=x.device) == 0
    return (real | (first & ~real.any(dim=1, keepdim=True)))[:, None, None, :]


@torch.no_grad()
def initialise_small(model: nn.Module) -> None:
    """Draw every matrix with a spread of 0.02 and set every bias to zero."""
    for module in model.modules():
        if isinstance(module, nn.Linear | nn.Embedding | nn.Conv2d):
            nn.init.normal_(module.weight, std=SPREAD)
        if isinstance(module, nn.Linear | nn.Conv2d) and module.bias is not None:
            nn.init.zeros_(module.bias)
