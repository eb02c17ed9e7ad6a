"""Self-supervised: guess the tokens that were taken out of a text.

Which ones is decided here, anew at every look while training. In an
evaluation it follows from the text itself: the same text always lacks the same
tokens, whatever the batch, and no random number is drawn.
"""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from tuilab.zoo.tasks.sample import Sample
from tuilab.zoo.tasks.task import IGNORED, Score, Task
from tuilab.zoo.tasks.token_sums import TokenSums

_BLANKED, _REPLACED = 0.8, 0.9
"""Of the chosen tokens 80 % are blanked, 10 % become another token, 10 % stay (Devlin et al. 2019)."""


@dataclass(frozen=True, kw_only=True)
class MaskedModel(Task):
    """Scores (batch, time, vocabulary) against the tokens that were taken out.

    `tokens` is one more than `outputs`: the last token is the blank, which
    no text holds. A data set gives windows of text as x; its y is not used.
    """

    name: ClassVar[str] = "masked-model"
    default_loss: ClassVar[str] = "cross-entropy"
    metrics: ClassVar[tuple[str, ...]] = ("accuracy", "log_loss")
    higher_is_better: ClassVar[bool] = True
    poses_on: ClassVar[tuple[str, ...]] = ("language-model",)

    vocabulary: tuple[str, ...]
    """The text of each token, in the order of the outputs."""
    share: float = 0.15
    """Share of the tokens that is taken out; at least one of each text."""
    examples: tuple[tuple[int, ...], ...] = ()
    """Token numbers of the texts that samples are made from."""
    blank_text: str = "▒"
    """How the blank is shown: as no text is."""

    def __post_init__(self) -> None:
        if self.tokens != self.outputs + 1:
            raise ValueError(f"{self.tokens} tokens for {self.outputs} outputs: the blank is one token more.")

    @property
    def blank(self) -> int:
        """The token that stands for a missing one."""
        return self.outputs

    def forward(self, model: nn.Module, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """Take tokens out, run the model, and ignore every other position."""
        inputs, targets = self._masked(x) if model.training else self._masked_alike(x)
        return model(inputs).flatten(0, 1), targets.flatten()

    def counted(self, targets: Tensor) -> Tensor:
        """Return how many of the positions are asked for."""
        return (targets != IGNORED).sum()

    def score(self, model: nn.Module, device: torch.device) -> Score:
        """Return empty sums."""
        return MaskedModelScore(device)

    def decode(self, tokens: list[int]) -> str:
        """Return the text of token numbers."""
        return "".join(self.blank_text if token == self.blank else self.vocabulary[token] for token in tokens)

    @torch.no_grad()
    def sample(self, model: nn.Module, device: torch.device) -> list[Sample]:
        """Return each example with its blanks, below it what the model puts there, then what stood there."""
        was_training = model.training
        model.eval()
        shown = []
        for example in self.examples:
            inputs, targets = self._masked_alike(torch.tensor([example], device=device))
            guesses = model(inputs).argmax(dim=2)
            filled = torch.where(targets == IGNORED, inputs, guesses)
            rows = (inputs[0].tolist(), filled[0].tolist(), list(example))
            # A line of the text that ends within the example must not end a line of the three.
            shown.append(Sample("\n".join(self.decode(row).replace("\n", " ") for row in rows)))
        model.train(was_training)
        return shown

    def asked(self, x: Tensor) -> Tensor:
        """Return texts (batch, time) with the blanks that an evaluation asks for."""
        return self._masked_alike(x)[0]

    def _masked(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return inputs and targets for a step of training, from torch's global random state."""
        draw = torch.rand(x.shape, device=x.device)
        chosen = draw <= draw.amin(dim=1, keepdim=True).clamp(min=self.share)
        fate = draw / self.share  # evenly spread over 0..1 again, among the chosen
        inputs = x.masked_fill(chosen & ((fate < _BLANKED) | (fate > 1)), self.blank)
        others = torch.randint(self.outputs, x.shape, device=x.device)
        inputs = torch.where(chosen & (fate >= _BLANKED) & (fate < _REPLACED), others, inputs)
        return inputs, x.masked_fill(~chosen, IGNORED)

    def _masked_alike(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return inputs and targets for an evaluation: all that is chosen is blanked."""
        draw = _settled(x)
        chosen = draw <= draw.amin(dim=1, keepdim=True).clamp(min=self.share)
        return x.masked_fill(chosen, self.blank), x.masked_fill(~chosen, IGNORED)


class MaskedModelScore(Score):
    """How often a missing token is guessed."""

    def __init__(self, device: torch.device) -> None:
        self._sums = TokenSums(device)

    def update(self, outputs: Tensor, targets: Tensor, loss: Tensor) -> None:
        """Add one batch, already flattened to (batch * time, vocabulary)."""
        self._sums.update(outputs, targets, loss)

    def result(self) -> dict[str, float]:
        """Return the loss, the share of right guesses and the surprise in nats."""
        loss, surprise, right = self._sums.result()
        return {"loss": loss, "accuracy": right, "log_loss": surprise}


def _settled(x: Tensor) -> Tensor:
    """Return numbers that look evenly drawn from 0..1 and follow from a row's tokens and places alone."""
    places = torch.arange(x.shape[1], device=x.device)
    mixed = x * 2_654_435_761 + places * 40_503 + x.sum(dim=1, keepdim=True) * 69_069
    for shift, factor in ((15, 2_246_822_519), (13, 3_266_489_917)):  # the finaliser of xxHash32
        mixed = mixed & 0xFFFF_FFFF
        mixed = (mixed ^ (mixed >> shift)) * factor
    return ((mixed >> 16) & 0xFFFF).float() / 0x1_0000
