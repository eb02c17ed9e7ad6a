"""What is measured in the runs of a family: each function returns one that gives a number."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from tests.promises import figure
from tuilab.runs import Run
from tuilab.tables import Table

Runs = Mapping[str, Run]
"""A family's runs of one seed, by the preset's name."""

Measure = Callable[[Runs], float]


def last(preset: str, metric: str, times: float = 1.0) -> Measure:
    """Return what measures a preset's last value of a metric, or so many times that."""
    return lambda runs: times * figure(runs[preset], metric)


def limit(value: float) -> Measure:
    """Return what measures nothing: a fixed number."""
    return lambda _: value


def losses(run: Run) -> NDArray[np.float64]:
    """Return the train loss of every step."""
    run.steps.refresh()
    return np.asarray(run.steps["loss"], np.float64)


def steps_until(preset: str, level: float) -> Measure:
    """Return what counts the steps after which the train loss is below a level; all of them where never."""

    def count(runs: Runs) -> float:
        below = losses(runs[preset]) < level
        return float(below.argmax()) if below.any() else float(len(below))

    return count


def noise(preset: str) -> Measure:
    """Return what measures how far the loss rises from step to step, on average in the second half."""

    def rise(runs: Runs) -> float:
        curve = losses(runs[preset])
        return float(np.diff(curve[len(curve) // 2 :]).clip(min=0).mean())

    return rise


def peak(preset: str, times: float = 1.0) -> Measure:
    """Return what measures the highest train loss."""
    return lambda runs: times * float(losses(runs[preset]).max())


def first_loss(preset: str, times: float = 1.0) -> Measure:
    """Return what measures the train loss before the first step."""
    return lambda runs: times * float(losses(runs[preset])[0])


def around(preset: str, share: float, before: bool, times: float = 1.0) -> Measure:
    """Return what measures the mean loss of the 60 steps before or after a share of the run."""

    def mean(runs: Runs) -> float:
        curve = losses(runs[preset])
        place = round(len(curve) * share)
        return times * float((curve[place - 60 : place] if before else curve[place : place + 60]).mean())

    return mean


def rows(run: Run, table: str) -> NDArray[np.float64]:
    """Return what a probe wrote, a row a look: "layers/grad_norm", "probes/sharpness"."""
    found = Table(run.path / f"{table}.npy")
    found.refresh()
    return np.asarray(found["value"], np.float64)


def vanishing(preset: str) -> Measure:
    """Return what measures the first layer's gradient norm as a share of the last's, before any step."""

    def share(runs: Runs) -> float:
        norms = rows(runs[preset], "layers/grad_norm")[0]
        return float(norms[0] / norms[-1])

    return share


def dead(preset: str) -> Measure:
    """Return what measures the share of dead units in the last hidden layer at the end."""
    return lambda runs: float(rows(runs[preset], "layers/dead")[-1, -1])


def sharpness(preset: str, times: float = 1.0) -> Measure:
    """Return what measures the mean sharpness over the run's last quarter."""

    def mean(runs: Runs) -> float:
        values = rows(runs[preset], "probes/sharpness")[:, 0]
        return times * float(values[-(len(values) // 4) :].mean())

    return mean


def rounds_until(preset: str, level: float, steps: int, times: float = 1.0) -> Measure:
    """Return what counts the rounds played until an evaluation's return reaches a level.

    Args:
        preset: a member of the family.
        level: the return.
        steps: learned from each round.
        times: the count is multiplied by this.
    """

    def count(runs: Runs) -> float:
        evals = runs[preset].evals
        evals.refresh()
        stands = evals["step"][evals["return"] >= level]
        return times * float(stands[0] if len(stands) else evals["step"][-1]) / steps

    return count
