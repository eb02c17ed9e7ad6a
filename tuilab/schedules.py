"""Learning-rate schedules: pure shapes over a run.

A schedule is built from its knobs into a function of progress in [0, 1] that
gives a multiplier of the base rate. The worker and the screen call the same
function, so the preview is what happens. Sample it at the middle of a step,
`(step + 0.5) / steps`: neither end of the run is spent on a rate of zero.
"""

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import accumulate
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


def _rise(progress: float, warmup: float) -> float:
    """Return the warm-up alone: up in a straight line, then 1."""
    return progress / warmup if progress < warmup else 1.0


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
    return lambda t: _rise(t, warmup) * gamma ** sum(t >= milestone for milestone in milestones)


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


@schedules.register("cosine-restarts", source="https://arxiv.org/abs/1608.03983")
def cosine_restarts(
    *,
    cycles: Annotated[int, Knob("how often the cosine is run through", 1, 100)] = 4,
    stretch: Annotated[float, Knob("how much longer each cycle is than the one before", 0.5, 10)] = 1.0,
    floor: Floor = 0.0,
    warmup: Warmup = 0.0,
) -> Schedule:
    """Half a cosine down, then back to the top and down again: SGDR.

    >>> lr = cosine_restarts(cycles=2, stretch=3)
    >>> [round(lr(t), 3) for t in (0.0, 0.125, 0.249, 0.25, 0.625, 1.0)]
    [1.0, 0.5, 0.0, 1.0, 0.5, 0.0]
    """
    lengths = [stretch**number for number in range(cycles)]
    ends = [end / sum(lengths) for end in accumulate(lengths)]

    def shape(t: float) -> float:
        number = min(bisect_right(ends, t), cycles - 1)
        start = ends[number - 1] if number else 0.0
        within = min((t - start) / (ends[number] - start), 1.0)
        return floor + (1 - floor) * (1 + math.cos(math.pi * within)) / 2

    return warmed(shape, warmup)


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


@schedules.register("one-cycle", source="https://arxiv.org/abs/1708.07120")
def one_cycle(
    *,
    warmup: Annotated[float, Knob("share of the run in which the rate rises to its top", 0, 1)] = 0.3,
    start: Annotated[float, Knob("multiplier at the start of the run", 0, 1)] = 0.04,
    floor: Floor = 4e-6,
) -> Schedule:
    """From a low start up to the top and down far below it, both along half a cosine: super-convergence.

    The defaults are PyTorch's OneCycleLR. It is made for a rate several times
    larger than a constant one would bear.

    >>> lr = one_cycle(warmup=0.5, start=0.2, floor=0.0)
    >>> [round(lr(t), 3) for t in (0.0, 0.25, 0.5, 0.75, 1.0)]
    [0.2, 0.6, 1.0, 0.5, 0.0]
    """

    def multiplier(t: float) -> float:
        if t < warmup:
            return start + (1 - start) * (1 - math.cos(math.pi * t / warmup)) / 2
        fall = (t - warmup) / (1 - warmup) if warmup < 1 else 0.0
        return floor + (1 - floor) * (1 + math.cos(math.pi * fall)) / 2

    return multiplier


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
        return min(_rise(t, warmup), fall)

    return multiplier


@schedules.register("cyclic", source="https://arxiv.org/abs/1506.01186")
def cyclic(
    *,
    cycles: Annotated[int, Knob("how often the rate goes up and down", 1, 1000)] = 4,
    low: Annotated[float, Knob("multiplier at the foot of each cycle", 0, 1)] = 0.1,
    shrink: Annotated[float, Knob("height of a cycle as a share of the one before", 0, 1)] = 1.0,
    warmup: Warmup = 0.0,
) -> Schedule:
    """Up and down in straight lines; `shrink = 0.5` is the paper's triangular2.

    >>> lr = cyclic(cycles=2, low=0.5)
    >>> [lr(t) for t in (0.0, 0.25, 0.375, 0.5, 0.75, 1.0)]
    [0.5, 1.0, 0.75, 0.5, 1.0, 0.5]
    """

    def shape(t: float) -> float:
        number = min(int(t * cycles), cycles - 1)
        height = 1 - abs(2 * (t * cycles - number) - 1)
        return low + (1 - low) * height * shrink**number

    return warmed(shape, warmup)
