"""What charts cost: `python tests/benchmarks/charts.py` prints medians, with the fastest beside them.

Times are those of the computing thread, in which other programs on the machine show least.
"""

import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tuilab.charts.buckets import Ints
from tuilab.charts.line import Curve, View, draw
from tuilab.charts.rows import Values
from tuilab.charts.series import Series
from tuilab.charts.xmap import Elapsed

ROWS = 10_000_000
RNG = np.random.default_rng(0)


def measure(name: str, goal: str, act: Callable[[], object], rounds: int) -> None:
    """Print the median and the minimum of some rounds, after one to warm up."""
    act()
    times = []
    for _ in range(rounds):
        begin = time.thread_time_ns()
        act()
        times.append((time.thread_time_ns() - begin) / 1e6)
    print(f"{name:<58} {statistics.median(times):9.3f} {min(times):9.3f} ms   goal {goal}")


class Live:
    """A run at 10 million steps that goes on."""

    def __init__(self) -> None:
        self.steps = np.arange(ROWS + 2_000_000)
        self.values = RNG.standard_normal(len(self.steps), np.float32)
        self.held = 0
        self.series = self.built()

    def source(self, start: int, stop: int) -> tuple[Ints, Values]:
        """Rows as a mapped table would give them."""
        return self.steps[start:stop], self.values[start:stop]

    def built(self) -> Series:
        """The first ten million rows."""
        series = Series(self.source)
        series.extend(self.steps[:ROWS], self.values[:ROWS])
        self.held = ROWS
        return series

    def advance(self, rows: int) -> None:
        """Take in some new rows."""
        held = self.held = self.held + rows
        self.series.extend(self.steps[held - rows : held], self.values[held - rows : held])


def frames_by_time(live: Live) -> None:
    """Frames on an axis of wall time, of a run that pauses for a minute every million steps."""
    times = np.arange(len(live.steps)) * 1e-3 + np.arange(len(live.steps)) // 1_000_000 * 60.0
    clock = Elapsed(lambda start, stop: (live.steps[start:stop], times[start:stop]))
    clock.extend(live.steps[: live.held], times[: live.held])
    view = View(120, 30, 0, 2.0**14, "time", title="loss", y_held=(-6.0, 6.0))
    curves = [Curve("loss", live.series, xmap=clock)]

    def step() -> object:
        held = live.held
        live.advance(1000)
        clock.extend(live.steps[held : live.held], times[held : live.held])
        return draw(view, curves)

    def afresh() -> object:
        clock._asked.clear()
        return draw(view, curves)

    measure("frame 120x30 by wall time, 1,000 new points", "", step, 300)
    measure("frame 120x30 by wall time, nothing remembered", "", afresh, 50)


def frames(live: Live) -> None:
    """Frames of one chart."""
    view = View(120, 30, 0, 16e6, title="loss", y_held=(-6.0, 6.0))
    plain = [Curve("loss", live.series)]
    smooth = [Curve("loss", live.series, smoothing=0.99)]
    while draw(view, smooth) and len(live.series.derived[0.99].series) < len(live.series):  # type: ignore[attr-defined]
        pass

    def step(curves: list[Curve]) -> object:
        live.advance(1000)
        return draw(view, curves)

    def afresh(view: View) -> object:
        live.series._recent.clear()
        live.series._levels.clear()
        return draw(view, plain)

    measure("frame 120x30, 1,000 new points, 10 M held", "0.15", lambda: step(plain), 500)
    measure("the same, smoothed", "", lambda: step(smooth), 300)
    measure("frame 120x30, nothing new", "", lambda: draw(view, plain), 500)
    measure("frame 120x30, nothing remembered", "10", partial(afresh, view), 100)
    for rows in (1e3, 1e4, 1e5, 1e6):
        zoomed = View(120, 30, 5e6, 5e6 + rows)
        measure(f"frame 120x30, zoomed to {rows:,.0f} of 10 M", "", partial(afresh, zoomed), 50)
    many = [Curve(f"run {index}", live.series, index, index) for index in range(4)]
    measure("frame 120x30, four curves, 1,000 new points", "", lambda: step(many), 200)
    before, after = draw(view, plain), draw(View(120, 30, 0, 8e6), plain)
    measure("changed spans of two frames", "", lambda: after.changed(before), 200)


def table() -> None:
    """Ingest of a million rows by ten metrics, in blocks, from a table with one row after the other."""
    kind = np.dtype([("step", "i8")] + [(f"m{index}", "f8") for index in range(10)])
    rows = np.zeros(2**20, kind)
    rows["step"] = np.arange(len(rows))
    for index in range(10):
        rows[f"m{index}"] = RNG.standard_normal(len(rows))

    def column(name: str, start: int, stop: int) -> tuple[Ints, Values]:
        return rows["step"][start:stop], rows[name][start:stop]

    def ingest() -> list[Series]:
        many = [Series(partial(column, f"m{index}")) for index in range(10)]
        for begin in range(0, len(rows), 2**14):
            block = rows[begin : begin + 2**14]
            for index, series in enumerate(many):
                series.extend(block["step"], block[f"m{index}"])
        return many

    measure("ingest 1 M rows x 10 float64 metrics", "400", ingest, 5)


if __name__ == "__main__":
    print(f"{'':<58} {'median':>9} {'fastest':>9}")
    running = Live()
    measure(
        "series of 10 M float32 built and drawn",
        "10",
        lambda: draw(View(120, 30, 0, ROWS), [Curve("loss", running.built())]),
        10,
    )
    running.series = running.built()
    frames(running)
    frames_by_time(running)
    table()
