"""One loop in a process of its own: `python -m tests.benchmarks.loops.peer LOOP WORK THREADS DEVICE`.

Reads numbers of steps, one a line; answers each with the seconds a step took, by the clock
and of processor time. It says "ready", or why it cannot run, first.
"""

import importlib
import json
import sys
import time

LOOPS = {
    "by hand": ("by_hand", "bare"),
    "by hand, torch.compile": ("by_hand", "compiled"),
    "by hand, DataLoader": ("by_hand", "with_loader"),
    "skorch": ("by_skorch", "skorch"),
    "accelerate": ("by_accelerate", "accelerate"),
    "HF Trainer": ("by_hf", "hf"),
    "Lightning, no log": ("by_lightning", "lightning_silent"),
    "Lightning, CSV log": ("by_lightning", "lightning_logged"),
}
"""By the name in the table: module and function."""

_SETTLING = 5
"""Steps at the head of a round that do not count: what is set up then is no step's cost."""


def main() -> None:
    """Answer until the input ends."""
    name, work, threads, device = sys.argv[1:5]
    module, function = LOOPS[name]
    try:
        loop = getattr(importlib.import_module(f"tests.benchmarks.loops.{module}"), function)
    except ImportError as error:
        print(json.dumps({"missing": f"{error.name} is not installed"}), flush=True)
        return
    import torch

    from tests.benchmarks.loops.works import built_of

    answers, sys.stdout = sys.stdout, sys.stderr  # frameworks print
    built = built_of(work, int(threads), device)
    run = loop(built)

    def synchronise() -> None:
        if built.device.type == "cuda":
            torch.cuda.synchronize()

    print(json.dumps({"ready": True}), file=answers, flush=True)
    for line in sys.stdin:
        marks: list[tuple[float, float]] = []
        total = int(line) + _SETTLING

        def mark(marks: list[tuple[float, float]] = marks, total: int = total) -> None:
            if len(marks) in (_SETTLING - 1, total - 1):
                synchronise()  # a step is done when the device has done it; tidying up is none
            marks.append((time.perf_counter(), time.process_time()))

        run(total, mark)
        counted = len(marks) - _SETTLING
        wall, cpu = ((marks[-1][axis] - marks[_SETTLING - 1][axis]) / counted for axis in (0, 1))
        print(json.dumps({"wall": wall, "cpu": cpu}), file=answers, flush=True)


if __name__ == "__main__":
    main()
