"""Momentum whose every direction in a weight matrix is given the same length.

A gradient matrix is mostly a few strong directions. Muon replaces its singular
values by ones, so the rare directions are learned too; what is no matrix gets
AdamW. Matrices of one shape are treated together, in a single batch.
"""

import math
from collections.abc import Callable, Iterator
from typing import Annotated, Any, Literal

import torch
from torch import Tensor
from torch.optim import Optimizer

from tuilab.knobs import Knob
from tuilab.zoo.optimizers.groups import (
    Beta1,
    Beta2,
    Epsilon,
    Groups,
    LearningRate,
    Momentum,
    WeightDecay,
    count,
    memory,
    with_gradients,
)
from tuilab.zoo.registries import optimizers

_QUINTIC = (3.4445, -4.7750, 2.0315)
"""Jordan et al. 2024: steepest at zero, so that five rounds bring every singular value near 1."""

_SMALLEST = 1e-7
"""Keeps a matrix of zeros what it is."""


class Muon(Optimizer):
    """Jordan et al. 2024, with the step size of Liu et al. 2025 where it is asked for."""

    def __init__(self, parameters: Groups, **settings: Any) -> None:
        super().__init__(list(_sorted_out(parameters)), {**settings, "foreach": True, "orthogonal": False})

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Take an orthogonal step with each matrix and an AdamW step with everything else."""
        loss = None if closure is None else torch.enable_grad()(closure)()
        for group in self.param_groups:
            parameters, gradients = with_gradients(group)
            if not parameters:
                continue
            if group["orthogonal"]:
                self._step_matrices(group, parameters, gradients)
            else:
                self._step_others(group, parameters, gradients)
        return loss

    def _step_matrices(self, group: dict[str, Any], matrices: list[Tensor], gradients: list[Tensor]) -> None:
        momenta = memory(self, matrices, "momentum")
        torch._foreach_lerp_(momenta, gradients, 1 - group["momentum"])
        looked_ahead = torch._foreach_lerp(gradients, momenta, group["momentum"])
        directions = looked_ahead if group["nesterov"] else momenta
        torch._foreach_mul_(matrices, 1 - group["lr"] * group["weight_decay"])
        for alike in _by_shape(matrices):
            stacked = torch.stack([directions[number].flatten(1) for number in alike])
            length = _length(group["scale"], *stacked.shape[1:])
            steps = orthogonalised(stacked, group["iterations"]).to(stacked.dtype)
            updates = [
                step.view_as(matrices[number]) for step, number in zip(steps.unbind(), alike, strict=True)
            ]
            torch._foreach_add_([matrices[number] for number in alike], updates, alpha=-group["lr"] * length)

    def _step_others(self, group: dict[str, Any], parameters: list[Tensor], gradients: list[Tensor]) -> None:
        beta1, beta2 = group["betas"]
        lr = group["lr"] * group["adam_lr"]
        steps = count(self, parameters)
        means = memory(self, parameters, "mean")
        squares = memory(self, parameters, "square")
        torch._foreach_mul_(parameters, 1 - lr * group["weight_decay"])
        torch._foreach_lerp_(means, gradients, 1 - beta1)
        torch._foreach_mul_(squares, beta2)
        torch._foreach_addcmul_(squares, gradients, gradients, 1 - beta2)
        divisors = torch._foreach_sqrt(squares)
        torch._foreach_div_(divisors, [math.sqrt(1 - beta2**step) for step in steps])
        torch._foreach_add_(divisors, group["eps"])
        torch._foreach_addcdiv_(parameters, means, divisors, [-lr / (1 - beta1**step) for step in steps])


def orthogonalised(matrices: Tensor, iterations: int) -> Tensor:
    """Return matrices (batch, rows, columns) with their singular values brought near 1.

    Newton and Schulz's iteration needs products only: half the precision, and
    several times the speed, where there is a GPU for it.
    """
    wide = matrices.mT if matrices.shape[1] > matrices.shape[2] else matrices
    exact = wide.dtype if wide.dtype == torch.float64 else torch.float32
    x = wide.to(torch.bfloat16 if wide.is_cuda else exact)
    x = x / x.norm(dim=(1, 2), keepdim=True).clamp(min=_SMALLEST)
    a, b, c = _QUINTIC
    for _ in range(iterations):
        square = x @ x.mT
        x = torch.baddbmm(x, torch.baddbmm(square, square, square, beta=b, alpha=c), x, beta=a)
    return x.mT if matrices.shape[1] > matrices.shape[2] else x


def _length(scale: str, rows: int, columns: int) -> float:
    """Return what an orthogonal matrix is multiplied by, beside the rate."""
    if scale == "adamw":
        return 0.2 * math.sqrt(max(rows, columns))  # Liu et al. 2025, eq. 4: the usual size of an AdamW step
    return math.sqrt(max(1.0, rows / columns))


def _by_shape(matrices: list[Tensor]) -> list[list[int]]:
    """Return the numbers of the matrices of each shape, once flattened to two axes."""
    alike: dict[tuple[int, int, torch.dtype], list[int]] = {}
    for number, matrix in enumerate(matrices):
        alike.setdefault((len(matrix), matrix[0].numel(), matrix.dtype), []).append(number)
    return list(alike.values())


def _sorted_out(parameters: Groups) -> Iterator[dict[str, Any]]:
    """Part each group into matrices and the rest: vectors, and tables that are looked up."""
    for group in parameters:
        tables = set(group.get("tables", []))
        matrices = [p for n, p in enumerate(group["params"]) if p.ndim >= 2 and n not in tables]
        others = [p for n, p in enumerate(group["params"]) if p.ndim < 2 or n in tables]
        settings = {key: value for key, value in group.items() if key != "tables"}
        if matrices:
            yield {**settings, "params": matrices, "orthogonal": True}
        if others:
            yield {**settings, "params": others, "orthogonal": False}


@optimizers.register("muon", source="https://kellerjordan.github.io/posts/muon/")
def muon(
    parameters: Groups,
    *,
    lr: LearningRate = 1e-2,
    momentum: Momentum = 0.95,
    nesterov: Annotated[bool, Knob("look one step ahead of the momentum")] = True,
    iterations: Annotated[int, Knob("rounds of Newton and Schulz; 5 bring the lengths near 1", 1, 20)] = 5,
    scale: Annotated[
        Literal["adamw", "spectral"],
        Knob(
            "adamw: steps as large as AdamW's, so its rate fits; spectral: as first published, lr near 0.02"
        ),
    ] = "adamw",
    adam_lr: Annotated[
        float, Knob("rate of what is no matrix, as a multiple of lr; 0.1 beside scale = spectral", 0, 100)
    ] = 1.0,
    beta1: Beta1 = 0.9,
    beta2: Beta2 = 0.95,
    eps: Epsilon = 1e-8,
    weight_decay: WeightDecay = 0.01,
) -> Optimizer:
    """Momentum made orthogonal for matrices and convolutions, AdamW for everything else.

    A convolution counts as a matrix of (maps, everything before them).
    Embeddings, biases and norms get AdamW with beta1, beta2 and eps. Trains
    small GPTs in about two thirds of AdamW's steps (Jordan et al. 2024).
    """
    return Muon(
        parameters,
        lr=lr,
        momentum=momentum,
        nesterov=nesterov,
        iterations=iterations,
        scale=scale,
        adam_lr=adam_lr,
        betas=(beta1, beta2),
        eps=eps,
        weight_decay=weight_decay,
    )
