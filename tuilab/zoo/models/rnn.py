"""The plain recurrent network: a memory that is rewritten at every step."""

from typing import Annotated, Literal

from torch import nn

from tuilab.knobs import Knob
from tuilab.zoo.models.recurrent import (
    TASKS,
    Bidirectional,
    Dropout,
    Embedding,
    Layers,
    Read,
    Recurrent,
    Width,
)
from tuilab.zoo.registries import models
from tuilab.zoo.tasks.task import Task


@models.register("rnn", source="https://doi.org/10.1207/s15516709cog1402_1", tasks=TASKS)
class RNN(Recurrent):
    """Elman's network: the new state is a bend of the input and the old state.

    What it remembers is multiplied by the same matrix at every step, so over
    some tens of steps gradients vanish or explode: compare `lstm` on `copy`.
    """

    kind = nn.RNN
    name = "rnn"

    def __init__(
        self,
        task: Task,
        *,
        width: Width = 128,
        layers: Layers = 1,
        embedding: Embedding = 64,
        bidirectional: Bidirectional = False,
        activation: Annotated[Literal["tanh", "relu"], Knob("what bends the new state")] = "tanh",
        dropout: Dropout = 0.0,
        read: Read = "last",
    ) -> None:
        self.activation = activation
        super().__init__(
            task,
            width=width,
            layers=layers,
            embedding=embedding,
            bidirectional=bidirectional,
            dropout=dropout,
            read=read,
        )

    def _layer(self, inputs: int, width: int) -> nn.RNNBase:
        return nn.RNN(inputs, width, nonlinearity=self.activation, batch_first=True)
