"""Weights as int8: a quarter of the bytes, and multiplications of whole numbers.

Every matrix is rounded symmetrically, one scale a row (an output channel, a token):
w = scale * q with q from -127 to 127 and scale = max|w| / 127. A linear layer
multiplies int8 by int8: what comes in is rounded alike, one scale a sample, found
anew at each call ("dynamic"), and the sums are exact in int32. Other layers (convolutions,
embeddings, recurrent ones) compute in float with the rounded weights. Biases and norms stay float.

Dettmers et al. 2022, "LLM.int8()" (https://arxiv.org/abs/2208.07339), section 2.1, calls
this vector-wise quantisation; Jacob et al. 2018 (https://arxiv.org/abs/1712.05877) the arithmetic.
"""

import torch
from torch import Tensor, nn

from tuilab.zoo import lora
from tuilab.zoo.shapes import Float

_LARGEST = 127
"""-128 is left out, so that a number and its negative round alike."""

SCALE = ".scale"
"""`head.weight` is saved as int8, with `head.weight.scale` beside it."""


class Int8Linear(nn.Module):
    """A linear layer with int8 weights that multiplies whole numbers."""

    def __init__(self, weight: Tensor, scale: Tensor, bias: Tensor | None) -> None:
        """Take int8 (outputs, inputs), float32 (outputs, 1), and a float bias or none."""
        super().__init__()
        self.register_buffer("weight", weight)
        self.register_buffer("scale", scale.flatten())
        self.register_buffer("bias", bias)
        # Over a single input torch's product gives numbers from elsewhere in memory (2.13, on the CPU).
        self._fast = weight.shape[1] > 1 and _has_int8_matmul(weight.device)

    weight: Tensor
    scale: Tensor
    bias: Tensor | None

    @torch.no_grad()
    def forward(self, x: Float[Tensor, "*batch inputs"]) -> Float[Tensor, "*batch outputs"]:
        """Return x W^T + b, with x rounded row by row."""
        rows, row_scale = rounded(x.float().reshape(-1, x.shape[-1]))
        sums = torch._int_mm(rows, self.weight.T) if self._fast else _exact_sums(rows, self.weight)
        outputs = sums.float() * row_scale * self.scale
        if self.bias is not None:
            outputs = outputs + self.bias
        return outputs.reshape(*x.shape[:-1], -1)


def rounded(matrix: Tensor) -> tuple[Tensor, Tensor]:
    """Return int8 of the same shape, and the scale of each row, float32 (rows, 1, ...)."""
    largest = matrix.abs().amax(dim=tuple(range(1, matrix.ndim)), keepdim=True)
    scale = (largest / _LARGEST).clamp(min=torch.finfo(torch.float32).tiny)
    return (matrix / scale).round().clamp(-_LARGEST, _LARGEST).to(torch.int8), scale


@torch.no_grad()
def quantise(model: nn.Module) -> dict[str, Tensor]:
    """Make a model compute with int8 weights from now on, and return what a file of it holds.

    LoRA's additions are merged first. A tied weight is held once, under its first name.
    """
    lora.merge(model)
    held: dict[str, Tensor] = {}
    # By the tensor: a tied weight has one name here, and several layers.
    wholes: dict[Tensor, tuple[Tensor, Tensor]] = {}
    for name, parameter in model.named_parameters():
        if parameter.ndim < 2:
            held[name] = parameter.detach().clone()
            continue
        whole, scale = rounded(parameter.detach().float())
        held[name], held[name + SCALE] = wholes[parameter] = whole, scale
        parameter.copy_(whole.float() * scale)
    held |= {name: buffer.clone() for name, buffer in model.named_buffers()}
    # torch's own attention reads the weight of its output layer, which is of another type, and keeps it.
    linear = {name: module for name, module in model.named_modules() if type(module) is nn.Linear and name}
    for name, layer in linear.items():
        parent, _, child = name.rpartition(".")
        bias = None if layer.bias is None else layer.bias.detach()
        model.get_submodule(parent).add_module(child, Int8Linear(*wholes[layer.weight], bias))
    return held


def size_of(tensors: dict[str, Tensor]) -> int:
    """Return the bytes of tensors by name."""
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors.values())


def _has_int8_matmul(device: torch.device) -> bool:
    """Return whether torch multiplies int8 here, and exactly; on CUDA it wants shapes that not all have."""
    if device.type != "cpu":
        return False
    probe = torch.tensor([[_LARGEST, -_LARGEST, 3, 5]], dtype=torch.int8)
    try:
        return int(torch._int_mm(probe, probe.T)) == 2 * _LARGEST**2 + 9 + 25
    except (AttributeError, RuntimeError):
        return False


def _exact_sums(rows: Tensor, weight: Tensor) -> Tensor:
    """Return the same sums through float64, which holds every whole number that can occur."""
    return rows.double() @ weight.double().T
