"""A user's file for a test: loaded as `--zoo` does, and nothing of it left afterwards."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tuilab.zoo import own

IMPORTS = """\
from typing import Annotated
import torch
from tuilab.knobs import Knob
from tuilab.zoo.registries import models, datasets, losses, optimizers
"""


@contextmanager
def forgotten() -> Iterator[None]:
    """Forget what was registered meanwhile, and where it was found."""
    before = {kind: dict(registry._entries) for kind, registry in own.REGISTRIES.items()}
    paths = list(sys.path)
    yield
    sys.path[:] = paths
    for kind, registry in own.REGISTRIES.items():
        registry._entries = before[kind]


def load(folder: Path, text: str) -> None:
    """Load a file `mine.py` with this text."""
    path = folder / "mine.py"
    path.write_text(text, encoding="utf-8")
    own.load(path)
