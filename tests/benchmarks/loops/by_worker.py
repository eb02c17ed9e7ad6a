"""The lab's own worker, as the lab runs it: a process in standby that is told to train a run.

Nothing is switched off but evaluations, samples and checkpoints, which the other loops do
not make either. On the CPU its times are those of its own table; on a GPU the table knows when a
step was launched, so there the time is taken between two sights of rows that have arrived.
"""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from queue import Queue
from typing import Any, NamedTuple

from tests.benchmarks.loops.works import OWN, WORKS, spec_of
from tuilab import new_run, supervise
from tuilab.events import EventReader
from tuilab.runs import Run
from tuilab.spec import dumps

ROOT = Path(__file__).parents[3]
SETTLING = 20
"""Steps at the head of a run that do not count."""

_POLL = 0.004

_BUDGET = 10_000_000
"""Steps that the spec asks for; a run is stopped once enough are done. Short ones try no fast parts."""

_SCREENFUL = 4096
"""Bytes by which a screen has painted itself once."""

_GPU_SECONDS = 3.0
"""That a run on a GPU is watched for: rows arrive in blocks, ten a second."""


class Sight(NamedTuple):
    """What was seen of a run when rows had just come."""

    rows: int
    cpu: float
    """Seconds of the worker's processor time."""
    clock: float


class Workers:
    """Runs of one home, so that what the first has measured serves the next."""

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp())

    def start(self, work: str, threads: int, device: str) -> Run:
        """Start a run in a worker that is warm."""
        spec = spec_of(work, _BUDGET, threads, device)
        standby = supervise.Standby(self.home, [OWN])
        _ask(standby, "check", spec=dumps(spec))
        run = new_run.create(self.home, spec)
        _ask(standby, "run", path=str(run.path))
        return run

    def round(
        self, work: str, steps: int, threads: int, device: str, screen: bool = False
    ) -> dict[str, float]:
        """Train one run; return the seconds of a step, by the clock and of processor time."""
        run = self.start(work, threads, device)
        with screen_on(run) if screen else contextlib.nullcontext():
            seen = _first(run, SETTLING)
            while not _enough(seen, seen[0].rows + steps, device):
                seen = _grown(run, seen)
        run.send("stop")
        while run.alive:
            time.sleep(_POLL)
        first, last = seen[0], seen[-1]
        rows = last.rows - first.rows
        wall = (last.clock - first.clock) / rows if rows else float("nan")
        if device == "cpu":
            times = run.steps["time"][first.rows - 1 : first.rows + steps]
            wall = float(times[-1] - times[0]) / steps
        return {"wall": wall, "cpu": (last.cpu - first.cpu) / rows if rows else float("nan")}


def chosen(home: Path) -> str:
    """Return what the newest run of a home computed with."""
    newest = max((home / "runs").iterdir())
    found = json.loads((newest / "meta.json").read_text())["fast"]
    events = EventReader(newest / "events.jsonl").read()
    graphs = [event.text for event in events if event.kind == "steps" and "CUDA graph" in event.text]
    return "; ".join([f"{', '.join(found['parts']) or 'plain'} ({found['why']}; {found['ratios']})", *graphs])


@contextlib.contextmanager
def screen_on(run: Run) -> Iterator[None]:
    """Attach a screen to a run, ten frames a second on a terminal of 120x30 that takes whatever comes.

    The block begins when it has been up for a second: what is asked is what a screen costs, not its start.
    """
    import pty
    import threading

    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.ui.terminal", str(run.path)],
        cwd=ROOT, stdin=follower, stdout=follower, stderr=follower, start_new_session=True,
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "120", "LINES": "30", "TUILAB_FRAMES": "10",
             "XDG_CONFIG_HOME": str(run.path / "config")},
    )  # fmt: skip
    os.close(follower)
    painted = threading.Event()

    def drain() -> None:
        got = 0
        with contextlib.suppress(OSError):
            while data := os.read(leader, 1 << 16):
                got += len(data)
                if got > _SCREENFUL:
                    painted.set()

    threading.Thread(target=drain, daemon=True).start()
    try:
        if not painted.wait(30):
            raise RuntimeError("the screen has painted nothing")
        time.sleep(1)
        yield
    finally:
        process.kill()
        process.wait()
        os.close(leader)


def _ask(standby: supervise.Standby, question: str, **values: Any) -> dict[str, Any]:
    replies: Queue[dict[str, Any]] = Queue()
    standby.ask(question, replies.put, **values)
    answer = replies.get(timeout=300)
    if "error" in answer:
        raise RuntimeError(answer["error"])
    return answer


def _enough(seen: list[Sight], rows: int, device: str) -> bool:
    if device == "cpu":
        return seen[-1].rows >= rows
    return seen[-1].clock - seen[0].clock >= _GPU_SECONDS


def _first(run: Run, rows: int) -> list[Sight]:
    while run.steps.refresh() < rows:
        if run.status.state in ("failed", "diverged", "crashed"):
            raise RuntimeError((run.path / "events.jsonl").read_text())
        time.sleep(_POLL)
    return [Sight(len(run.steps), _cpu(run), time.perf_counter())]


def _grown(run: Run, seen: list[Sight]) -> list[Sight]:
    """Note both times at each block of rows: they are written just when the steps are done."""
    time.sleep(_POLL)
    if run.steps.refresh() > seen[-1].rows:
        seen.append(Sight(len(run.steps), _cpu(run), time.perf_counter()))
    elif not run.alive:
        raise RuntimeError((run.path / "events.jsonl").read_text())
    return seen


def _cpu(run: Run) -> float:
    """Return the processor seconds of a run's worker so far."""
    fields = Path(f"/proc/{run.status.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def steps_of(work: str) -> int:
    """Return the steps of a round: long enough for the clock of the processor, which ticks each 10 ms."""
    return WORKS[work].steps * 4
