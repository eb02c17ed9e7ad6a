"""A relation between the runs of a family, and which presets make one."""

from dataclasses import dataclass

from tests.measures import Measure, Runs
from tuilab import presets
from tuilab.spec import Raw


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
