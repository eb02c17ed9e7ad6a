"""An optimizer on a model, as the trainer would have it, and one step of it."""

from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer

from tuilab.registry import Entry
from tuilab.zoo.optimizers.groups import groups


def take_step(optimizer: Optimizer, closure: Callable[[], Any]) -> Any:
    """Step as the trainer does: forward and backward first, but for those that ask for them again."""
    if isinstance(optimizer, torch.optim.LBFGS):
        return optimizer.step(closure)
    loss = closure()
    optimizer.step()
    return loss


def optimizer_of(entry: Entry[Optimizer], model: nn.Module, **knobs: Any) -> Optimizer:
    return entry.build(groups(model, knobs.get("weight_decay", entry.card["weight_decay"].default)), **knobs)
