"""Convolutions over words: each map looks for one short phrase."""

from collections.abc import Sequence
from typing import Annotated

import torch
from torch import Tensor, nn

from tuilab.errors import TuilabError
from tuilab.knobs import Knob
from tuilab.zoo.models.inputs import need_tokens
from tuilab.zoo.registries import models
from tuilab.zoo.shapes import Float, Int
from tuilab.zoo.tasks.task import Task


@models.register("textcnn", source="https://arxiv.org/abs/1408.5882", tasks=["classification", "regression"])
class TextCNN(nn.Module):
    """Kim 2014: phrases of several lengths, the strongest place of each, one linear layer.

    With width 300 it is the paper's CNN-rand to the letter: windows of 3, 4 and
    5 words with 100 maps each, relu, the maximum over the text, dropout of one half.
    """

    def __init__(
        self,
        task: Task,
        *,
        width: Annotated[int, Knob("size of the vector of each word", 1, 16_384)] = 128,
        windows: Annotated[Sequence[int], Knob("words in a phrase, one kind of phrase each", 1, 64)] = (
            3,
            4,
            5,
        ),
        channels: Annotated[int, Knob("feature maps for each kind of phrase", 1, 8192)] = 100,
        dropout: Annotated[float, Knob("share switched off before the last layer", 0, 0.95)] = 0.5,
    ) -> None:
        super().__init__()
        need_tokens("textcnn", task, "classification", "regression")
        if not windows:
            raise TuilabError("model.windows: is empty; give at least one length of phrase, like [3].")
        self.words = nn.Embedding(task.tokens, width, padding_idx=0)
        # Half a window of nothing on either side, so that a text of one word is long enough.
        self.phrases = nn.ModuleList(nn.Conv1d(width, channels, size, padding=size // 2) for size in windows)
        self.bend = nn.ReLU()
        self.drop = nn.Dropout(dropout)
        self.head = nn.Linear(channels * len(windows), task.outputs)

    def forward(self, x: Int[Tensor, "batch time"]) -> Float[Tensor, "batch out"]:
        """Return raw scores, one row a text."""
        embedded = self.words(x).transpose(1, 2)  # (batch, width, time)
        found = [self.bend(phrase(embedded)).amax(dim=2) for phrase in self.phrases]
        scores: Tensor = self.head(self.drop(torch.cat(found, dim=1)))
        return scores
