"""Schedules that fall once, or never: level, stairs, straight, curved."""

import math
from collections.abc import Sequence
from typing import Annotated

from tuilab.knobs import Knob
from tuilab.schedules.schedule import Floor, Schedule, Warmup, rise, schedules, warmed


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


@schedules.register(
    "multistep", source="https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.MultiStepLR.html"
)
def multistep(
    *,
    milestones: Annotated[Sequence[float], Knob("shares of the run at which the rate falls", 0, 1)] = (
        0.5,
        0.75,
    ),
    gamma: Annotated[float, Knob("what each drop multiplies the rate by", 0, 1)] = 0.1,
    warmup: Warmup = 0.0,
) -> Schedule:
    """Stairs at places of your choice: the rate falls by gamma at each milestone.

    >>> lr = multistep(milestones=[0.5, 0.8], gamma=0.5)
    >>> [lr(t) for t in (0.0, 0.5, 0.8, 1.0)]
    [1.0, 0.5, 0.25, 0.25]
    """
    # A milestone is a share of the whole run, with or without a warm-up before it.
    return lambda t: rise(t, warmup) * gamma ** sum(t >= milestone for milestone in milestones)


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


@schedules.register("linear", source="https://arxiv.org/abs/1810.04805")
def linear(*, warmup: Warmup = 0.05, floor: Floor = 0.0) -> Schedule:
    """Linear warm-up, then a straight fall to the floor.

    >>> lr = linear(warmup=0.0, floor=0.2)
    >>> [round(lr(t), 3) for t in (0.0, 0.5, 1.0)]
    [1.0, 0.6, 0.2]
    """
    return warmed(lambda t: floor + (1 - floor) * (1 - t), warmup)


@schedules.register("polynomial", source="https://arxiv.org/abs/1606.00915")
def polynomial(
    *,
    power: Annotated[float, Knob("1 falls straight; more falls early, less falls late", 0.01, 100)] = 0.9,
    floor: Floor = 0.0,
    warmup: Warmup = 0.0,
) -> Schedule:
    """A fall to the floor along a power of what is left of the run.

    >>> lr = polynomial(power=2)
    >>> [lr(t) for t in (0.0, 0.5, 1.0)]
    [1.0, 0.25, 0.0]
    """
    return warmed(lambda t: floor + (1 - floor) * (1 - t) ** power, warmup)


@schedules.register("cosine", source="https://arxiv.org/abs/1608.03983")
def cosine(*, warmup: Warmup = 0.05, floor: Floor = 0.0) -> Schedule:
    """Linear warm-up, then half a cosine down to the floor.

    >>> lr = cosine(warmup=0.5, floor=0.1)
    >>> [round(lr(t), 3) for t in (0.0, 0.25, 0.5, 0.75, 1.0)]
    [0.0, 0.5, 1.0, 0.55, 0.1]
    """
    return warmed(lambda t: floor + (1 - floor) * (1 + math.cos(math.pi * t)) / 2, warmup)


@schedules.register("inverse-sqrt", source="https://arxiv.org/abs/1706.03762")
def inverse_sqrt(
    *,
    warmup: Annotated[
        float, Knob("share of the run in which the rate rises; its fall is measured by it", 1e-6, 1)
    ] = 0.05,
) -> Schedule:
    """Up in a straight line, then down with one over the root of the step: the transformer's.

    It needs no length: twice as far as the warm-up it is 0.71, four times as far 0.5.

    >>> lr = inverse_sqrt(warmup=0.25)
    >>> [lr(t) for t in (0.0, 0.125, 0.25, 1.0)]
    [0.0, 0.5, 1.0, 0.5]
    """
    return lambda t: t / warmup if t < warmup else math.sqrt(warmup / t)


@schedules.register("trapezoid", source="https://arxiv.org/abs/2405.18392")
def trapezoid(
    *,
    warmup: Warmup = 0.05,
    decay: Annotated[float, Knob("share of the run in which the rate falls at the end", 0, 1)] = 0.2,
    floor: Floor = 0.0,
) -> Schedule:
    """Warm-up, a long level stretch, a straight fall at the end (WSD).

    The level part can be prolonged later on: only the fall depends on where
    the run ends. Where rise and fall overlap, the lower of the two holds.

    >>> lr = trapezoid(warmup=0.25, decay=0.5)
    >>> [lr(t) for t in (0.0, 0.125, 0.25, 0.5, 0.75, 1.0)]
    [0.0, 0.5, 1.0, 1.0, 0.5, 0.0]
    """

    def multiplier(t: float) -> float:
        fall = floor + (1 - floor) * (1 - t) / decay if t > 1 - decay else 1.0
        return min(rise(t, warmup), fall)

    return multiplier
