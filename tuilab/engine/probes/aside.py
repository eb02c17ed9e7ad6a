"""Computing a loss beside the training, without leaving a trace in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from tuilab.engine.compiled import as_written

if TYPE_CHECKING:
    from tuilab.engine.trainer import Trainer
    from tuilab.zoo.splits import Batch


def trained(trainer: "Trainer") -> list[nn.Parameter]:
    """Return the parameters that are trained."""
    return [parameter for parameter in trainer.model.parameters() if parameter.requires_grad]


@contextmanager
def quiet(model: nn.Module) -> Iterator[None]:
    """Put every module into evaluation mode for the length of a block, and each back as it was.

    In that mode dropout draws nothing and batch norm counts nothing.
    """
    modes = [(module, module.training) for module in model.modules()]
    fast = torch.backends.cudnn.enabled
    # cuDNN's recurrent layers go back in training mode only, and never twice; PyTorch's own do both.
    torch.backends.cudnn.enabled = fast and not any(isinstance(module, nn.RNNBase) for module, _ in modes)
    model.eval()
    try:
        with as_written(model):
            yield
    finally:
        torch.backends.cudnn.enabled = fast
        for module, training in modes:
            module.training = training


def loss_of(trainer: "Trainer", batch: "Batch") -> Tensor:
    """Return the mean loss over a batch, with a graph that can be differentiated twice."""
    x, y = batch
    outputs, targets = trainer.built.data.task.forward(trainer.model, x, y)
    return trainer.built.loss_fn(outputs, targets)


def gradients_of(trainer: "Trainer", batch: "Batch") -> list[Tensor]:
    """Return the gradient of the mean loss over a batch, a tensor a trained parameter."""
    with quiet(trainer.model):
        found = torch.autograd.grad(loss_of(trainer, batch), trained(trainer), materialize_grads=True)
    return list(found)


@contextmanager
def twice_differentiable() -> Iterator[None]:
    """Use the attention that has a second derivative; the fast ones have only one."""
    with sdpa_kernel(SDPBackend.MATH):
        yield
