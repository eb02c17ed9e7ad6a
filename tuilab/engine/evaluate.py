"""How good a model is on a split, in one pass without a gradient."""

import torch
from torch import nn

from tuilab.engine.loader import one_pass
from tuilab.zoo.registries import Loss
from tuilab.zoo.splits import Split
from tuilab.zoo.tasks.task import Score, Task


@torch.no_grad()
def evaluate(
    model: nn.Module, task: Task, loss_fn: Loss, split: Split, batch_size: int, device: torch.device
) -> Score:
    """Return the score of a whole split: loss, the task's metrics, and what else it leaves behind.

    Draws no random number and leaves the model in the mode it was in.
    """
    was_training = model.training
    model.eval()
    score = task.score(model, device)
    for x, y in one_pass(split, batch_size, device):
        outputs, targets = task.forward(model, x, y)
        score.update(outputs, targets, loss_fn(outputs, targets))
    model.train(was_training)
    return score
