"""The norm of every gradient of a model, without a call a tensor where tensors are many and small.

PyTorch's multi-tensor norm is one kernel on a GPU, but a loop on the CPU, whose turns cost a
tiny tensor a thousand times what its numbers do. There the small ones are laid end to end
once and their squares are added up together: a model of 10,000 tiny layers is watched for
a tenth of the price.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

_SMALL = 1024
"""Numbers in a tensor up to which a turn of the loop costs more than copying it."""

_MANY = 16
"""Small tensors from which laying them end to end pays."""


class Norms:
    """Norms of the gradients of a fixed list of parameters."""

    def __init__(self, parameters: Sequence[Tensor]) -> None:
        self._parameters = list(parameters)
        small = [
            number
            for number, p in enumerate(self._parameters)
            if p.device.type == "cpu" and p.dtype == torch.float32 and p.numel() <= _SMALL
        ]
        if len(small) < _MANY:
            small = []
        chosen = set(small)
        self._few = [number for number in range(len(self._parameters)) if number not in chosen]
        self._small = small
        self._places = torch.tensor(self._few, dtype=torch.int64)
        sizes = torch.tensor([self._parameters[number].numel() for number in small])
        self._owners = torch.tensor(small).repeat_interleave(sizes) if small else torch.empty(0)

    @torch.no_grad()
    def __call__(self) -> Tensor:
        """Return the norm of each parameter's gradient as it is now, (parameters,); 0 for none."""
        gradients = [g if (g := p.grad) is not None else torch.zeros_like(p) for p in self._parameters]
        if not self._small:
            return torch.stack(torch._foreach_norm(gradients))
        flat = torch._C._nn.flatten_dense_tensors([gradients[number] for number in self._small])
        norms = torch.zeros(len(gradients)).index_add_(0, self._owners, flat.square_()).sqrt_()
        if self._few:
            large = torch.stack(torch._foreach_norm([gradients[number] for number in self._few]))
            norms.index_copy_(0, self._places, large)
        return norms
