"""What a worker says of itself."""

from collections.abc import Callable, Mapping
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


def status_of(raw: Mapping[str, Any]) -> Status:
    """Return what a status file says; a value that no worker writes is left at what it is by default.

    >>> told = status_of({"state": "running", "step": 3, "total": "many", "eta": float("inf")})
    >>> told.state, told.step, told.total, told.eta
    ('running', 3, 0, None)
    """
    return Status(**{key: raw[key] for key, fits in _FITTING.items() if key in raw and fits(raw[key])})


_MOST = 2**62
"""More steps, or seconds, than any run has: beyond it numbers are damage, and break what counts with them."""


def _whole(value: Any) -> bool:
    return isinstance(value, int) and 0 <= value <= _MOST


def _real(value: Any) -> bool:
    return isinstance(value, int | float) and 0 <= value <= _MOST


def _word(value: Any) -> bool:
    return isinstance(value, str)


def _figures(value: Any) -> bool:
    return isinstance(value, Mapping) and all(map(_figure, value.values()))


def _figure(value: Any) -> bool:
    return isinstance(value, float) or (isinstance(value, int) and abs(value) <= _MOST)


def _costs(value: Any) -> bool:
    return _figures(value) and all(map(_real, value.values()))


def _best(value: Any) -> bool:
    return isinstance(value, Mapping) and (
        not value
        or (_word(value.get("metric")) and _figure(value.get("value")) and _whole(value.get("step")))
    )


_FITTING: Mapping[str, Callable[[Any], bool]] = {
    **dict.fromkeys(("state", "doing", "device"), _word),
    **dict.fromkeys(("step", "total", "pid"), _whole),
    **dict.fromkeys(
        (
            "epoch",
            "steps_per_epoch",
            "rate",
            "samples_rate",
            "eta",
            "seconds",
            "doing_since",
            "heartbeat",
        ),
        _real,
    ),
    "metrics": _figures,
    "best": _best,
    "probe_cost": _costs,
}
"""What each value has to be."""
