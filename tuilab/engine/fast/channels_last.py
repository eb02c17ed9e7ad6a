"""Convolutions with the channels innermost in memory.

oneDNN's convolutions want them so and reorder what comes otherwise, at every call. Weights
in that layout are enough: what a convolution gives then has it too, and so on to the end.
https://docs.pytorch.org/tutorials/intermediate/memory_format_tutorial.html
"""

import torch
from torch import Tensor, nn
from torch.optim import Optimizer


def apply(model: nn.Module) -> None:
    """Lay a model's four-axis weights out with the channels innermost; their values stay."""
    model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def undo(model: nn.Module) -> None:
    """Lay them out as PyTorch does."""
    model.to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]


def lay_out(optimizer: Optimizer) -> None:
    """Lay what an optimizer was given to remember out as its weights: its kernels go by memory alone."""
    for parameter, state in optimizer.state.items():
        for name, value in state.items():
            if (
                isinstance(value, Tensor)
                and value.shape == parameter.shape
                and value.stride() != parameter.stride()
            ):
                state[name] = torch.empty_like(parameter, dtype=value.dtype, requires_grad=False).copy_(value)


def fits(model: nn.Module) -> bool:
    """Whether a model has what this is for: two-dimensional convolutions, on the CPU."""
    convolutions = [module for module in model.modules() if isinstance(module, nn.Conv2d)]
    return bool(convolutions) and all(layer.weight.device.type == "cpu" for layer in convolutions)


def works() -> bool:
    """Return True: this is PyTorch's public interface."""
    return True
