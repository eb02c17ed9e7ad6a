"""What every schedule keeps, whichever it is; and those that torch has too against torch's."""

import math
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch.optim import lr_scheduler

from tuilab.knobs import Field
from tuilab.registry import Entry
from tuilab.schedules import Reacting, Schedule, reaction_of, schedules

STEPS = 200
PLACES = [number / 1000 for number in range(1001)]


def _ends(knob: Field) -> list[Any]:
    if knob.kinds == ("floats",):
        return [[], [knob.low, knob.high], [0.9, 0.1]]
    ends = [end for end in (knob.low, knob.high) if end is not None]
    return [int(end) if knob.kinds == ("int",) else end for end in ends]


def _cases() -> Iterator[Any]:
    for entry in schedules:
        yield pytest.param(entry, {}, id=entry.name)
        for knob in entry.card.fields:
            for value in _ends(knob):
                yield pytest.param(
                    entry, {knob.name: knob.check(value)}, id=f"{entry.name}-{knob.name}={value}"
                )


@pytest.fixture(params=list(schedules), ids=lambda entry: entry.name)
def schedule(request: pytest.FixtureRequest) -> Entry[Schedule]:
    entry: Entry[Schedule] = request.param
    return entry


@pytest.mark.parametrize(("entry", "knobs"), list(_cases()))
def test_it_is_a_share_of_the_base_rate_everywhere(entry: Entry[Schedule], knobs: dict[str, Any]) -> None:
    lr = entry.build(**knobs)
    values = [lr(progress) for progress in PLACES]
    assert all(math.isfinite(value) and -1e-12 <= value <= 1 + 1e-12 for value in values)
    assert values == [lr(progress) for progress in PLACES]


def test_it_warms_up(schedule: Entry[Schedule]) -> None:
    lr = schedule.build(warmup=0.4)
    rise = [lr(progress) for progress in PLACES[:401]]
    assert rise == sorted(rise)
    assert rise[0] < rise[200] < rise[400]
    assert lr(0.0) <= schedule.card["start"].default if schedule.name == "one-cycle" else lr(0.0) == 0


def test_without_a_floor_nothing_is_left_at_the_end() -> None:
    for entry in schedules:
        if "floor" in {knob.name for knob in entry.card.fields}:
            assert entry.build(floor=0.0)(1.0) == pytest.approx(0, abs=1e-9), entry.name
            assert entry.build(floor=0.25)(1.0) == pytest.approx(0.25), entry.name


@pytest.mark.parametrize(
    ("name", "knobs", "theirs"),
    [
        (
            "multistep",
            {"milestones": [0.25, 0.6], "gamma": 0.3},
            lambda o: lr_scheduler.MultiStepLR(o, [STEPS // 4, STEPS * 6 // 10], gamma=0.3),
        ),
        (
            "polynomial",
            {"power": 0.9},
            lambda o: lr_scheduler.PolynomialLR(o, total_iters=STEPS, power=0.9),
        ),
        (
            "cosine-restarts",
            {"cycles": 3, "stretch": 2.0},
            # 200 steps are no whole multiple of 7 parts: the first cycle of 28 makes 196.
            lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, T_0=28, T_mult=2),
        ),
        (
            "cyclic",
            {"cycles": 4, "low": 0.1},
            lambda o: lr_scheduler.CyclicLR(o, 0.1, 1.0, step_size_up=STEPS // 8, cycle_momentum=False),
        ),
        (
            "cyclic",
            {"cycles": 4, "low": 0.1, "shrink": 0.5},
            lambda o: lr_scheduler.CyclicLR(
                o, 0.1, 1.0, step_size_up=STEPS // 8, mode="triangular2", cycle_momentum=False
            ),
        ),
        (
            "one-cycle",
            {},
            # torch puts the top and the end a step before the shares say.
            lambda o: lr_scheduler.OneCycleLR(o, 1.0, total_steps=STEPS + 1, cycle_momentum=False),
        ),
    ],
)
def test_it_is_what_torch_calls_by_that_name(
    name: str, knobs: dict[str, Any], theirs: Callable[[torch.optim.Optimizer], Any]
) -> None:
    ours = schedules[name].build(**knobs)
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    reference = theirs(optimizer)
    length = 196 if name == "cosine-restarts" else STEPS
    for step in range(length):
        tolerance = 0.02 if name == "one-cycle" else 1e-9
        assert ours(step / length) == pytest.approx(optimizer.param_groups[0]["lr"], abs=tolerance), step
        optimizer.step()
        reference.step()


def test_a_milestone_stays_where_it_is_behind_a_warm_up() -> None:
    lr = schedules["multistep"].build(milestones=[0.5], gamma=0.1, warmup=0.4)
    assert lr(0.49) == 1
    assert lr(0.5) == pytest.approx(0.1)


def test_a_trapezoid_whose_sides_overlap_is_a_triangle() -> None:
    lr = schedules["trapezoid"].build(warmup=1.0, decay=1.0)
    assert [lr(progress) for progress in (0.0, 0.5, 1.0)] == [0.0, 0.5, 0.0]


@pytest.mark.parametrize(
    "knobs", [{}, {"gamma": 0.3, "patience": 0}, {"gamma": 0.5, "patience": 2, "threshold": 0.05}]
)
def test_plateau_falls_when_torchs_does(knobs: dict[str, Any]) -> None:
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    wanted = {"gamma": 0.1, "patience": 5, "threshold": 1e-4, **knobs}
    theirs = lr_scheduler.ReduceLROnPlateau(
        optimizer, factor=wanted["gamma"], patience=wanted["patience"], threshold=wanted["threshold"], eps=0
    )
    reaction = reaction_of(schedules["plateau"].build(**knobs))
    noise = torch.rand(200, generator=torch.Generator().manual_seed(0))
    losses = (1 / torch.arange(1, 201).sqrt() + 0.1 * noise).tolist()
    losses[50] = math.nan
    falls = 0
    for loss in losses:
        theirs.step(loss)
        ours = reaction(loss)
        falls += ours < 1
        assert ours == pytest.approx(optimizer.param_groups[0]["lr"], rel=1e-12)
    assert falls > 0


def test_only_what_reacts_says_so_on_its_card() -> None:
    for entry in schedules:
        assert isinstance(entry.build(), Reacting) == bool(entry.card.facts.get("reacts"))
        reaction = reaction_of(entry.build())
        values = [reaction(1.0) for _ in range(100)]
        assert (values[-1] < 1) == bool(entry.card.facts.get("reacts"))


def test_schedules_load_neither_torch_nor_numpy() -> None:
    probe = "import sys, tuilab.schedules; sys.exit(bool({'torch', 'numpy'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", probe], check=False).returncode == 0
