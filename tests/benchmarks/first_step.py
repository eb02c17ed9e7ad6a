"""From the start key to the first step: `python tests/benchmarks/first_step.py`.

A worker in standby that has checked the spec, as the lab has it do, is told to
run; the time until a reader sees the first row of `steps.npy`. Beside it the
time a cold worker takes. Medians over the rounds.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path
from queue import Queue
from typing import Any

from tuilab import new_run, presets, supervise
from tuilab.catalog import Catalog
from tuilab.resolve import resolve
from tuilab.runs import Run
from tuilab.spec import dumps


def ask(standby: supervise.Standby, question: str, **values: Any) -> dict[str, Any]:
    """Ask and wait for the answer."""
    replies: Queue[dict[str, Any]] = Queue()
    standby.ask(question, replies.put, **values)
    return replies.get(timeout=120)


def first_row(run: Run, since: float) -> float:
    """Return the seconds until a reader sees a row."""
    while run.steps.refresh() == 0:
        time.sleep(0.002)
    return time.perf_counter() - since


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("presets", nargs="*", default=["digits-mlp", "fashion-cnn", "docs-gpt"])
    asked = parser.parse_args()
    print(f"{'preset':16} {'warm, s':>18} {'cold, s':>18}")
    for preset in asked.presets:
        warm, cold = [], []
        for _ in range(asked.rounds):
            home = Path(tempfile.mkdtemp())
            standby = supervise.Standby(home)
            catalog = Catalog.from_json(ask(standby, "describe")["answer"])
            spec = resolve(presets.load(preset), catalog)
            ask(standby, "check", spec=dumps(spec))
            time.sleep(0.5)
            start = time.perf_counter()
            run = new_run.create(home, spec)
            ask(standby, "run", path=str(run.path))
            warm.append(first_row(run, start))
            run.send("stop")
            standby.close()
            start = time.perf_counter()
            run = new_run.create(home, spec)
            worker = supervise.start(run, home)
            cold.append(first_row(run, start))
            run.send("stop")
            worker.wait()
        row = "".join(
            f"{statistics.median(times):8.3f} [{min(times):.2f}-{max(times):.2f}]" for times in (warm, cold)
        )
        print(f"{preset:16} {row}")


if __name__ == "__main__":
    main()
