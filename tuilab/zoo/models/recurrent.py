"""What the recurrent models share: reading a sequence step by step with a memory.

Two directions are two networks, the second given each sequence turned round
within its own length: padding is never read before the text, and nothing waits
for lengths on the CPU as packed sequences would.
"""

import math
from collections.abc import Callable
from typing import Annotated, Literal

import torch
from torch import Tensor, nn

from tuilab.errors import TuilabError
from tuilab.knobs import Knob
from tuilab.zoo.models.inputs import fitting
from tuilab.zoo.models.pooling import pooled
from tuilab.zoo.shapes import Float, Int
from tuilab.zoo.tasks.masked_model import MaskedModel
from tuilab.zoo.tasks.task import Task

TASKS = ["classification", "regression", "language-model", MaskedModel.name]
"""What every recurrent model fits."""

Width = Annotated[int, Knob("units of memory, in each direction", 1, 16_384)]
Layers = Annotated[int, Knob("recurrent layers on top of each other", 1, 64)]
Embedding = Annotated[int, Knob("size of the vector of each token", 1, 16_384)]
Bidirectional = Annotated[bool, Knob("read from the end as well; no language model may")]
Dropout = Annotated[float, Knob("share switched off between layers and before the last", 0, 0.95)]
Read = Annotated[
    Literal["last", "mean", "max"], Knob("what of a sequence is read off: its last state, or all of them")
]
Span = Annotated[
    int, Knob("steps that memory lasts before anything is learned; longer finds longer links", 2, 1_000_000)
]


def gate_bias(span: int) -> float:
    """Return the bias at which a gate keeps all but 1 / span of the memory (Tallec and Ollivier 2018)."""
    return math.log(span - 1)


class Recurrent(nn.Module):
    """Embedding, recurrent layers, and a linear layer on top."""

    kind: Callable[..., nn.RNNBase]
    """The recurrent layer; each model sets its own."""
    name: str
    """As in the registry."""

    def __init__(
        self,
        task: Task,
        *,
        width: int,
        layers: int,
        embedding: int,
        bidirectional: bool,
        dropout: float,
        read: str,
    ) -> None:
        super().__init__()
        features = self._features(task, bidirectional)
        self.padding = task.padding
        self.each_position = task.name in ("language-model", MaskedModel.name)
        self.read = read
        self.tokens = nn.Embedding(task.tokens, embedding, padding_idx=self.padding) if task.tokens else None
        directions = 2 if bidirectional else 1
        sizes = [embedding if task.tokens else features, *[width * directions] * (layers - 1)]
        self.forwards = nn.ModuleList(self._layer(size, width) for size in sizes)
        self.backwards = nn.ModuleList(self._layer(size, width) for size in sizes if bidirectional)
        self.drop = nn.Dropout(dropout)
        self.head = nn.Linear(width * directions, task.outputs)

    def _layer(self, inputs: int, width: int) -> nn.RNNBase:
        return self.kind(inputs, width, batch_first=True)

    def _features(self, task: Task, bidirectional: bool) -> int:
        """Return the numbers at each time of a series.

        Raises:
            TuilabError: the inputs are no sequence, or the task is another.
        """
        if task.name not in TASKS:
            raise TuilabError(
                f"model.name: {self.name} reads one sequence, and this data set poses a {task.name} task. "
                f"Choose {fitting(task)}."
            )
        if bidirectional and task.name == "language-model":
            raise TuilabError(
                "model.bidirectional: read from the end, a text gives its next token away. Choose false."
            )
        if not task.tokens and len(task.input_shape) > 2:
            raise TuilabError(
                f"model.name: {self.name} reads tokens or a series (time, features), and this data set gives "
                f"{list(task.input_shape)}. Choose {fitting(task)}, or other data."
            )
        return task.input_shape[1] if len(task.input_shape) == 2 else 1

    def forward(self, x: Tensor) -> Float[Tensor, "batch *time out"]:
        """Return raw scores: a row for each sequence, or for each of its positions.

        x is tokens (batch, time), or a series (batch, time, features), of which
        a single feature may lack the last axis.
        """
        real = torch.ones(x.shape[:2], dtype=torch.bool, device=x.device)
        if self.padding is not None:
            real = x != self.padding
        stream = self.tokens(x) if self.tokens is not None else x.reshape(*x.shape[:2], -1)
        places = turned(real) if self.backwards else None
        for number, layer in enumerate(self.forwards):
            if number:
                stream = self.drop(stream)
            states = layer(stream)[0]
            if places is not None:
                against = self.backwards[number](picked(stream, places))[0]
                states = torch.cat([states, picked(against, places)], dim=2)
            stream = states
        if not self.each_position:
            stream = self._read_off(stream, real)
        scores: Tensor = self.head(self.drop(stream))
        return scores

    def _read_off(
        self, states: Float[Tensor, "batch time width"], real: Tensor
    ) -> Float[Tensor, "batch width"]:
        if self.read != "last" or not self.backwards:
            return pooled(states, real, self.read)
        # The last state of the direction from the end stands at the beginning.
        forward, backward = states.chunk(2, dim=2)
        return torch.cat([pooled(forward, real, "last"), pooled(backward, real, "first")], dim=1)


def turned(real: Tensor) -> Int[Tensor, "batch time"]:
    """Return which place each one changes with when a text is turned round within its own length."""
    places = torch.arange(real.shape[1], device=real.device).expand(real.shape)
    lengths = real.sum(dim=1, keepdim=True)
    return torch.where(places < lengths, lengths - 1 - places, places)


def picked(
    x: Float[Tensor, "batch time width"], places: Int[Tensor, "batch time"]
) -> Float[Tensor, "batch time width"]:
    """Return the vectors in the order of these places."""
    return x.gather(1, places[:, :, None].expand_as(x))
