"""Which fast parts a run takes, and why: tried once, then kept.

The rule, in this order, so that the same spec does the same thing wherever it can:

1. `train.fast = "off"`, a GPU, bf16 or torch.compile: none. Nor an optimizer that searches along
   lines: where a search ends hangs on the last digits, and differences grow.
2. A run that is taken up again takes what it took before (`meta.json` or its checkpoint says), so it goes on
   bit for bit.
3. A run too short for trying to pay takes none. That depends on its number of steps alone,
   so short runs are the same on every machine and in every home.
4. What this machine has found out before for this model (and version, threads, batch) is taken.
5. Else it is measured, at the price of at most one step in 25 of the run, each cut to a few milliseconds.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tuilab.engine import packing
from tuilab.engine.fast import memory
from tuilab.engine.fast.measure import PASSES, measure, worth
from tuilab.engine.fast.parts import PARTS, usable
from tuilab.runs import Run

if TYPE_CHECKING:
    from tuilab.engine.build import Built

_SHARE = 25
"""One step in so many may be spent on trying."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The parts a run takes, as they stand in its `meta.json`."""

    parts: tuple[str, ...] = ()
    why: str = ""
    ratios: dict[str, float] = field(default_factory=dict)
    """Time of a forward and backward pass with a part, relative to that without it."""
    lost: tuple[str, ...] = ()
    """Parts that the run began with and that do not work here."""

    @property
    def text(self) -> str:
        """What a person would want to know; empty where nothing was tried."""
        if self.lost:
            return (
                f"the run began with {', '.join(self.lost)}, which does not work here: last digits may differ"
            )
        tried = ", ".join(f"{name} takes {ratio:.2f} of the time" for name, ratio in self.ratios.items())
        if not tried:
            return ""
        taken = f"steps use {' and '.join(self.parts)}" if self.parts else "steps are plain PyTorch"
        return f"{taken}, {self.why}: {tried}"


def recorded(run: Run, saved: Path | None) -> dict[str, Any] | None:
    """Return what a run took when it began: its `meta.json` says so or, if that is lost, its checkpoint."""
    found = run.meta.get("fast")
    if not isinstance(found, dict) and saved is not None:
        found = packing.load(saved / "state").get("fast")
    return found if isinstance(found, dict) else None


def take(built: "Built", home: Path, recorded: dict[str, Any] | None) -> Choice:
    """Choose, and change the model accordingly.

    Args:
        built: the run; its model gets the parts. Nothing else of it changes, nor is a
            random number drawn.
        home: where it is kept what was found out.
        recorded: what it took when it began, where it had begun before.
    """
    choice = _choose(built, home, recorded)
    for name in choice.parts:
        PARTS[name].apply(built.model)
    return choice


def _choose(built: "Built", home: Path, recorded: dict[str, Any] | None) -> Choice:
    train = built.spec.train
    if train.fast == "off":
        return Choice(why="train.fast is off")
    if built.device.type != "cpu" or train.precision != "float32" or train.compile:
        return Choice(why="for float32 on the CPU only")
    if built.searches:
        return Choice(why="an optimizer that searches makes much of last digits")
    names = usable(built.model)
    if recorded is not None:
        return _again(recorded, names)
    if not names or not built.data.task.repeatable:
        return Choice(why="nothing that fits this run")
    if built.steps < _SHARE * PASSES * len(names):
        return Choice(why=f"{built.steps} steps are too few for trying to pay")
    key = memory.key(built, names)
    ratios = memory.recall(home, key)
    why = "as measured before on this machine"
    if ratios is None:
        ratios, why = measure(built, names), "measured just now"
        memory.keep(home, key, ratios)
    return Choice(tuple(name for name in names if worth(ratios.get(name, 1.0))), why, ratios)


def _again(recorded: dict[str, Any], names: list[str]) -> Choice:
    """Return what was chosen when the run began, as far as it works here."""
    parts = tuple(recorded.get("parts", ()))
    left = tuple(name for name in parts if name in names)
    lost = tuple(name for name in parts if name not in names)
    return Choice(left, recorded.get("why", ""), recorded.get("ratios", {}), lost)
