"""How good a model is on a split, in one pass without a gradient."""

import torch
from torch import nn

from tuilab.zoo.data import Split
from tuilab.zoo.registries import Loss
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
    for positions in split.order(None).to(device).split(batch_size):
        outputs, targets = task.forward(model, *split.take(positions))
        score.update(outputs, targets, loss_fn(outputs, targets))
    model.train(was_training)
    return score
