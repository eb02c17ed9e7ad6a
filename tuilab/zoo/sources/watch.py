"""Who watches while data are fetched: told how far it is, asked whether to go on.

Set around whatever may fetch, in place of an argument through every data set:

    with watching(progress=show, stop=stopped):
        data = datasets["mnist"].build(request)
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from tuilab.errors import TuilabError

Progress = Callable[[int, int, str], None]
"""Bytes that are here, bytes there will be (0: not known), and from where; with neither, what goes on."""


class NotAtHand(TuilabError):
    """A data set would have to be fetched, and whoever asks does not want that now."""

    def __init__(self, message: str, bytes_: int = 0) -> None:
        super().__init__(message)
        self.bytes = bytes_
        """What would be fetched; 0 where nobody knows."""


class Stopped(TuilabError):
    """Fetching was stopped; what has come stays, and the next time goes on from there."""


@dataclass(frozen=True, slots=True)
class Watch:
    """What is told and asked while data are fetched."""

    progress: Progress = lambda done, total, source: None
    """Called often, at every piece that comes: throttle what is slow."""
    stop: Callable[[], bool] = lambda: False
    """Asked between pieces; once it is true, `Stopped` is raised and the part that came is kept."""
    allowed: bool = True
    """Whether anything may be fetched at all."""

    def check(self) -> None:
        """Raise `Stopped` where it was asked for."""
        if self.stop():
            raise Stopped("Fetching was stopped. What has come is kept: the next time goes on from there.")


_NOBODY = Watch()
_current: ContextVar[Watch] = ContextVar("watch")


def current() -> Watch:
    """Return who watches now."""
    return _current.get(_NOBODY)


@contextmanager
def watching(
    progress: Progress = _NOBODY.progress,
    stop: Callable[[], bool] = _NOBODY.stop,
    *,
    allowed: bool = True,
) -> Iterator[None]:
    """Watch what is fetched inside; with `allowed=False` nothing is, and `NotAtHand` is raised instead."""
    token = _current.set(Watch(progress, stop, allowed))
    try:
        yield
    finally:
        _current.reset(token)
