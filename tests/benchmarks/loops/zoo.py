"""Data for the benchmarks: random, so that nothing has to be fetched, in the sizes of real sets."""

import torch

from tuilab.zoo.data import Data, Request
from tuilab.zoo.registries import datasets
from tuilab.zoo.splits import Split, TensorSplit, TokenSplit
from tuilab.zoo.tasks.classification import Classification
from tuilab.zoo.tasks.language_model import LanguageModel

_ROWS = 20_000
_CONTEXT = 128
_VOCABULARY = 65


def _pictures(channels: int, size: int, rows: int) -> Data:
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(rows, channels, size, size, generator=generator)
    y = torch.randint(10, (rows,), generator=generator)
    task = Classification(input_shape=(channels, size, size), outputs=10, classes=tuple("0123456789"))
    held = TensorSplit(x[:256], y[:256])
    return Data(task, TensorSplit(x[256:], y[256:]), held, held)


@datasets.register("bench-digits", source="made up", task="classification")
def bench_digits(request: Request) -> Data:
    """Noise in the shape of MNIST."""
    return _pictures(1, 28, _ROWS)


@datasets.register("bench-photos", source="made up", task="classification")
def bench_photos(request: Request) -> Data:
    """Noise in the shape of CIFAR."""
    return _pictures(3, 32, _ROWS)


@datasets.register("bench-text", source="made up", task="language-model")
def bench_text(request: Request) -> Data:
    """Letters at random."""
    stream = torch.randint(_VOCABULARY, (300_000,), generator=torch.Generator().manual_seed(0))
    letters = tuple(chr(33 + number) for number in range(_VOCABULARY))
    task = LanguageModel(input_shape=(_CONTEXT,), outputs=_VOCABULARY, tokens=_VOCABULARY, vocabulary=letters)
    train: Split = TokenSplit(stream, _CONTEXT)
    held = TokenSplit(stream[:2000], _CONTEXT)
    return Data(task, train, held, held)
