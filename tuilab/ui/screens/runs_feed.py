"""All runs of a home, looked at again and again for little.

What has ended is not read twice unless its status file says something new; what
lives is asked each time. A look stops after a while and goes on at the next, so
that five hundred runs on a slow disk hold nobody up.
"""

import os
import time
from pathlib import Path

from tuilab.runs import Run
from tuilab.status import LIVE
from tuilab.ui.plain_runs import RunLine, look

BUDGET = 0.15
"""Seconds of one look: less than between two of them."""

_OLD_RUNS = 100
"""Ended runs whose status file is looked at in one look: somebody may take one up again."""


class RunsFeed:
    """Keeps one line a run; used by one thread."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "runs"
        self._lines: dict[str, RunLine] = {}
        self._marks: dict[str, int] = {}
        """When each run's status file was written, as of the last look."""
        self._names: list[str] = []
        self._folder_mark = -1
        self._turn = 0
        self.complete = False
        """Whether every run has been read at least once."""

    def look(self) -> list[RunLine] | None:
        """Return every line that is known, newest first, or None where nothing changed."""
        deadline = time.perf_counter() + BUDGET
        changed = self._list()
        for name in self._due():
            changed |= self._look_at(name)
            if time.perf_counter() > deadline:
                break
        complete = len(self._lines) >= len(self._names)
        changed |= complete is not self.complete
        self.complete = complete
        if not changed:
            return None
        return sorted(self._lines.values(), key=lambda line: (line.id[:15], line.began), reverse=True)

    def _list(self) -> bool:
        """List the folder again if something was put in or taken out."""
        try:
            mark = self._folder.stat().st_mtime_ns
            if mark == self._folder_mark:
                return False
            with os.scandir(self._folder) as entries:
                names = {entry.name for entry in entries if not entry.name.startswith(".")}
        except FileNotFoundError:
            mark, names = 0, set()
        self._folder_mark = mark
        self._names = sorted(names, reverse=True)
        gone = self._lines.keys() - names
        for name in gone:
            del self._lines[name], self._marks[name]
        return bool(gone)

    def _due(self) -> list[str]:
        """Return runs to look at: live ones, new ones, and a part of the others in turn."""
        live: list[str] = []
        new: list[str] = []
        old: list[str] = []
        for name in self._names:
            line = self._lines.get(name)
            (new if line is None else live if line.state in LIVE else old).append(name)
        if old:
            self._turn %= len(old)
            old = (old[self._turn :] + old[: self._turn])[:_OLD_RUNS]
            self._turn += len(old)
        return live + new + old

    def _look_at(self, name: str) -> bool:
        """Read a run if there is anything new to read; return whether its line changed."""
        path, before = self._folder / name, self._lines.get(name)
        try:
            mark = (path / "status.json").stat().st_mtime_ns
            run = Run(path)
            # A killed worker writes nothing: only its lock tells.
            if before is not None and mark == self._marks[name]:
                silent = before.state in LIVE and before.state != "queued" and not run.alive
                if not silent:
                    return False
            line = look(run)
        except OSError:
            self._names.remove(name)  # no run, or being moved away
            return self._lines.pop(name, None) is not None
        self._lines[name], self._marks[name] = line, mark
        return line != before
