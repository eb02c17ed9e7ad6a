"""The step of Adam and AdamW: their fused kernel, called with lists that are kept.

On the CPU `Optimizer.step` gathers the same lists anew at every step, which costs a small
model as much as the kernel itself (about 0.15 ms). The kernel, the state and so every bit
of the result are torch's own. Where anything is out of the ordinary (another optimizer, a
hook, AMSGrad, a parameter without a gradient, a state just loaded) `Optimizer.step` does it.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor
from torch.optim import Adam, AdamW, Optimizer

_KERNELS: dict[type[Optimizer], str] = {Adam: "_fused_adam_", AdamW: "_fused_adamw_"}
"""Private to torch: see `works`."""


@dataclass(slots=True)
class _Kept:
    """The lists of one parameter group, in the kernel's order."""

    group: dict[str, Any]
    parameters: list[Tensor]
    means: list[Tensor]
    squares: list[Tensor]
    counts: list[Tensor]


class AdamStep:
    """Steps an optimizer, by the shortest way that gives what its own `step` gives."""

    def __init__(self, optimizer: Optimizer, plain: bool = False, trusted: bool = False) -> None:
        """Look whether the short way fits.

        Args:
            optimizer: any; those that do not fit are stepped as they are.
            plain: step every one as it is.
            trusted: leave out the test of the kernel, as the test itself does.
        """
        self._optimizer = optimizer
        self._fits = not plain and _fits(optimizer) and (trusted or works())
        self._kernel: Any = getattr(torch, _KERNELS.get(type(optimizer), ""), None)
        self._kept: list[_Kept] = []
        self._counts: list[Tensor] = []
        self._state: Any = None
        """The optimizer's table of states that the lists were taken from; loading one makes another."""

    @torch.no_grad()
    def step(self) -> None:
        """Update the parameters from their gradients."""
        if not self._fits or self._optimizer.state is not self._state:
            self._optimizer.step()  # makes the state, where there is none yet
            if self._fits:
                self._keep()
            return
        gradients = [[parameter.grad for parameter in kept.parameters] for kept in self._kept]
        changed = any(kept.group["amsgrad"] for kept in self._kept)  # while the run went on
        if changed or any(gradient is None for some in gradients for gradient in some):
            self._optimizer.step()
            return
        torch._foreach_add_(self._counts, 1)
        for kept, some in zip(self._kept, gradients, strict=True):
            self._launch(kept, some)

    def _launch(self, kept: _Kept, gradients: list[Any]) -> None:
        group = kept.group
        beta1, beta2 = group["betas"]
        self._kernel(
            kept.parameters, gradients, kept.means, kept.squares, [], kept.counts,
            lr=group["lr"], beta1=beta1, beta2=beta2, weight_decay=group["weight_decay"], eps=group["eps"],
            amsgrad=False, maximize=False, grad_scale=None, found_inf=None,
        )  # fmt: skip

    def _keep(self) -> None:
        """Gather the lists, once every parameter has a state."""
        state = self._optimizer.state
        groups = self._optimizer.param_groups
        if any(parameter not in state for group in groups for parameter in group["params"]):
            return
        self._kept = []
        for group in groups:
            parameters = list(group["params"])
            states = [state[parameter] for parameter in parameters]
            columns = ([each[name] for each in states] for name in ("exp_avg", "exp_avg_sq", "step"))
            self._kept.append(_Kept(group, parameters, *columns))
        self._counts = [count for kept in self._kept for count in kept.counts]
        self._state = state


def _fits(optimizer: Optimizer) -> bool:
    """Whether an optimizer is torch's own, fused and plain, with all its parameters on the CPU."""
    if type(optimizer) not in _KERNELS:
        return False
    hooked = optimizer._optimizer_step_pre_hooks or optimizer._optimizer_step_post_hooks
    groups = optimizer.param_groups
    plain = all(group["fused"] and not (group["amsgrad"] or group["maximize"]) for group in groups)
    tensors = [parameter for group in groups for parameter in group["params"]]
    return plain and not hooked and all(p.device.type == "cpu" and p.dtype == torch.float32 for p in tensors)


@lru_cache(maxsize=1)
def works() -> bool:
    """Whether the kernel, called so, gives here what `AdamW.step` gives with it."""
    results = []
    for short in (False, True):
        weight = torch.linspace(-1, 1, 7).requires_grad_()
        optimizer = AdamW([weight], lr=0.1, fused=True)
        step = AdamStep(optimizer, trusted=True).step if short else optimizer.step
        for _ in range(3):
            weight.grad = weight.detach() * 2
            try:
                step()
            except (TypeError, RuntimeError):  # gone, or with another signature
                return False
        results.append(weight.detach())
    return torch.equal(*results)
