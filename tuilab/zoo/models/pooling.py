"""From a vector at each position to one for the whole text, padding left out."""

import torch
from torch import Tensor

from tuilab.zoo.shapes import Float


def pooled(x: Float[Tensor, "batch time width"], real: Tensor, how: str) -> Float[Tensor, "batch width"]:
    """Return one vector a text.

    Args:
        x: a vector at each position.
        real: bool (batch, time), False where the text is filled up. An empty text gives zeros,
            but the vector at the first place for "first" and "last".
        how: "mean" or "max" over the real positions, or the "first" or "last" of them.
    """
    if how == "first":
        return x[:, 0]
    if how == "last":
        last = (real.sum(dim=1) - 1).clamp(min=0)
        return x[torch.arange(len(x), device=x.device), last]
    shown = real[:, :, None]
    if how == "max":
        lowest = torch.finfo(x.dtype).min
        return x.masked_fill(~shown, lowest).amax(dim=1) * real.any(dim=1, keepdim=True)
    return (x * shown).sum(dim=1) / real.sum(dim=1, keepdim=True).clamp(min=1)
