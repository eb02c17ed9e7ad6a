"""What a model has made of a fixed prompt."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Sample:
    """One thing to show: as text for any terminal, and in parts for a screen that can do better."""

    text: str
    data: Mapping[str, Any] = field(default_factory=dict)
    """Plain JSON values: the prompt, source, guess and target, or pictures by name."""
