"""Modules around a module or function, so that it takes one tensor and gives one, features last.

Some of PyTorch's own layers give pairs or want the axes in another order, and could
not stand in a chain as they are.
"""

from collections.abc import Callable

from torch import Tensor, nn


class Function(nn.Module):
    """A step without weights, under a name of its own."""

    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        """Apply it."""
        return self.function(x)


class Added(nn.Module):
    """What some layers give, added to what went into them."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, x: Tensor) -> Tensor:
        """Add both."""
        added: Tensor = x + self.inner(x)
        return added


class States(nn.Module):
    """The states of a recurrent layer, without the pair that it gives them in."""

    def __init__(self, layer: nn.RNNBase) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: Tensor) -> Tensor:
        """Return the state at each time."""
        states: Tensor = self.layer(x)[0]
        return states


class OverTime(nn.Module):
    """A layer for (batch, width, time), given (batch, time, width)."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: Tensor) -> Tensor:
        """Turn the axes, there and back."""
        turned: Tensor = self.layer(x.transpose(1, 2))
        return turned.transpose(1, 2)
