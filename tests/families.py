"""The points that presets of one family make together, each as one number that stays below another."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.promises import figure
from tuilab import presets
from tuilab.runs import Run

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


def last(preset: str, metric: str, times: float = 1.0) -> Measure:
    """Return what measures a preset's last value of a metric, or so many times that."""
    return lambda runs: times * figure(runs[preset], metric)


def limit(value: float) -> Measure:
    """Return what measures nothing: a fixed number."""
    return lambda _: value


RELATIONS: list[Relation] = []
