"""What a schedule is, the registry it enters itself in, and the warm-up they share."""

from collections.abc import Callable
from typing import Annotated, Protocol, runtime_checkable

from tuilab.knobs import Knob
from tuilab.registry import Registry

Schedule = Callable[[float], float]
"""Progress in [0, 1] to a multiplier of the base learning rate."""

schedules: Registry[Schedule] = Registry("schedule")

Warmup = Annotated[float, Knob("share of the run in which the rate rises from zero", 0, 1)]
Floor = Annotated[float, Knob("multiplier at the end of the run", 0, 1)]


@runtime_checkable
class Reacting(Protocol):
    """A schedule that also answers to how the training goes.

    Its card has the fact `reacts`. Progress alone gives the rate as long as
    nothing has happened; every evaluation may multiply it.
    """

    def __call__(self, progress: float) -> float:
        """Return the multiplier as if nothing had happened."""

    def reaction(self) -> Callable[[float], float]:
        """Return a fresh fold: given each eval loss in turn, it returns the factor from then on."""


def reaction_of(schedule: Schedule) -> Callable[[float], float]:
    """Return a fresh fold over eval losses, which gives 1 throughout where a schedule does not react."""
    return schedule.reaction() if isinstance(schedule, Reacting) else lambda _: 1.0


def warmed(shape: Schedule, warmup: float) -> Schedule:
    """Put a linear warm-up before a shape, which then gets the rest of the run.

    >>> lr = warmed(lambda t: 1 - t, warmup=0.5)
    >>> [lr(t) for t in (0.0, 0.25, 0.5, 0.75, 1.0)]
    [0.0, 0.5, 1.0, 0.5, 0.0]
    """

    def multiplier(progress: float) -> float:
        if progress < warmup:
            return progress / warmup * shape(0.0)
        return shape((progress - warmup) / (1 - warmup) if warmup < 1 else 1.0)

    return multiplier


def rise(progress: float, warmup: float) -> float:
    """Return the warm-up alone: up in a straight line, then 1."""
    return progress / warmup if progress < warmup else 1.0
