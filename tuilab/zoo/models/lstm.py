"""Long short-term memory: gates decide what is kept, written and shown."""

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


@models.register("lstm", source="https://doi.org/10.1162/neco.1997.9.8.1735", tasks=TASKS)
class LSTM(Recurrent):
    """A memory that is added to, not rewritten, behind three gates: it spans hundreds of steps.

    Hochreiter and Schmidhuber 1997 with the forget gate of Gers et al. 2000. It
    starts open (Jozefowicz et al. 2015): what is to be kept over a hundred steps
    needs a span of about a hundred to be found at all.
    """

    kind = nn.LSTM
    name = "lstm"

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
        span: Span = 4,
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
        lstm = nn.LSTM(inputs, width, batch_first=True)
        with torch.no_grad():
            # Of its four parts (input, forget, cell, output) the first two; PyTorch adds two biases.
            # What is taken in is as little as what is forgotten, or noise would drown what is kept.
            lstm.get_parameter("bias_ih_l0")[:width].fill_(-gate_bias(self.span))
            lstm.get_parameter("bias_ih_l0")[width : 2 * width].fill_(gate_bias(self.span))
            lstm.get_parameter("bias_hh_l0")[: 2 * width].zero_()
        return lstm
