"""The gated recurrent unit: the LSTM's idea with one gate and one state less."""

from torch import nn

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


@models.register("gru", source="https://arxiv.org/abs/1406.1078", tasks=TASKS)
class GRU(Recurrent):
    """Two gates and one state: three quarters of the LSTM's weights, often as good.

    Cho et al. 2014, in the form that applies the reset gate after the product.
    """

    kind = nn.GRU
    name = "gru"

    def __init__(
        self,
        task: Task,
        *,
        width: Width = 128,
        layers: Layers = 1,
        embedding: Embedding = 64,
        bidirectional: Bidirectional = False,
        dropout: Dropout = 0.0,
        read: Read = "last",
    ) -> None:
        super().__init__(
            task,
            width=width,
            layers=layers,
            embedding=embedding,
            bidirectional=bidirectional,
            dropout=dropout,
            read=read,
        )
