"""Forks on the shelf of presets: a run at one of its checkpoints, to be changed and started as a new run.

A fork's key says all there is to know of it, so one that was changed is found again at the next launch.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tuilab.runs import Run
    from tuilab.spec import Raw

_SIGN = "fork"


class Fork(NamedTuple):
    """A run at one of its checkpoints, as the list of presets shows it."""

    key: str
    name: str
    about: str
    """The run, as a spec names it."""
    group: str = "forks"
    own: str = ""

    def load(self) -> "Raw":
        """Return the tables of the new run, in which nothing is changed yet.

        Raises:
            TuilabError: the run or its checkpoint is gone.
        """
        from tuilab import forks
        from tuilab.runs import Run

        step, path = _read(self.key)
        return forks.unchanged(Run(path), step, self.about)


def fork_of(run: "Run", step: int, home: Path) -> Fork:
    """Return what stands on the shelf for a run after so many steps."""
    from tuilab.forks import name_of

    # Within this home its id says enough, and can be read.
    origin = run.id if run.path.parent == home / "runs" else str(run.path)
    return Fork(f"{_SIGN}:{step}:{run.path}", f"{name_of(run)}-{step}", origin)


def found_again(keys: Iterable[str], home: Path) -> Iterator[Fork]:
    """Yield the forks among the keys of drafts whose runs are still there."""
    for key in keys:
        step, path = _read(key)
        if step >= 0 and (path / "spec.toml").is_file():
            from tuilab.runs import Run

            yield fork_of(Run(path), step, home)


def _read(key: str) -> tuple[int, Path]:
    """Return step and directory; the step is -1 where the key is a preset's."""
    sign, _, rest = key.partition(":")
    step, _, path = rest.partition(":")
    return (int(step), Path(path)) if sign == _SIGN and step.isdecimal() else (-1, Path())
