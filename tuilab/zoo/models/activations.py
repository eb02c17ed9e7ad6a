"""The activations a model offers, by the names users type."""

from typing import Annotated, Literal

from torch import Tensor, nn
from torch.nn import functional

from tuilab.knobs import Knob

Activation = Annotated[
    Literal["sigmoid", "hard-sigmoid", "tanh", "relu", "leaky-relu", "gelu", "silu"],
    Knob("what bends the line between two layers"),
]


class Hardsigmoid(nn.Hardsigmoid):
    """torch's, in operations that have a second derivative: sharpness asks for it."""

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 (its name in torch)
        """Return what a sigmoid gives, in three straight lines."""
        return functional.relu6(input + 3) / 6


_LAYERS: dict[str, type[nn.Module]] = {
    "sigmoid": nn.Sigmoid,
    "hard-sigmoid": Hardsigmoid,
    "tanh": nn.Tanh,
    "relu": nn.ReLU,
    "leaky-relu": nn.LeakyReLU,
    "gelu": nn.GELU,
    "silu": nn.SiLU,
}


def activation_layer(name: str) -> nn.Module:
    """Return a fresh layer, so that a probe can tell one place from another."""
    return _LAYERS[name]()
