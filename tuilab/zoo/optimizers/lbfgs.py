"""Newton's method from memory: the curvature is guessed from the last steps."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

import torch
from torch import Tensor
from torch.optim import Optimizer

from tuilab.knobs import Knob
from tuilab.zoo.optimizers.groups import Groups, LearningRate, WeightDecay
from tuilab.zoo.registries import optimizers

_LEAST_LOOKS = 25
"""Passes that a call may take, however few its steps: as many as PyTorch gives the usual twenty."""


class LBFGS(torch.optim.LBFGS):
    """PyTorch's, with weight decay as a part of what is minimised."""

    def __init__(self, parameters: Groups, *, weight_decay: float, **settings: Any) -> None:
        super().__init__([tensor for group in parameters for tensor in group["params"]], **settings)
        self.param_groups[0]["weight_decay"] = weight_decay
        self._decaying: list[Tensor] = [
            tensor for group in parameters if group.get("decays", True) for tensor in group["params"]
        ]

    @torch.no_grad()
    def step(self, closure: Callable[[], Any]) -> Any:  # type: ignore[override]
        """Take up to `iterations` steps on the same batch.

        Args:
            closure: clears the gradients, computes the loss and its gradients
                anew, and returns the loss. Called once a step or more often.
        """
        if self.param_groups[0]["lr"] == 0:
            return torch.enable_grad()(closure)()  # a line search along no line would divide by zero
        return super().step(lambda: self._decayed(closure))  # type: ignore[no-untyped-call]

    def _decayed(self, closure: Callable[[], Any]) -> Any:
        """Return loss and gradients of the loss with the penalty."""
        loss = closure().detach()
        weight_decay = self.param_groups[0]["weight_decay"]
        decaying = [tensor.detach() for tensor in self._decaying if tensor.grad is not None]
        if not weight_decay or not decaying:
            return loss
        gradients = [tensor.grad for tensor in self._decaying if tensor.grad is not None]
        torch._foreach_add_(gradients, decaying, alpha=weight_decay)
        penalty = torch.stack(torch._foreach_norm(decaying)).square().sum()
        return loss + weight_decay / 2 * penalty


@optimizers.register("lbfgs", source="https://doi.org/10.1007/BF01589116", closure=True)
def lbfgs(
    parameters: Groups,
    *,
    lr: LearningRate = 1.0,
    iterations: Annotated[int, Knob("steps taken on the same batch; each is a pass or more", 1, 1000)] = 20,
    history: Annotated[int, Knob("past steps from which the curvature is guessed", 1, 1000)] = 10,
    line_search: Annotated[
        Literal["strong-wolfe", "none"], Knob("how far to go: tried out, or lr as it is")
    ] = "strong-wolfe",
    weight_decay: WeightDecay = 0.0,
) -> Optimizer:
    """Limited-memory BFGS: long, well aimed steps for small models and `data.batch_size = "full"`.

    Liu and Nocedal 1989. It trusts that the loss is the same function at every
    call, so small batches and dropout mislead it. Each step runs the model
    several times; a rate of 1 is the natural one.
    """
    return LBFGS(
        parameters,
        lr=lr,
        max_iter=iterations,
        # A search along a line gets what is left of these: by PyTorch's rule none where steps are few.
        max_eval=max(iterations * 5 // 4, _LEAST_LOOKS),
        history_size=history,
        line_search_fn="strong_wolfe" if line_search == "strong-wolfe" else None,
        weight_decay=weight_decay,
    )
