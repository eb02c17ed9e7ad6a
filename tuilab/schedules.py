"""Learning-rate schedules: pure shapes over a run.

A schedule is built from its knobs into a function of progress in [0, 1] that
gives a multiplier of the base rate. The worker and the screen call the same
function, so the preview is what happens. Sample it at the middle of a step,
`(step + 0.5) / steps`: neither end of the run is spent on a rate of zero.
"""

import math
from collections.abc import Callable
from typing import Annotated

from tuilab.knobs import Knob
from tuilab.registry import Registry

Schedule = Callable[[float], float]
"""Progress in [0, 1] to a multiplier of the base learning rate."""

schedules: Registry[Schedule] = Registry("schedule")

Warmup = Annotated[float, Knob("share of the run in which the rate rises from zero", 0, 1)]
Floor = Annotated[float, Knob("multiplier at the end of the run", 0, 1)]


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


@schedules.register("constant", source="https://arxiv.org/abs/1706.02677")
def constant(*, warmup: Warmup = 0.0) -> Schedule:
    """The same rate throughout, after the warm-up.

    >>> lr = constant(warmup=0.1)
    >>> [lr(t) for t in (0.05, 0.1, 1.0)]
    [0.5, 1.0, 1.0]
    """
    return warmed(lambda _: 1.0, warmup)


@schedules.register("step", source="https://arxiv.org/abs/1512.03385")
def step(
    *,
    drops: Annotated[int, Knob("how often the rate falls, evenly spaced", 1, 100)] = 3,
    gamma: Annotated[float, Knob("what each drop multiplies the rate by", 0, 1)] = 0.1,
    warmup: Warmup = 0.0,
) -> Schedule:
    """Stairs: the rate falls by gamma at even intervals.

    >>> lr = step(drops=2, gamma=0.5)
    >>> [lr(t) for t in (0.0, 0.4, 0.7, 1.0)]
    [1.0, 0.5, 0.25, 0.25]
    """
    stairs = drops + 1
    return warmed(lambda t: gamma ** min(int(t * stairs), drops), warmup)


@schedules.register("exponential", source="https://pytorch.org/docs/stable/optim.html")
def exponential(
    *,
    gamma: Annotated[float, Knob("multiplier reached at the end of the run", 1e-12, 1)] = 0.01,
    warmup: Warmup = 0.0,
) -> Schedule:
    """A steady percentage fall that ends at gamma.

    >>> lr = exponential(gamma=0.01)
    >>> [round(lr(t), 4) for t in (0.0, 0.5, 1.0)]
    [1.0, 0.1, 0.01]
    """
    return warmed(lambda t: gamma**t, warmup)


@schedules.register("cosine", source="https://arxiv.org/abs/1608.03983")
def cosine(*, warmup: Warmup = 0.05, floor: Floor = 0.0) -> Schedule:
    """Linear warm-up, then half a cosine down to the floor.

    >>> lr = cosine(warmup=0.5, floor=0.1)
    >>> [round(lr(t), 3) for t in (0.0, 0.25, 0.5, 0.75, 1.0)]
    [0.0, 0.5, 1.0, 0.55, 0.1]
    """
    return warmed(lambda t: floor + (1 - floor) * (1 + math.cos(math.pi * t)) / 2, warmup)


@schedules.register("linear", source="https://arxiv.org/abs/1810.04805")
def linear(*, warmup: Warmup = 0.05, floor: Floor = 0.0) -> Schedule:
    """Linear warm-up, then a straight fall to the floor.

    >>> lr = linear(warmup=0.0, floor=0.2)
    >>> [round(lr(t), 3) for t in (0.0, 0.5, 1.0)]
    [1.0, 0.6, 0.2]
    """
    return warmed(lambda t: floor + (1 - floor) * (1 - t), warmup)
