"""What is trained: the specs that all loops share, and the samples as plain tensors."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor
from torch.nn import functional

from tuilab import zoo
from tuilab.engine.build import Built, build
from tuilab.resolve import resolve
from tuilab.spec import Spec

OWN = Path(__file__).with_name("zoo.py")
_CNN = [
    {"layer": "conv", "channels": 16}, {"layer": "relu"}, {"layer": "max-pool"},
    {"layer": "conv", "channels": 32}, {"layer": "relu"}, {"layer": "max-pool"},
    {"layer": "flatten"}, {"layer": "linear"},
]  # fmt: skip


@dataclass(frozen=True)
class Work:
    """Something to train."""

    title: str
    data: Mapping[str, Any]
    model: Mapping[str, Any]
    steps: int
    """In a round; what it says on two CPU cores is told in under a second or so."""


WORKS = {
    "mlp": Work(
        "MLP 784-256-128-10, batch 128",
        {"name": "bench-digits", "batch_size": 128},
        {"name": "mlp", "width": [256, 128]},
        150,
    ),
    "cnn": Work(
        "CNN 28x28, batch 128",
        {"name": "bench-digits", "batch_size": 128},
        {"name": "sequential", "layers": _CNN},
        40,
    ),
    "gpt": Work(
        "GPT 4x128, context 128, batch 16",
        {"name": "bench-text", "batch_size": 16},
        {"name": "gpt"},
        10,
    ),
    "resnet": Work(
        "ResNet-20 32x32, batch 128",
        {"name": "bench-photos", "batch_size": 128},
        {"name": "resnet"},
        10,
    ),
}


def spec_of(work: str, steps: int, threads: int, device: str, **train: Any) -> Spec:
    """Return the spec that the worker trains, nothing but steps."""
    zoo.load([OWN])
    raw = {
        "data": dict(WORKS[work].data),
        "model": dict(WORKS[work].model),
        "optimizer": {"name": "adamw", "lr": 1e-3, "weight_decay": 0.01},
        "schedule": {"name": "constant"},
        "train": {
            "steps": steps, "threads": threads, "device": device, "eval_every": "off",
            "checkpoint_every": "off", "sample_every": "off", **train,
        },
    }  # fmt: skip
    return resolve(raw, zoo.describe())


def built_of(work: str, threads: int, device: str) -> Built:
    """Build what other loops train: the same model, from the same seed."""
    return build(spec_of(work, 1, threads, device), Path())


def samples_of(built: Built) -> tuple[Tensor, Tensor]:
    """Return all training samples, rows first."""
    split = built.data.train
    return split.take(split.order(None).to(built.device))


def loss_of(outputs: Tensor, targets: Tensor) -> Tensor:
    """Return the cross-entropy of every guess, one a picture or one a letter."""
    return functional.cross_entropy(outputs.flatten(0, -2), targets.flatten())
