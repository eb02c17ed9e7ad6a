"""What watching costs as models grow: `python tests/benchmarks/scale.py` prints it per step.

A chain of tiny layers is the worst case: the less a layer computes, the more its statistics
weigh. Everything that only watches is timed where it stands, in the loop of a real run with
the default probes: gradient norms, layer statistics, the step's row and the writing of tables.
Beside it the loop by hand trains the same chain on the same data, unwatched, in turns with the run.
"""

import argparse
import itertools
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.benchmarks.loops.by_hand import bare
from tuilab import new_run, runs, zoo
from tuilab.engine.build import build
from tuilab.engine.progress import Progress
from tuilab.engine.training import Training
from tuilab.history import History
from tuilab.resolve import resolve

TENSORS = (10, 100, 1_000, 10_000, 20_000)
"""Parameter tensors of the models: two a layer."""

_TURN = 5
"""Steps of one loop before the other's turn comes."""


class Meter:
    """Adds up the time spent in functions that it is wrapped around."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def around(self, owner: Any, name: str) -> None:
        """Count the time of an object's method from now on."""
        act: Callable[..., Any] = getattr(owner, name)

        def timed(*arguments: Any, **settings: Any) -> Any:
            begin = time.thread_time()
            result = act(*arguments, **settings)
            self.seconds += time.thread_time() - begin
            return result

        setattr(owner, name, timed)

    def take(self) -> float:
        """Return the seconds since the last time this was asked."""
        seconds, self.seconds = self.seconds, 0.0
        return seconds


def begin(home: Path, tensors: int, steps: int) -> tuple[runs.Run, Training]:
    """Build a run of a network with so many parameter tensors."""
    hidden = max(1, tensors // 2 - 1)
    raw = {
        "data": {"name": "digits", "batch_size": 8},
        "model": {"name": "mlp", "width": [4] * hidden},
        "optimizer": {"name": "adamw"},
        "train": {"steps": steps, "epochs": 0, "threads": 1},
    }
    run = new_run.create(home, resolve(raw, zoo.describe(), "scale"))
    return run, Training(run, home, Progress(run.path, run.status))


def by_hand(run: runs.Run, home: Path) -> Callable[[], float]:
    """Return what trains the same model by hand for a turn, and gives the seconds of each step."""
    act = bare(build(run.spec, home / "data"))

    def turn() -> float:
        marks = [time.thread_time()]
        act(_TURN, lambda: marks.append(time.thread_time()))
        return statistics.median(after - before for before, after in itertools.pairwise(marks))

    return turn


def measure(home: Path, tensors: int, steps: int) -> None:
    """Print the row of one size."""
    run, training = begin(home, tensors, steps)
    plain = by_hand(run, home)
    watching, writing = Meter(), Meter()
    watching.around(training.trainer.gradients, "norms")
    for name in ("before", "after"):
        watching.around(training._watch, name)
    watching.around(training._recorder, "step")
    whole, watched, written, ratios = [], [], [], []
    writing.around(training, "flush")
    last = time.thread_time()
    for done in training.steps():
        if training.flush_due:
            training.flush()
        now = time.thread_time()
        whole.append(now - last)
        watched.append(watching.take())
        written.append(writing.take())
        if done % _TURN == 0:
            ratios.append(statistics.median(whole[-_TURN:]) / plain())
        last = time.thread_time()
    training.flush(wait=True)
    training.close()
    half = len(whole) // 2  # the first half warms up
    step = statistics.median(whole[half:])
    watch, write = statistics.mean(watched[half:]), statistics.mean(written[half:])
    share = 100 * (sum(watched[half:]) + sum(written[half:])) / sum(whole[half:])
    ratio = statistics.median(ratios[len(ratios) // 2 :])
    begun = time.thread_time()
    history = History(run)
    history.poll()
    history.metrics()
    read = time.thread_time() - begun
    size = sum(path.stat().st_size for path in run.path.glob("layers/*.npy")) / max(steps // 10, 1)
    print(
        f"{tensors:>8,} {1e3 * step:>10.2f} ms {ratio:>7.2f} {1e6 * watch:>10.0f} us {1e6 * write:>10.0f} us"
        f" {share:>8.1f} % {1e9 * watch / tensors:>6.0f} ns {size / 1e3:>11.1f} kB {1e3 * read:>8.1f} ms",
        flush=True,
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=60, help="of each run")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    zoo.load()
    print(f"torch {torch.__version__}, numpy {np.__version__}, 1 thread, default probes")
    print(
        " tensors       step  by hand  watching/step  writing/step   share  /tensor  row of layers  opening"
    )
    with tempfile.TemporaryDirectory() as home:
        for tensors in TENSORS:
            measure(Path(home), tensors, asked.steps)


if __name__ == "__main__":
    main()
