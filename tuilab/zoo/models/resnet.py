"""Residual networks: each pair of convolutions learns only what to add to its input.

Two forms of He et al. 2016 stand in one file, told apart by the depth:
- 6n + 2 layers (20, 32, 44, 56, 110) for small images: section 4.2, three
  stages, shortcuts that copy and fill up with zeros (option A);
- 18 or 34 layers for larger images: table 1, a 7x7 stem, four stages,
  shortcuts with a 1x1 convolution where the shape changes (option B).
"""

from typing import Annotated, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from tuilab.errors import TuilabError
from tuilab.knobs import Knob
from tuilab.zoo.models.activations import Activation, activation_layer
from tuilab.zoo.models.inputs import need_images
from tuilab.zoo.models.norms import Norm, image_norm
from tuilab.zoo.registries import models
from tuilab.zoo.shapes import Float
from tuilab.zoo.tasks.task import Task

_LARGE = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3)}
"""Blocks in each stage of the form for larger images, by depth (He et al. 2016, table 1)."""

_SMALLEST_LARGE = 17
"""Pixels across: the form for larger images halves them five times; below this the last finds one pixel."""


class Residual(nn.Module):
    """Two 3x3 convolutions, and the way around them."""

    def __init__(
        self, inputs: int, maps: int, stride: int, *, norm: str, activation: str, copies: bool
    ) -> None:
        super().__init__()
        bias = norm == "none"  # a norm has a bias of its own
        self.first = nn.Conv2d(inputs, maps, 3, stride, padding=1, bias=bias)
        self.first_norm = image_norm(norm, maps) or nn.Identity()
        self.second = nn.Conv2d(maps, maps, 3, padding=1, bias=bias)
        self.second_norm = image_norm(norm, maps) or nn.Identity()
        self.bend = activation_layer(activation)
        self.around: nn.Module = nn.Identity()
        if inputs != maps or stride != 1:
            self.around = (
                _Copy(stride, maps - inputs)
                if copies
                else nn.Sequential(
                    nn.Conv2d(inputs, maps, 1, stride, bias=bias), image_norm(norm, maps) or nn.Identity()
                )
            )

    def forward(self, x: Float[Tensor, "batch maps height width"]) -> Tensor:
        """Return the input with what was learned added."""
        added = self.bend(self.first_norm(self.first(x)))
        added = self.second_norm(self.second(added))
        bent: Tensor = self.bend(added + self.around(x))
        return bent


class _Copy(nn.Module):
    """Every so many-th pixel, with maps of zeros on either side: a shortcut without weights."""

    def __init__(self, stride: int, more: int) -> None:
        super().__init__()
        self.stride = stride
        self.before, self.after = more // 2, more - more // 2

    def forward(self, x: Tensor) -> Tensor:
        return functional.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, self.before, self.after))


@models.register("resnet", source="https://arxiv.org/abs/1512.03385", tasks=["classification", "regression"])
class ResNet(nn.Module):
    """Convolutions with a way around each pair of them, so that depth does no harm.

    Depth 20 has the paper's 0.27 million parameters and 91.25 % on CIFAR-10;
    32, 44, 56 and 110 are its deeper kin, 8 and 14 its smaller. Depth 18 and 34 are
    the ImageNet form, for larger images: a picture of 32 pixels is one pixel at its last stage.
    """

    def __init__(
        self,
        task: Task,
        *,
        depth: Annotated[int, Knob("layers: 6n + 2 for small images, 18 or 34 for larger ones", 8, 200)] = 20,
        width: Annotated[
            int | Literal["auto"],
            Knob("feature maps of the first stage, doubled in each later one; auto: as published", 1, 1024),
        ] = "auto",
        activation: Activation = "relu",
        norm: Norm = "batch",
    ) -> None:
        super().__init__()
        channels, height, across = need_images("resnet", task, "classification", "regression")
        large = depth in _LARGE
        if not large and (depth - 2) % 6:
            near = 6 * max(1, round((depth - 2) / 6)) + 2
            raise TuilabError(
                f"model.depth: {depth} is neither 6n + 2, like 20, nor 18 or 34; choose {near}."
            )
        if large and min(height, across) < _SMALLEST_LARGE:
            raise TuilabError(
                f"model.depth: {depth} layers halve an image five times, too often for {height}x{across}; "
                "choose 20."
            )
        blocks = _LARGE[depth] if large else ((depth - 2) // 6,) * 3
        maps = (64 if large else 16) if width == "auto" else width
        self.stem = _stem(channels, maps, norm, activation, large)
        self.stages = nn.Sequential()
        inputs = maps
        for stage, count in enumerate(blocks):
            for block in range(count):
                stride = 2 if stage and not block else 1
                self.stages.append(
                    Residual(
                        inputs, maps << stage, stride, norm=norm, activation=activation, copies=not large
                    )
                )
                inputs = maps << stage
        self.head = nn.Linear(inputs, task.outputs)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x: Float[Tensor, "batch channels height width"]) -> Float[Tensor, "batch out"]:
        """Return raw scores, one row an image."""
        maps: Tensor = self.stages(self.stem(x))
        scores: Tensor = self.head(torch.mean(maps, dim=(2, 3)))
        return scores


def _stem(channels: int, maps: int, norm: str, activation: str, large: bool) -> nn.Sequential:
    """Return what stands before the first stage: the large form quarters the image."""
    size = 7 if large else 3
    layers: list[nn.Module] = [
        nn.Conv2d(channels, maps, size, 2 if large else 1, padding=size // 2, bias=norm == "none"),
        image_norm(norm, maps) or nn.Identity(),
        activation_layer(activation),
    ]
    return nn.Sequential(*layers, nn.MaxPool2d(3, 2, padding=1)) if large else nn.Sequential(*layers)
