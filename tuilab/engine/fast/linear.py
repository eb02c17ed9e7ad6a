"""Linear layers by oneDNN instead of MKL.

On AVX-512 AMD, MKL multiplies float32 matrices at half the rate of the oneDNN in the same
PyTorch; on Intel it is the other way round. So it is tried, never assumed. The operator is
private to torch: `works` tests it, and `F.linear` does whatever it is not made for.
"""

from functools import lru_cache
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional


def apply(model: nn.Module) -> None:
    """Let a model's linear layers compute by oneDNN. Names, weights and hooks stay as they are."""
    for module in model.modules():
        if type(module) is nn.Linear:  # a class of someone else's computes as it likes
            module.__class__ = FastLinear


def undo(model: nn.Module) -> None:
    """Let them compute as they did."""
    for module in model.modules():
        if type(module) is FastLinear:
            module.__class__ = nn.Linear  # type: ignore[assignment]


def fits(model: nn.Module) -> bool:
    """Whether a model has what this is for: float32 linear layers, on the CPU."""
    layers = [module for module in model.modules() if type(module) is nn.Linear]
    weights = [layer.weight for layer in layers]
    return bool(layers) and all(w.device.type == "cpu" and w.dtype == torch.float32 for w in weights)


class FastLinear(nn.Linear):
    """`nn.Linear` by oneDNN, at any number of axes."""

    def forward(self, x: Tensor) -> Tensor:
        """Return x W^T + b, (..., outputs)."""
        if x.dtype != torch.float32 or not x.numel() or torch.is_autocast_enabled("cpu"):
            return functional.linear(x, self.weight, self.bias)
        rows = x.reshape(-1, x.shape[-1]).contiguous()
        result: Tensor = _Linear.apply(rows, self.weight, self.bias)  # type: ignore[no-untyped-call]
        return result if x.ndim == 2 else result.view(*x.shape[:-1], -1)


class _Linear(torch.autograd.Function):
    """x W^T + b; its gradients are products of the same kind, and so can be derived again."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        ctx.save_for_backward(x, weight)
        return _operator(x, weight, bias)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
        x, weight = ctx.saved_tensors
        gradient = gradient.contiguous()  # that of a sum is one number seen many times
        wants_x, wants_weight, wants_bias = ctx.needs_input_grad
        return (
            _product(gradient, weight.t()) if wants_x else None,
            _product(gradient.t(), x.t()) if wants_weight else None,
            gradient.sum(0) if wants_bias else None,
        )


def _product(a: Tensor, b: Tensor) -> Tensor:
    """Return a b^T."""
    if torch.is_grad_enabled():  # a second derivative is wanted
        product: Tensor = _Linear.apply(a, b, None)  # type: ignore[no-untyped-call]
        return product
    return _operator(a, b, None)


def _operator(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    result: Tensor = torch.ops.mkldnn._linear_pointwise(x, weight, bias, "none", [], "")
    return result


@lru_cache(maxsize=1)
def works() -> bool:
    """Whether the operator is there and gives what `F.linear` gives, with both gradients."""
    x = torch.linspace(-1, 1, 24).reshape(4, 6).requires_grad_()
    weight = torch.linspace(1, -2, 30).reshape(5, 6).requires_grad_()
    bias = torch.linspace(0, 1, 5).requires_grad_()
    try:
        results = []
        for linear in (functional.linear, _Linear.apply):
            y = linear(x, weight, bias)
            results.append([y, *torch.autograd.grad(y.square().sum(), (x, weight, bias))])
    except (AttributeError, RuntimeError, NotImplementedError):
        return False
    return all(torch.allclose(a, b, rtol=1e-5, atol=1e-6) for a, b in zip(*results, strict=True))
