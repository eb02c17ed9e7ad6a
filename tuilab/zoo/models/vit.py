"""The vision transformer: an image as a sequence of patches."""

from typing import Annotated, Literal

import torch
from torch import Tensor, nn

from tuilab.errors import TuilabError
from tuilab.knobs import Knob
from tuilab.zoo.models.attention import SPREAD, Block, initialise_small
from tuilab.zoo.models.inputs import need_even_heads, need_images
from tuilab.zoo.registries import models
from tuilab.zoo.shapes import Float
from tuilab.zoo.tasks.task import Task


@models.register("vit", source="https://arxiv.org/abs/2010.11929", tasks=["classification", "regression"])
class ViT(nn.Module):
    """Attention between the patches of an image: no convolution tells it what is near.

    With 12 layers, 12 heads, width 768 and patches of 16 on 224x224 images it has
    ViT-Base's 86,567,656 parameters (1,000 classes). It has to learn from data what
    a convolution knows, so small sets favour `resnet`.
    """

    def __init__(
        self,
        task: Task,
        *,
        patch: Annotated[int, Knob("pixels across a patch; must divide height and width", 1, 64)] = 4,
        layers: Annotated[int, Knob("transformer blocks", 1, 96)] = 4,
        heads: Annotated[int, Knob("attention heads; must divide the width", 1, 128)] = 4,
        width: Annotated[int, Knob("size of the vector of each patch", 1, 16_384)] = 64,
        dropout: Annotated[float, Knob("share switched off in each training step", 0, 0.95)] = 0.0,
        pool: Annotated[
            Literal["summary", "mean"], Knob("what is read off: a vector of its own, or the patches' mean")
        ] = "summary",
    ) -> None:
        super().__init__()
        channels, height, across = need_images("vit", task, "classification", "regression")
        if height % patch or across % patch:
            raise TuilabError(
                f"model.patch: patches of {patch} do not tile a {height}x{across} image; "
                f"choose one of {', '.join(map(str, _divisors(height, across)))}."
            )
        need_even_heads(heads, width)
        patches = (height // patch) * (across // patch)
        self.patches = nn.Conv2d(channels, width, patch, patch)
        self.summary = nn.Parameter(torch.randn(width) * SPREAD) if pool == "summary" else None
        self.places = nn.Embedding(patches + (pool == "summary"), width)
        self.drop = nn.Dropout(dropout)
        self.blocks = nn.ModuleList(Block(width, heads, dropout) for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, task.outputs)
        initialise_small(self)

    def forward(self, x: Float[Tensor, "batch channels height width"]) -> Float[Tensor, "batch out"]:
        """Return raw scores, one row an image."""
        stream = self.patches(x).flatten(2).transpose(1, 2)  # (batch, patches, width)
        if self.summary is not None:
            stream = torch.cat([self.summary.to(stream.dtype).expand(len(x), 1, -1), stream], dim=1)
        stream = self.drop(stream + self.places.weight)
        for block in self.blocks:
            stream = block(stream)
        read = self.norm(stream)
        scores: Tensor = self.head(read[:, 0] if self.summary is not None else read.mean(dim=1))
        return scores


def _divisors(height: int, width: int) -> list[int]:
    return [size for size in range(1, min(height, width) + 1) if height % size == 0 and width % size == 0]
