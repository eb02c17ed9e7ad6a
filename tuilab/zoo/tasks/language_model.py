"""Self-supervised: guess the next token of a text."""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import torch
from torch import Tensor, nn

from tuilab.zoo.tasks.sample import Sample
from tuilab.zoo.tasks.task import MeanLoss, Score, Task

_SAMPLE_SEED = 20_260_101
"""Samples of different steps and runs differ by the model alone."""


@dataclass(frozen=True, kw_only=True)
class LanguageModel(Task):
    """Scores (batch, time, vocabulary) against the next tokens (batch, time)."""

    name: ClassVar[str] = "language-model"
    default_loss: ClassVar[str] = "cross-entropy"
    metrics: ClassVar[tuple[str, ...]] = ("perplexity", "bits_per_character")
    higher_is_better: ClassVar[bool] = False

    vocabulary: tuple[str, ...]
    """The text of each token, in the order of the outputs."""
    prompts: tuple[str, ...] = ("The ",)
    """What samples begin with."""
    sample_length: int = 160
    """Tokens a sample adds to its prompt."""
    temperature: float = 0.8
    characters_per_token: float = 1.0
    """On average; NaN where nobody can say what the tokens say, and bits per character are NaN then."""

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {text: number for number, text in enumerate(self.vocabulary)}

    def forward(self, model: nn.Module, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """Run the model and flatten time into the batch, as cross-entropy wants it."""
        return model(x).flatten(0, 1), y.flatten()

    def score(self, model: nn.Module, device: torch.device) -> Score:
        """Return empty sums."""
        return LanguageModelScore(self.characters_per_token, device)

    def encode(self, text: str) -> list[int]:
        """Return the token numbers of a text, character by character; unknown characters are left out."""
        return [self._numbers[character] for character in text if character in self._numbers]

    def decode(self, tokens: list[int]) -> str:
        """Return the text of token numbers."""
        return "".join(self.vocabulary[token] for token in tokens)

    def sample(self, model: nn.Module, device: torch.device) -> list[Sample]:
        """Continue each prompt by `sample_length` tokens, drawn at `temperature`."""
        return [
            Sample(self.continued(model, prompt, device, seed), {"prompt": prompt})
            for seed, prompt in enumerate(self.prompts, _SAMPLE_SEED)
        ]

    @torch.no_grad()
    def continued(self, model: nn.Module, prompt: str, device: torch.device, seed: int) -> str:
        """Return a text with `sample_length` tokens added; temperature 0 takes the likeliest each time."""
        generator = torch.Generator(device).manual_seed(seed)
        tokens = torch.tensor([self.encode(prompt) or [0]], device=device)
        was_training = model.training
        model.eval()
        for _ in range(self.sample_length):
            scores = model(tokens[:, -self.input_shape[0] :])[:, -1].float()
            if not scores.isfinite().all():
                break  # a diverged model has nothing to say
            if self.temperature:
                shares = (scores / self.temperature).softmax(dim=1)
                chosen = torch.multinomial(shares, 1, generator=generator)
            else:
                chosen = scores.argmax(dim=1, keepdim=True)
            tokens = torch.cat([tokens, chosen], dim=1)
        model.train(was_training)
        return self.decode(tokens[0].tolist())


class LanguageModelScore(Score):
    """The mean loss per token, and what follows from it."""

    def __init__(self, characters_per_token: float, device: torch.device) -> None:
        self._characters_per_token = characters_per_token
        self._loss = MeanLoss(device)
        self._log_loss = MeanLoss(device)

    def update(self, outputs: Tensor, targets: Tensor, loss: Tensor) -> None:
        """Add one batch, already flattened to (batch * time, vocabulary)."""
        self._loss.update(loss, len(targets))
        self._log_loss.update(nn.functional.cross_entropy(outputs.float(), targets), len(targets))

    def result(self) -> dict[str, float]:
        """Return the loss, its exponential and bits per character."""
        nats = self._log_loss.result()
        return {
            "loss": self._loss.result(),
            "perplexity": math.exp(nats) if nats < 700 else math.inf,
            "bits_per_character": nats / math.log(2) / self._characters_per_token,
        }
