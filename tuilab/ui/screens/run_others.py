"""The runs drawn beside the one that is watched: read as that one is, in slices that hold nobody up."""

from collections.abc import Sequence
from pathlib import Path

from tuilab.runs import Run
from tuilab.status import LIVE
from tuilab.ui.screens.run_feed import Feed
from tuilab.ui.screens.run_found import DAMAGED
from tuilab.ui.widgets.chart_overlay import LETTERS, Shown, names

MOST = len(LETTERS) - 1
"""Runs that fit beside one: each has a letter and a colour of its own."""


class Others:
    """Follows several runs; `look` is called from a thread, the rest by the screen."""

    def __init__(self, feed: Feed) -> None:
        """Follow nothing yet, beside what this feed follows."""
        self._own = feed
        self._followed: list[tuple[Feed, Shown]] = []
        self.name = ""
        """What the run that is watched is called beside these."""
        self.unreadable: dict[Path, str] = {}
        """Why the newest look could not read some of them."""

    @property
    def shown(self) -> list[Shown]:
        """What the charts draw beside the run that is watched."""
        return [run for _, run in self._followed]

    @property
    def paths(self) -> list[Path]:
        """The directories of the runs, in order."""
        return [feed.run.path for feed, _ in self._followed]

    @property
    def live(self) -> bool:
        """Whether any of them is still under way."""
        return any(run.status.state in LIVE for _, run in self._followed)

    @property
    def settled(self) -> bool:
        """Whether everything there is has been read."""
        return all(feed.settled for feed, _ in self._followed)

    def put(self, paths: Sequence[Path]) -> None:
        """Follow these runs from now on, at most `MOST`; what was read of those that stay is kept."""
        before = {feed.run.path: (feed, run) for feed, run in self._followed}
        followed = []
        for path in dict.fromkeys(paths[:MOST]):
            if path in before:
                followed.append(before[path])
                continue
            feed = Feed(Run(path), budget=self._own.budget, lock=self._own.lock)
            feed.want(self._own.wanted)
            followed.append((feed, Shown(feed)))
        self.name, *called = names([self._own.run, *(feed.run for feed, _ in followed)])
        for (_, run), name in zip(followed, called, strict=True):
            run.name = name
        self._followed = followed  # at once: the thread that looks meets the old list or the new one

    def want(self, metrics: Sequence[str]) -> None:
        """Say which metrics are looked at: only those are read."""
        for feed, _ in self._followed:
            feed.want(metrics)

    def look(self) -> bool:
        """Read what is new of each; return whether anything was.

        A run whose directory is gone or damaged stays as it was read.
        """
        new, unreadable = False, {}
        for feed, run in self._followed:
            try:
                found = feed.look()
            except DAMAGED as error:
                unreadable[feed.run.path] = str(error)
                continue
            if found is not None:
                run.status, new = found.status, True
        self.unreadable = unreadable
        return new
