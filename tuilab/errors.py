"""What the user did that cannot work, said so that they can mend it.

One base class: a message names what is wrong, where, the nearest name or the
allowed range, and what to do. Everything else that is raised is our own
mistake and crashes with its traceback.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches


class TuilabError(Exception):
    """A request that cannot be carried out, with what to do about it."""


class UnknownName(TuilabError):
    """A preset, a spec or a command names something that is not there.

    >>> str(UnknownName("model", "mpl", ["mlp", "gpt"]))
    "There is no model called 'mpl'. Did you mean 'mlp'?"
    """

    def __init__(self, kind: str, name: str, known: Iterable[str], hint: str = "") -> None:
        super().__init__(f"There is no {kind} called {name!r}. {nearest(name, known)} {hint}".rstrip())


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a spec: the dotted key it stands at, and what to do."""

    key: str
    message: str

    def __str__(self) -> str:
        return f"{self.key}: {self.message}" if self.key else self.message


class SpecError(TuilabError):
    """A spec with problems, all of them, each with its key."""

    def __init__(self, problems: Sequence[Problem], where: str = "") -> None:
        self.problems = tuple(problems)
        self.where = where
        lines = [str(problem) for problem in problems]
        if where:
            count = "one problem" if len(lines) == 1 else f"{len(lines)} problems"
            lines = [f"{where} has {count}:", *(f"  {line}" for line in lines)]
        super().__init__("\n".join(lines))


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the half sentence that helps: the nearest known name, or all of them.

    >>> nearest("zzz", ["mlp", "gpt"])
    'Choose from gpt, mlp.'
    """
    names = sorted(set(known))
    near = get_close_matches(name, names, n=1)
    if near:
        return f"Did you mean {near[0]!r}?"
    return f"Choose from {', '.join(names)}." if names else "There are none."
