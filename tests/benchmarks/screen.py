"""What the run screen costs: bytes, CPU, latency, time to complete charts, memory.

    python -m tests.benchmarks.screen [live] [frame] [fresh] [open] [keys] [day]

The real screen runs under a pseudo-terminal; rows are appended by this process
with the real writer. Medians of a few rounds; the machine's other work shows,
so its load average and the screen's own processor time stand beside.
"""

import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import psutil

from tests.benchmarks import one_chart
from tests.ui.terminal import Terminal
from tests.ui.written import EVALS, STEPS, Written, rows
from tuilab.tables import TableWriter
from tuilab.ui.widgets.figures import figure

TEN = np.dtype([*STEPS.descr, ("clip_share", "<f4"), ("data_wait", "<f4"), ("x", "<f4"), ("y", "<f4")])
"""Ten metrics and the step."""


def report(what: str, figure: str, goal: str) -> None:
    """Print a row of the table."""
    load = f"{os.getloadavg()[0]:.1f}"
    print(f"{what:<64} {figure:>30}   goal {goal:<16} load {load:>4}", flush=True)


@contextmanager
def home() -> Iterator[Path]:
    """A folder for runs, removed afterwards."""
    path = Path(tempfile.mkdtemp(prefix="tuilab-bench-"))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def seconds_of(terminal: Terminal) -> float:
    """CPU seconds that the screen has taken."""
    times = psutil.Process(terminal.process.pid).cpu_times()
    return float(times.user + times.system)


def proportional(terminal: Terminal) -> float:
    """Proportional set size in MB: what the screen's memory costs the machine."""
    return float(psutil.Process(terminal.process.pid).memory_full_info().pss) / 1e6


def live(columns: int, lines: int, rate: float, ssh: bool, seconds: float) -> None:
    """Watch a whole run of this length, then stay for a while after its last step."""
    with home() as folder:
        run = Written(folder, int(rate * seconds), EVALS)
        run.meta()
        run.hold()
        run.tell("started", 0, "digits-mlp on cpu")
        run.status("running")
        terminal = Terminal(run.run, columns, lines, {"SSH_TTY": "/dev/pts/0"} if ssh else {})
        assert terminal.shows("running")
        terminal.read(1.0)
        received, cpu, began = terminal.received, seconds_of(terminal), time.perf_counter()
        terminal.raw.clear()
        written = evaluated = 0.0
        while run.done < run.total:
            terminal.read(0.1)
            now = time.perf_counter() - began
            run.advance(min(int(now * rate) - run.done, run.total - run.done))
            if now - written > 0.25:
                written = now
                run.status("running", rate=rate, eta=max(seconds - now, 0))
            if now - evaluated > seconds / 50:
                evaluated = now
                run.evaluate(run.done)
        took = time.perf_counter() - began
        spent = seconds_of(terminal) - cpu
        frames = sorted(len(frame) for frame in terminal.raw.split(b"\x1b[1;1H") if frame)
        what = f"{columns}x{lines}, {rate:.0f} steps a second, {'2' if ssh else '5'} frames a second: "
        bytes_a_second = (terminal.received - received) / took
        if ssh:
            report(what + "bytes a second", f"{bytes_a_second:.0f}", "1,000" if columns < 100 else "2,500")
            each = statistics.median(frames)
            report(what + "bytes a frame", f"{each:.0f}, {each / 4:.0f} a chart", "-")
        else:
            report(what + "CPU", f"{spent / took:.1%} at {len(frames) / took:.1f} frames/s", "4 %")
        report(what + "memory (PSS)", f"{proportional(terminal):.0f} MB", "-")
        run.status("paused")  # a running one that is silent counts the seconds
        terminal.read(1.5)
        received, cpu = terminal.received, seconds_of(terminal)
        terminal.read(10)
        idle = seconds_of(terminal) - cpu
        report(what + "idle", f"{terminal.received - received} B, {idle / 10:.2%} CPU", "0 B, 0.3 %")
        terminal.close()
        run.close()


