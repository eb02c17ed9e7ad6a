"""Structured output: a sequence for a sequence, an encoder and a decoder.

A split gives pairs of token numbers, x (batch, source length) and y (batch,
target length), both filled up with 0. In y, 1 means start and never occurs, 2
ends every target. While training the decoder is given the true beginning
(teacher forcing): y moved by one, behind the start.
"""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from tuilab.zoo.tasks.sample import Sample
from tuilab.zoo.tasks.task import IGNORED, Score, Task
from tuilab.zoo.tasks.token_sums import TokenSums

PADDING, START, END = 0, 1, 2
"""What the first three tokens of the target's vocabulary mean; of the source's, the first."""


@dataclass(frozen=True, kw_only=True)
class Seq2Seq(Task):
    """Scores (batch, target length, target vocabulary) against the target's tokens.

    `tokens` is the size of the source's vocabulary, `outputs` of the target's,
    `input_shape` the source's length. A model's `forward(x, given)` gives the
    scores of the token after each of the given ones.
    """

    name: ClassVar[str] = "seq2seq"
    default_loss: ClassVar[str] = "cross-entropy"
    metrics: ClassVar[tuple[str, ...]] = ("exact_match", "token_accuracy")
    higher_is_better: ClassVar[bool] = True

    target_length: int
    """Tokens of a target, its end and its padding included."""
    source_vocabulary: tuple[str, ...]
    """The text of each source token; those of special tokens are never shown."""
    target_vocabulary: tuple[str, ...]
    separator: str = ""
    """Stands between the target's tokens where they are shown: " " for words or phonemes."""
    examples: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...] = ()
    """Sources and targets that samples are made from, without start, end and padding."""

    @property
    def padding(self) -> int | None:
        """Token 0."""
        return PADDING

    def forward(self, model: nn.Module, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """Give the model the true beginning at every place; flatten time into the batch."""
        outputs = model(x, started(y))
        return outputs.flatten(0, 1), y.masked_fill(y == PADDING, IGNORED).flatten()

    def counted(self, targets: Tensor) -> Tensor:
        """Return how many of the positions are asked for."""
        return (targets != IGNORED).sum()

    def score(self, model: nn.Module, device: torch.device) -> Score:
        """Return empty sums."""
        return Seq2SeqScore(self.target_length, device)

    @torch.no_grad()
    def translate(self, model: nn.Module, x: Tensor) -> list[list[int]]:
        """Return the likeliest next token again and again, until each target has ended.

        Args:
            model: left in the mode it was in.
            x: sources (batch, source length), filled up with 0.
        """
        was_training = model.training
        model.eval()
        given = torch.full((len(x), 1), START, device=x.device)
        for _ in range(self.target_length):
            given = torch.cat([given, model(x, given)[:, -1:].argmax(dim=2)], dim=1)
            if bool((given == END).any(dim=1).all()):
                break
        model.train(was_training)
        return [until_end(row) for row in given[:, 1:].tolist()]

    def sample(self, model: nn.Module, device: torch.device) -> list[Sample]:
        """Return each example as "source -> guess (target)", and the three by name."""
        if not self.examples:
            return []
        length = self.input_shape[0]
        sources = [[*source, *[PADDING] * (length - len(source))] for source, _ in self.examples]
        guesses = self.translate(model, torch.tensor(sources, device=device))
        shown = []
        for (source, target), guess in zip(self.examples, guesses, strict=True):
            given, said, meant = self.source_text(source), self.target_text(guess), self.target_text(target)
            shown.append(
                Sample(f"{given} -> {said} ({meant})", {"source": given, "guess": said, "target": meant})
            )
        return shown

    def source_text(self, tokens: tuple[int, ...] | list[int]) -> str:
        """Return a source as it is shown."""
        return "".join(self.source_vocabulary[token] for token in tokens if token != PADDING)

    def target_text(self, tokens: tuple[int, ...] | list[int]) -> str:
        """Return a target as it is shown."""
        return self.separator.join(self.target_vocabulary[token] for token in tokens if token > END)


class Seq2SeqScore(Score):
    """Right tokens, and targets that are right to the end.

    Where every token is the likeliest after the true beginning, decoding from
    nothing gives the same: so exact matches are counted without decoding.
    """

    def __init__(self, target_length: int, device: torch.device) -> None:
        self._length = target_length
        self._sums = TokenSums(device)
        self._matches = torch.zeros((), dtype=torch.int64, device=device)
        self._rows = 0

    def update(self, outputs: Tensor, targets: Tensor, loss: Tensor) -> None:
        """Add one batch, already flattened to (batch * time, vocabulary)."""
        right = self._sums.update(outputs, targets, loss).view(-1, self._length)
        self._matches += right.all(dim=1).sum()
        self._rows += len(right)

    def result(self) -> dict[str, float]:
        """Return the loss and both shares."""
        loss, _, right = self._sums.result()
        matches = float(self._matches) / self._rows if self._rows else float("nan")
        return {"loss": loss, "exact_match": matches, "token_accuracy": right}


def started(y: Tensor) -> Tensor:
    """Return what the decoder is given to guess y: the start, then y without its last token."""
    return torch.cat([torch.full_like(y[:, :1], START), y[:, :-1]], dim=1)


def until_end(tokens: list[int]) -> list[int]:
    """Return a target up to its end, or all of it where it has none."""
    return tokens[: tokens.index(END)] if END in tokens else tokens
