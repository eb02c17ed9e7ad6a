"""The points that presets of one family make together, each as one number that stays below another."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tests.promises import figure
from tuilab import presets
from tuilab.runs import Run
from tuilab.spec import Raw
from tuilab.tables import Table

Runs = Mapping[str, Run]
"""A family's runs of one seed, by the preset's name."""

Measure = Callable[[Runs], float]


@dataclass(frozen=True)
class Relation:
    """What a family shows: in every seed `less` stays below `more`."""

    family: str
    """The `compare` of its presets."""
    says: str
    less: Measure
    more: Measure

    def holds(self, runs: Runs) -> bool:
        """Whether it is so in these runs."""
        return self.less(runs) < self.more(runs)

    @property
    def presets(self) -> list[str]:
        """The family's members."""
        return members(self.family)


def members(family: str) -> list[str]:
    """Return the presets that name this family in `compare`, in the order of the lists."""
    return [name for name in presets.names() if presets.load(name)["preset"].get("compare") == family]


def families() -> list[str]:
    """Return the families there are."""
    named = (presets.load(name)["preset"].get("compare", "") for name in presets.names())
    return list(dict.fromkeys(family for family in named if family))


def origin_preset(raw: Raw) -> str:
    """Return the preset whose finished run these tables start from, or nothing."""
    init = raw.get("model", {}).get("init")
    return str(init["from"]) if isinstance(init, dict) else ""


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


def noise(preset: str, times: float = 1.0) -> Measure:
    """Return what measures how far the loss jumps from step to step over the run's second half."""

    def jump(runs: Runs) -> float:
        curve = losses(runs[preset])
        return times * float(np.abs(np.diff(curve[len(curve) // 2 :])).mean())

    return jump


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


def _ravine() -> list[Relation]:
    """Return that every other way ends a hundred times nearer than plain descent."""
    return [
        Relation(
            "ravine",
            f"{name} ends a hundred times nearer than sgd after the same steps",
            last(f"ravine-{name}", "test.distance", times=100),
            last("ravine-sgd", "test.distance"),
        )
        for name in ("momentum", "adagrad", "rmsprop", "adam")
    ]


def _overfitting() -> list[Relation]:
    """Return that each remedy ends at a test loss a tenth lower."""
    return [
        Relation(
            "overfitting",
            f"{name} ends at a test loss a tenth lower than the wide network left to itself",
            last(name, "test.loss", times=1.1),
            last("overfit-wide-mlp", "test.loss"),
        )
        for name in ("weight-decay", "dropout", "early-stop")
    ]


RELATIONS = [
    *_ravine(),
    Relation(
        "local-minimum",
        "momentum reaches the lowest place, plain descent stays in a dent",
        last("local-minimum-momentum", "test.distance", times=100),
        last("local-minimum-plain", "test.distance"),
    ),
    Relation(
        "saddle",
        "noise brings the point off the pass, more than 0.2 below it",
        last("saddle-escape", "test.height"),
        lambda runs: last("saddle-stuck", "test.height")(runs) - 0.2,
    ),
    Relation(
        "batch-size",
        "the same passes in small batches end at a lower test loss than in full ones",
        last("mini-batch", "test.loss", times=2),
        last("full-batch", "test.loss"),
    ),
    Relation(
        "batch-size",
        "the fewer samples a step, the more its loss jumps: mini above full",
        noise("full-batch"),
        noise("mini-batch"),
    ),
    Relation(
        "batch-size",
        "the fewer samples a step, the more its loss jumps: single above mini",
        noise("mini-batch"),
        noise("single-sample"),
    ),
    Relation(
        "learning-rate",
        "a rate too low leaves a train loss a quarter higher than a good one",
        last("lr-good", "train.loss", times=1.25),
        last("lr-too-low", "train.loss"),
    ),
    Relation(
        "learning-rate",
        "a rate too high leaves the numbers, at a loss of more than 1e30",
        limit(1e30),
        peak("lr-too-high"),
    ),
    Relation(
        "warmup",
        "with warm-up the loss never rises to half of what it reaches without",
        peak("warmup-on", times=2),
        peak("warmup-off"),
    ),
    Relation(
        "decay",
        "at the first stair the loss falls by more than a fifth",
        around("step-vs-cosine", 1 / 3, before=False),
        around("step-vs-cosine", 1 / 3, before=True, times=0.8),
    ),
    *[
        Relation(
            "decay",
            f"{name} ends at a lower test loss than a rate that never falls",
            last(name, "test.loss", times=1.1),
            last("no-decay", "test.loss"),
        )
        for name in ("cosine-vs-step", "step-vs-cosine")
    ],
    Relation(
        "polynomial",
        "the right degree's test loss is a tenth of the high degree's",
        last("right-polynomial", "test.loss", times=10),
        last("overfit-polynomial", "test.loss"),
    ),
    *_overfitting(),
    Relation(
        "overfitting",
        "the wide network's train loss is a fiftieth of its test loss",
        last("overfit-wide-mlp", "train.loss", times=50),
        last("overfit-wide-mlp", "test.loss"),
    ),
    Relation(
        "overfitting",
        "early stopping needs at most half the steps",
        last("early-stop", "steps", times=2),
        last("overfit-wide-mlp", "steps"),
    ),
    Relation(
        "sharpness",
        "small batches end in a place a tenth flatter than the whole set does",
        sharpness("small-batch-flat", times=1.1),
        sharpness("full-batch-sharp"),
    ),
    Relation(
        "features",
        "normalised, the loss is below 0.1 in a quarter of the steps in which raw it is not",
        lambda runs: 4 * steps_until("features-normalised", 0.1)(runs),
        steps_until("features-raw", 0.1),
    ),
    Relation(
        "depth",
        "through eight sigmoids the first layer's gradient is a hundred-thousandth of the last's",
        vanishing("deep-sigmoid"),
        limit(1e-5),
    ),
    Relation("depth", "through eight relus it is a tenth of it at least", limit(0.1), vanishing("deep-relu")),
    Relation("depth", "batch norm keeps a hundredth of it at least", limit(0.01), vanishing("batch-norm")),
    Relation(
        "relu", "at a rate too high nearly all units of the last layer die", limit(0.9), dead("dead-relu")
    ),
    Relation("relu", "at a twentieth of it hardly any does", dead("live-relu"), limit(0.1)),
    Relation(
        "init",
        "weights too large begin ten times as far from the truth as weights of He's size",
        first_loss("good-init", times=10),
        first_loss("bad-init"),
    ),
    Relation(
        "init",
        "and end at a lower test accuracy",
        last("bad-init", "test.accuracy"),
        last("good-init", "test.accuracy"),
    ),
    *(
        Relation(
            "finetune",
            f"{how} beats training from nothing on 7,680 letters by a twentieth of the loss at least",
            last(f"finetune-{how}", "test.loss"),
            last("finetune-scratch", "test.loss", 0.95),
        )
        for how in ("full", "head", "lora")
    ),
]
