"""Unsupervised: give back what came in, through a narrow place."""

from dataclasses import dataclass, field
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from tuilab.zoo.tasks.sample import Sample
from tuilab.zoo.tasks.task import MeanLoss, Score, Task

_SHADES = " .:-=+*#%@"
"""From dark to light."""

_MOST_PIXELS = 64
"""Rows and columns of a picture in an event: what a terminal can show."""

_TALL = 16
"""Images with fewer rows are drawn two characters a pixel; taller ones one, with every second row."""


@dataclass(frozen=True, kw_only=True)
class Autoencoder(Task):
    """Reconstructions (batch, *shape) against the inputs themselves; what y holds is not used."""

    name: ClassVar[str] = "autoencoder"
    default_loss: ClassVar[str] = "mse"
    metrics: ClassVar[tuple[str, ...]] = ("mse", "explained")
    higher_is_better: ClassVar[bool] = False
    poses_on: ClassVar[tuple[str, ...]] = ("classification", "regression")

    examples: Tensor | None = field(default=None, compare=False, repr=False)
    """Inputs (examples, *shape), as the model gets them, that samples are made from."""

    def forward(self, model: nn.Module, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """Run the model and hold its output against the input."""
        return model(x), x

    def output_shape(self, targets: Tensor) -> tuple[int, ...]:
        """That of the inputs."""
        return tuple(targets.shape)

    def score(self, model: nn.Module, device: torch.device) -> Score:
        """Return empty sums."""
        return AutoencoderScore(device)

    @torch.no_grad()
    def sample(self, model: nn.Module, device: torch.device) -> list[Sample]:
        """Return each example with its reconstruction beside it."""
        if self.examples is None:
            return []
        was_training = model.training
        model.eval()
        originals = self.examples.to(device)
        copies = model(originals).float()
        model.train(was_training)
        pairs = zip(originals.cpu(), copies.cpu(), strict=True)
        return [Sample(side_by_side(*pair), _pictures(*pair)) for pair in pairs]


class AutoencoderScore(Score):
    """The squared distance between inputs and outputs, and the spread of the inputs."""

    def __init__(self, device: torch.device) -> None:
        self._loss = MeanLoss(device)
        self._sums = torch.zeros(4, dtype=torch.float64, device=device)
        self._origin: Tensor | None = None
        """The first number: measured from it, inputs that do not vary have exactly no spread."""

    def update(self, outputs: Tensor, targets: Tensor, loss: Tensor) -> None:
        """Add one batch."""
        self._loss.update(loss, len(targets))
        x = targets.double()
        squared = (outputs.double() - x).square().sum()
        count = torch.full_like(squared, x.numel())
        if self._origin is None:
            self._origin = x.flatten()[0].clone()
        away = x - self._origin
        self._sums += torch.stack([squared, away.sum(), away.square().sum(), count])

    def result(self) -> dict[str, float]:
        """Return the mean squared error, and the share of the inputs' variance that is kept."""
        squared, total, squares, count = self._sums.tolist()
        count = max(count, 1.0)
        spread = squares / count - (total / count) ** 2
        return {
            "loss": self._loss.result(),
            "mse": squared / count,
            "explained": 1 - squared / count / spread if spread > 0 else float("nan"),
        }


def _pictures(original: Tensor, copy: Tensor) -> dict[str, dict[str, list[str]]]:
    """Return both as rows of two hexadecimal digits a pixel, on the original's scale; nothing of a table."""
    if original.ndim != 3:
        return {}
    low, high = float(original.mean(dim=0).min()), float(original.mean(dim=0).max())
    pictures = {}
    for name, image in (("original", original), ("copy", copy)):
        grey = functional.adaptive_avg_pool2d(image.mean(dim=0)[None], _smaller(image))[0]
        levels = (grey - low) / max(high - low, 1e-12) * 255
        pixels = levels.nan_to_num(0.0).clamp(0, 255).round().to(torch.uint8)
        pictures[name] = [bytes(row).hex() for row in pixels.tolist()]
    return {"pictures": pictures}


def _smaller(image: Tensor) -> tuple[int, int]:
    """Return the size at which an image is told: its own, or what keeps an event small."""
    down, across = image.shape[1:]
    share = min(1.0, _MOST_PIXELS / max(down, across))
    return max(round(down * share), 1), max(round(across * share), 1)


def side_by_side(original: Tensor, copy: Tensor) -> str:
    """Return an input and its reconstruction as text: an image in shades, a table's row in numbers.

    Both are shaded by the original's darkest and lightest pixel.
    """
    if original.ndim != 3:
        rows = [" ".join(f"{value:6.2f}" for value in each.flatten().tolist()) for each in (original, copy)]
        return "\n".join(rows)
    low, high = float(original.mean(dim=0).min()), float(original.mean(dim=0).max())
    left, right = (_shaded(image, low, high) for image in (original, copy))
    return "\n".join(f"{a}  |  {b}" for a, b in zip(left, right, strict=True))


def _shaded(image: Tensor, low: float, high: float) -> list[str]:
    """Return rows of characters, about twice as many across as down: a character is twice as high as wide."""
    grey = image.mean(dim=0)
    if len(grey) >= _TALL:
        grey = functional.avg_pool2d(grey[None], (2, 1))[0]
    else:
        grey = grey.repeat_interleave(2, dim=1)
    levels = ((grey - low) / max(high - low, 1e-12) * len(_SHADES)).nan_to_num(0.0)
    numbers = levels.clamp(0, len(_SHADES) - 1).long()
    return ["".join(_SHADES[number] for number in row) for row in numbers.tolist()]