def wide_run(folder: Path, total: int) -> Written:
    """A finished run with ten metrics."""
    run = Written(folder, total, EVALS)
    run.steps.close()
    (run.run.path / "steps.npy").unlink()
    run.steps = TableWriter(run.run.path / "steps.npy", TEN)
    for first in range(0, total, 1 << 20):
        count = min(1 << 20, total - first)
        block = np.zeros(count, TEN)
        narrow = rows(first, count, total, spike_at=total * 2 // 3)
        for name in STEPS.names or ():
            block[name] = narrow[name]
        run.steps.append(block)
    run.done = total
    run.meta()
    for step in range(total // 50, total + 1, total // 50):
        run.evaluate(step)
    run.tell("finished", total, "done")
    run.status("finished", eta=None)
    return run


def whole(terminal: Terminal) -> bool:
    """Whether every chart shows the whole run."""
    lines = terminal.screen.display
    return (
        "100%" in lines[1] and "reading" not in lines[1] and any("4 learning rate" in line for line in lines)
    )


def opening(total: int, rounds: int = 5) -> None:
    """Open a finished run from the shell, four charts in sight, with compiled files at hand."""
    with home() as folder:
        run = wide_run(folder, total)
        environ = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(folder / "compiled")}
        took, spent, memory = [], [], 0.0
        for _ in range(rounds + 1):
            began = time.perf_counter()
            terminal = Terminal(run.run, 160, 50, environ, "tuilab", ["attach"])
            assert terminal.read(60, lambda terminal=terminal: whole(terminal))  # type: ignore[misc]
            took.append(time.perf_counter() - began)
            spent.append(seconds_of(terminal))
            memory = proportional(terminal)
            terminal.close()
        run.close()
        del took[0], spent[0]  # the first one compiles
        report(
            f"opening {total:,} steps by 10 metrics, to complete charts",
            f"{statistics.median(took):.2f} s, {statistics.median(spent):.2f} s CPU, {memory:.0f} MB",
            _OPENING[total],
        )


_OPENING = {100_000: "0.5 s", 1_000_000: "1.0 s and 250 MB", 10_000_000: "3 s"}


_TITLES = ("2 accuracy", "3 gradient norm", "4 learning rate", "1 loss")


def keys(total: int) -> None:
    """Go from chart to chart while a long run is being read; time until the chosen one is marked."""
    with home() as folder:
        run = wide_run(folder, total)
        waits: list[float] = []
        while len(waits) < 40:
            terminal = Terminal(run.run, 120, 40)
            assert all(terminal.shows(title) for title in _TITLES)  # a frame comes colour by colour
            places = [_place(terminal, title) for title in _TITLES]
            for key, (line, column) in zip("2341", places, strict=True):
                if "reading" not in terminal.screen.display[1]:
                    break
                cell = terminal.screen.buffer[line]
                before, began = cell[column].fg, time.perf_counter()
                terminal.type(key.encode())
                changed = terminal.read(
                    2.0,
                    lambda cell=cell, column=column, before=before: cell[column].fg != before,  # type: ignore[misc]
                )
                assert changed
                waits.append((terminal.arrived - began) * 1000)
            terminal.close()
        waits.sort()
        report(
            f"key to paint while {total:,} rows are read, {len(waits)} keys",
            f"{statistics.median(waits):.1f} ms, 95th {waits[int(len(waits) * 0.95)]:.1f} ms",
            "20 ms, 95th 50 ms",
        )
        run.close()


def _place(terminal: Terminal, text: str) -> tuple[int, int]:
    """Line and column of a text on the screen."""
    return next((n, line.index(text)) for n, line in enumerate(terminal.screen.display) if text in line)


def frame() -> None:
    """One chart of 120x30, its header included, of a run of ten minutes: bytes that reach the wire."""
    with home() as folder:
        for axis, goal in (("fixed", "100 B"), ("growing", "1,300 B")):
            run = Written(folder, 10)
            terminal = Terminal(run.run, 160, 50, {"AXIS": axis}, "tests.benchmarks.one_chart")
            assert terminal.shows("loss")
            terminal.read(1.0)
            received = terminal.received
            terminal.read(60, lambda terminal=terminal: terminal.process.poll() is not None)  # type: ignore[misc]
            spent = terminal.received - received
            terminal.close()
            run.close()
            report(
                f"bytes a frame, one chart of 120x30, {axis} axis", f"{spent / one_chart.FRAMES:.0f} B", goal
            )


def fresh(rounds: int = 20) -> None:
    """From the moment a step is in its table until the screen shows its loss."""
    with home() as folder:
        run = Written(folder, 100_000, EVALS)
        run.meta()
        run.hold()
        run.advance(1000)
        run.status("running")
        terminal = Terminal(run.run, 160, 50)
        assert terminal.shows("1 loss")
        waits = []
        for number in range(rounds):
            terminal.read(0.5 + 0.037 * number)  # at any moment between two looks
            run.advance(501)
            began = time.perf_counter()
            text = figure(float(run.run.steps.rows["loss"][-1]) if run.run.steps.refresh() else 0.0)
            assert terminal.shows(f"── {text}", 5.0)
            waits.append(terminal.arrived - began)
        waits.sort()
        report(
            "a step on disk until it is shown",
            f"{statistics.median(waits):.2f} s, worst {waits[-1]:.2f} s",
            "0.5 s",
        )
        terminal.close()
        run.close()


def day(total: int = 86_400_000) -> None:
    """Open a run of a day at 1,000 steps a second: what its charts keep in memory."""
    with home() as folder:
        run = Written(folder, total, EVALS)
        for first in range(0, total, 1 << 20):
            run.advance(min(1 << 20, total - first))
        run.meta()
        run.evaluate(total)
        run.tell("finished", total, "done")
        run.status("finished", eta=None)
        began = time.perf_counter()
        terminal = Terminal(run.run, 160, 50)
        assert terminal.read(120, lambda: whole(terminal))
        took = time.perf_counter() - began
        terminal.read(3.0)
        report(
            f"memory with {total:,} steps (PSS), opened in {took:.1f} s",
            f"{proportional(terminal):.0f} MB",
            "bounded",
        )
        terminal.close()
        run.close()


def main() -> None:
    """Measure what is asked for, or everything."""
    chosen = sys.argv[1:] or ["frame", "fresh", "live", "open", "keys", "day"]
    if "frame" in chosen:
        frame()
    if "fresh" in chosen:
        fresh()
    if "live" in chosen:
        for columns, lines in ((80, 24), (200, 50)):
            for rate in (100.0, 5000.0):
                live(columns, lines, rate, ssh=True, seconds=60)
        live(200, 50, 100.0, ssh=False, seconds=30)
        live(200, 50, 5000.0, ssh=False, seconds=30)
    if "open" in chosen:
        for total in (100_000, 1_000_000, 10_000_000):
            opening(total)
    if "keys" in chosen:
        keys(10_000_000)
    if "day" in chosen:
        day()


if __name__ == "__main__":
    main()
