"""What scores of tokens add up, whatever the task: only the targets that count."""

import torch
from torch import Tensor
from torch.nn import functional

from tuilab.zoo.tasks.task import IGNORED


class TokenSums:
    """Loss, log loss and hits over the targets that are not ignored, kept on the device."""

    def __init__(self, device: torch.device) -> None:
        self._sums = torch.zeros(4, dtype=torch.float64, device=device)

    def update(self, outputs: Tensor, targets: Tensor, loss: Tensor) -> Tensor:
        """Add a batch of scores (positions, vocabulary); return where they are right or not asked for."""
        counts = targets != IGNORED
        number = counts.sum()
        right = outputs.argmax(dim=1) == targets
        surprise = functional.cross_entropy(outputs.float(), targets, reduction="sum")
        self._sums += torch.stack([loss.detach().double() * number, surprise, right.sum(), number])
        return right | ~counts

    def result(self) -> tuple[float, float, float]:
        """Return mean loss, mean log loss and the share of hits; NaN over nothing."""
        loss, surprise, right, number = self._sums.tolist()
        if not number:
            return (float("nan"),) * 3
        return loss / number, surprise / number, right / number
