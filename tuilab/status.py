"""What a worker says of itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

LIVE = ("queued", "starting", "running", "paused")
"""States that a worker can still leave."""


@dataclass(frozen=True, slots=True)
class Status:
    """What a worker says of itself, at most four times a second."""

    state: str = "queued"
    """queued, starting, running, paused, finished, stopped, diverged, failed; crashed is derived."""
    step: int = 0
    """Steps done."""
    total: int = 0
    """Steps in the budget; 0 while unknown."""
    epoch: float = 0.0
    steps_per_epoch: float = 0.0
    rate: float = 0.0
    """Steps a second, over the last seconds."""
    samples_rate: float = 0.0
    """Samples a second."""
    eta: float | None = None
    """Seconds left at the present rate."""
    seconds: float = 0.0
    """Training time so far, without pauses."""
    metrics: Mapping[str, float] = field(default_factory=dict)
    """The newest values, as "train.loss", "eval.accuracy"."""
    best: Mapping[str, Any] = field(default_factory=dict)
    """metric, value and step of the best evaluation."""
    probe_cost: Mapping[str, float] = field(default_factory=dict)
    """What each probe takes of the training time, in percent."""
    doing: str = ""
    """What a worker is busy with that takes longer than a heartbeat; "" while it just trains."""
    doing_since: float = 0.0
    """Seconds since 1970 when it began that."""
    device: str = ""
    pid: int = 0
    heartbeat: float = 0.0
    """Seconds since 1970 when this was written."""
