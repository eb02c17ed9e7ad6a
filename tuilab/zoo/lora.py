"""LoRA: a large matrix stays as it is, and a product of two thin ones is trained beside it.

Hu et al. 2021, "LoRA: Low-Rank Adaptation of Large Language Models"
(https://arxiv.org/abs/2106.09685), section 4.1: h = W x + (alpha / rank) B A x, with A
drawn from a Gaussian and B zero, so that at first the model computes what it did before.

The addition hangs on its layer as a forward hook: the layer itself, its weights and their
names stay what they were, whatever kernel computes it.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from tuilab.errors import TuilabError
from tuilab.zoo.shapes import Float

CHILD = "lora"
"""What the addition is called within its layer: `head.weight` gets `head.lora.down.weight` beside it."""


class LowRank(nn.Module):
    """What is added to a linear layer's output: its input through two thin matrices."""

    def __init__(self, layer: nn.Linear, rank: int, alpha: float, dropout: float) -> None:
        super().__init__()
        self.scale = alpha / rank
        self.drop = nn.Dropout(dropout)
        self.down = nn.Linear(layer.in_features, rank, bias=False)
        self.up = nn.Linear(rank, layer.out_features, bias=False)
        # The paper gives no spread: with this one `down` keeps the scale of what comes in.
        nn.init.normal_(self.down.weight, std=layer.in_features**-0.5)
        nn.init.zeros_(self.up.weight)
        self.hook = layer.register_forward_hook(_add)

    def forward(self, x: Float[Tensor, "*batch inputs"]) -> Float[Tensor, "*batch outputs"]:
        """Return B A x, scaled."""
        added: Tensor = self.up(self.down(self.drop(x))) * self.scale
        return added


def _add(layer: nn.Module, inputs: tuple[Any, ...], output: Tensor) -> Tensor:
    """Return a layer's output with the addition that hangs on it."""
    added: Tensor = getattr(layer, CHILD)(inputs[0])
    return output + added


def add(model: nn.Module, names: Sequence[str], *, rank: int, alpha: float, dropout: float) -> None:
    """Hang an addition on each of these linear layers; draws from torch's global random state.

    Raises:
        TuilabError: a name is not a linear layer's.
    """
    for name in names:
        layer = model.get_submodule(name)
        if not isinstance(layer, nn.Linear):
            raise TuilabError(
                f"model.lora: target {name} is a {type(layer).__name__}; LoRA is for linear layers. "
                "Other layers are trained in full where `beside` names them."
            )
        layer.add_module(CHILD, LowRank(layer, rank, alpha, dropout))


@torch.no_grad()
def merge(model: nn.Module) -> None:
    """Add every addition to its layer's own weights and take it away: the same function, to rounding."""
    for layer in list(model.modules()):
        addition = getattr(layer, CHILD, None)
        if isinstance(layer, nn.Linear) and isinstance(addition, LowRank):
            layer.weight.copy_(_sum(layer.weight, addition.down.weight, addition.up.weight, addition.scale))
            addition.hook.remove()
            delattr(layer, CHILD)


def merged(tensors: dict[str, Tensor], scale: float) -> dict[str, Tensor]:
    """Return saved tensors by name with every addition in its layer's own weight.

    Args:
        tensors: as a checkpoint holds them.
        scale: alpha / rank of the run that saved them.
    """
    down, up = f".{CHILD}.down.weight", f".{CHILD}.up.weight"
    layers = [name.removesuffix(down) for name in tensors if name.endswith(down)]
    rest = {name: tensor for name, tensor in tensors.items() if not name.endswith((down, up))}
    for layer in layers:
        weight = f"{layer}.weight"
        rest[weight] = _sum(tensors[weight], tensors[layer + down], tensors[layer + up], scale)
    return rest


def _sum(weight: Tensor, down: Tensor, up: Tensor, scale: float) -> Tensor:
    """Return W + scale * B A, computed in float64 so that it is rounded once."""
    return (weight.double() + scale * (up.double() @ down.double())).to(weight.dtype)
