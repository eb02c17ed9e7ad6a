"""The gated recurrent unit: the LSTM's idea with one gate and one state less."""

import torch
from torch import nn

from tuilab.zoo.models.recurrent import (
    TASKS,
    Bidirectional,
    Dropout,
    Embedding,
    Layers,
    Read,
    Recurrent,
    Span,
    Width,
    gate_bias,
)
from tuilab.zoo.registries import models
from tuilab.zoo.tasks.task import Task


@models.register("gru", source="https://arxiv.org/abs/1406.1078", tasks=TASKS)
class GRU(Recurrent):
    """Two gates and one state: three quarters of the LSTM's weights, often as good.

    Cho et al. 2014, in the form that applies the reset gate after the product.
    What is to be kept over a hundred steps needs a span of about a hundred.
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
        span: Span = 2,
    ) -> None:
        self.span = span
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
        gru = nn.GRU(inputs, width, batch_first=True)
        with torch.no_grad():
            # Of its three parts (reset, update, new) the second: open, it keeps the old state.
            gru.get_parameter("bias_ih_l0")[width : 2 * width].fill_(gate_bias(self.span))
            gru.get_parameter("bias_hh_l0")[width : 2 * width].zero_()
        return gru
