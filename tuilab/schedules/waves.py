"""Schedules that go up again: cycles and restarts."""

import math
from bisect import bisect_right
from itertools import accumulate
from typing import Annotated

from tuilab.knobs import Knob
from tuilab.schedules.schedule import Floor, Schedule, Warmup, schedules, warmed


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
