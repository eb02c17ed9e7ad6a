"""Translation before the transformer: two recurrent networks, and attention between them."""

from typing import Annotated

import torch
from torch import Tensor, nn

from tuilab.knobs import Knob
from tuilab.zoo.models.attention import seen
from tuilab.zoo.models.inputs import need_tokens
from tuilab.zoo.models.recurrent import picked, turned
from tuilab.zoo.registries import models
from tuilab.zoo.shapes import Float, Int
from tuilab.zoo.tasks.seq2seq import PADDING, Seq2Seq
from tuilab.zoo.tasks.task import Task


@models.register("seq2seq-gru", source="https://arxiv.org/abs/1508.04025", tasks=[Seq2Seq.name])
class Seq2SeqGRU(nn.Module):
    """A GRU reads the source from both ends, another writes the target and looks back at each word.

    Attention after the decoder's state (Luong et al. 2015, "general", section
    3.1), so that a whole target is trained in one go; Bahdanau et al. 2015 had it
    before the state, one step at a time.
    """

    def __init__(
        self,
        task: Task,
        *,
        width: Annotated[int, Knob("units of memory of the decoder, and of each direction", 1, 16_384)] = 128,
        embedding: Annotated[int, Knob("size of the vector of each token", 1, 16_384)] = 64,
        dropout: Annotated[float, Knob("share switched off in each training step", 0, 0.95)] = 0.1,
    ) -> None:
        super().__init__()
        need_tokens("seq2seq-gru", task, Seq2Seq.name)
        self.source = nn.Embedding(task.tokens, embedding, padding_idx=PADDING)
        self.target = nn.Embedding(task.outputs, embedding)
        self.forwards = nn.GRU(embedding, width, batch_first=True)
        self.backwards = nn.GRU(embedding, width, batch_first=True)
        self.begin = nn.Linear(2 * width, width)
        self.writer = nn.GRU(embedding, width, batch_first=True)
        self.asks = nn.Linear(width, 2 * width, bias=False)
        self.mix = nn.Linear(3 * width, width)
        self.drop = nn.Dropout(dropout)
        self.head = nn.Linear(width, task.outputs)

    def forward(
        self, x: Int[Tensor, "batch source"], given: Int[Tensor, "batch time"]
    ) -> Float[Tensor, "batch time vocabulary"]:
        """Return raw scores of the token after each given one."""
        memory = self._read(x)
        visible = seen(x, PADDING)
        assert visible is not None
        count = (x != PADDING).sum(dim=1, keepdim=True).clamp(min=1)
        average = (memory * (x != PADDING)[:, :, None]).sum(dim=1) / count
        begin = torch.tanh(self.begin(average))
        states = self.writer(self.drop(self.target(given)), begin[None].contiguous())[0]
        matches = self.asks(states) @ memory.mT  # (batch, time, source)
        shares = matches.float().masked_fill(~visible[:, 0], -torch.inf).softmax(dim=2).to(memory.dtype)
        mixed = torch.tanh(self.mix(torch.cat([states, shares @ memory], dim=2)))
        scores: Tensor = self.head(self.drop(mixed))
        return scores

    def _read(self, x: Int[Tensor, "batch source"]) -> Float[Tensor, "batch source both"]:
        """Return what is known of each source token, from both sides."""
        embedded = self.drop(self.source(x))
        places = turned(x != PADDING)
        from_end = picked(self.backwards(picked(embedded, places))[0], places)
        return torch.cat([self.forwards(embedded)[0], from_end], dim=2)
