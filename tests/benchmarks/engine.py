"""Training in the lab against the loop by hand and the frameworks: `python tests/benchmarks/engine.py`.

Each loop runs in a process of its own and they take turns, round by round, so that they
meet the same machine; the table gives medians over the rounds and the ratio to the
hand-written loop of the same round. The lab's row is its real worker with default watching.
Frameworks come with `pip install '.[bench]' -c constraints.txt`; those that are not
installed are left out. Beside wall time stands processor time, which is what remains
comparable on a machine that others use too.
"""

import argparse
import importlib.util
import json
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

import torch  # noqa: E402  the checkout first

from tests.benchmarks.loops import by_worker, costs  # noqa: E402
from tests.benchmarks.loops.peer import LOOPS  # noqa: E402
from tests.benchmarks.loops.works import WORKS  # noqa: E402
from tuilab.engine import devices  # noqa: E402
from tuilab.errors import TuilabError  # noqa: E402
from tuilab.supervise import worker_environment  # noqa: E402

Times = dict[str, float]
REFERENCE = "by hand"
OURS, BESIDE = "tuilab", "tuilab beside its screen"
_SKIPPED = "by hand, torch.compile"
"""Compiles for a minute and loses here; --compile asks for it."""


class Peer:
    """A loop in its process, with the environment that a user's own script has."""

    def __init__(self, name: str, work: str, threads: int, device: str) -> None:
        self.name = name
        command = [sys.executable, "-W", "ignore", "-m", "tests.benchmarks.loops.peer"]
        self._process = subprocess.Popen(
            [*command, name, work, str(threads), device],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        self.missing = self._answer().get("missing", "")

    def round(self, steps: int) -> Times:
        """Train so many steps."""
        _pipe(self._process.stdin).write(f"{steps}\n")
        _pipe(self._process.stdin).flush()
        answer: Times = self._answer()
        return answer

    def close(self) -> None:
        """Let the process end."""
        _pipe(self._process.stdin).close()
        self._process.wait()

    def _answer(self) -> dict[str, float]:
        line = _pipe(self._process.stdout).readline()
        return json.loads(line) if line else {"missing": "fails"}  # type: ignore[dict-item]


def _pipe(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None
    return pipe


def compare(work: str, threads: int, device: str, rounds: int, screen: bool, compiled: bool) -> None:
    """Let all loops take turns on one work, and print their table."""
    names = [name for name in LOOPS if compiled or name != _SKIPPED]
    peers = [Peer(name, work, threads, device) for name in names]
    left_out = [f"{peer.name} ({peer.missing})" for peer in peers if peer.missing]
    peers = [peer for peer in peers if not peer.missing]
    if REFERENCE not in {peer.name for peer in peers}:
        sys.exit(f"The loop by hand itself does not run here: {', '.join(left_out)}")
    if screen and importlib.util.find_spec("textual") is None:
        screen = False
        left_out.append(f"{BESIDE} (needs textual)")
    workers = by_worker.Workers()
    steps, ours = WORKS[work].steps * (1 if device == "cpu" else 10), by_worker.steps_of(work)
    found: dict[str, list[Times]] = {}
    for number in range(rounds):
        print(f"{work}, {threads} threads: round {number + 1} of {rounds}", file=sys.stderr, flush=True)
        for peer in peers:
            found.setdefault(peer.name, []).append(peer.round(steps))
        found.setdefault(OURS, []).append(workers.round(work, ours, threads, device))
        if screen:
            found.setdefault(BESIDE, []).append(_beside(workers, work, ours, threads, device))
    for peer in peers:
        peer.close()
    print(f"\n{WORKS[work].title}, {device}, {threads} thread{'s' * (threads > 1)}, {rounds} rounds")
    print(f"{'':26} {'ms a step':>10} {'of by hand':>18} {'CPU ms':>8} {'of by hand':>11}")
    for name, times in found.items():
        _print_row(name, times, found[REFERENCE])
    if screen:
        _print_speed_beside(found[OURS], found[BESIDE])
    print(f"{OURS} computed with: {by_worker.chosen(workers.home)}")
    if left_out:
        print(f"left out: {', '.join(left_out)}")


def _beside(workers: by_worker.Workers, work: str, steps: int, threads: int, device: str) -> Times:
    return workers.round(work, steps, threads, device, screen=True)


def _print_row(name: str, times: list[Times], reference: list[Times]) -> None:
    ratios = {
        kind: [mine[kind] / other[kind] for mine, other in zip(times, reference, strict=True)]
        for kind in ("wall", "cpu")
    }
    wall, cpu = (statistics.median(one[kind] for one in times) * 1e3 for kind in ("wall", "cpu"))
    spread = f"{statistics.median(ratios['wall']):.2f} [{min(ratios['wall']):.2f}-{max(ratios['wall']):.2f}]"
    print(f"{name:26} {wall:10.3f} {spread:>18} {cpu:8.3f} {statistics.median(ratios['cpu']):11.2f}")


def _print_speed_beside(alone: list[Times], beside: list[Times]) -> None:
    speeds = [one["wall"] / other["wall"] for one, other in zip(alone, beside, strict=True)]
    print(
        f"beside its screen it trains at {statistics.median(speeds):.2f} of its speed alone "
        f"[{min(speeds):.2f}-{max(speeds):.2f}]"
    )


def watching(rounds: int) -> None:
    """Print what watching costs by itself."""
    turns = [(costs.row(reading=False), costs.row(reading=True)) for _ in range(rounds)]
    given, read = (1e6 * statistics.median(seconds for seconds, _ in way) for way in zip(*turns, strict=True))
    print(
        f"\na logged row of ten numbers: {given:.2f} us of processor time, {turns[0][0][1]} bytes; "
        f"{read:.2f} us with two of them read from tensors"
    )
    print(f"a step's row seen by a reader after {costs.visible():.3f} s at worst")
    norms = costs.norms()
    whole, sampled = (100 * norms[key] / norms["step"] for key in ("norms", "by layer, every 10 steps"))
    print(
        f"MLP, 1 thread: all norms at every step {whole:.1f} % of a step "
        f"({norms['norms'] * 1e6:.0f} us of {norms['step'] * 1e6:.0f}); by layer at the default "
        f"interval, on top: {sampled:.2f} %"
    )
    first, later = costs.start(rounds)
    print(f"a run's start in a warm worker: {(first - later) * 1e3:.0f} ms beside its first step")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("works", nargs="*", default=["mlp", "cnn", "gpt"], help=", ".join(WORKS))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, nargs="*", default=[1, 2])
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--quick", action="store_true", help="3 rounds of the MLP on one thread")
    parser.add_argument("--compile", action="store_true", help="by hand through torch.compile, too")
    asked = parser.parse_args()
    if asked.quick:
        asked.works, asked.rounds, asked.threads = ["mlp"], 3, [1]
    try:
        device = devices.choose(asked.device)
    except TuilabError as error:
        parser.error(str(error).removeprefix("train.device: "))
    if device.type not in ("cpu", "cuda"):
        parser.error(f"there is nothing to compare on {device.type}; choose cpu or cuda.")
    asked.device = str(device)
    if device.type == "cuda":
        asked.threads = asked.threads[:1]
    print(f"{time.strftime('%Y-%m-%d')}, {_machine(asked.device)}, torch {torch.__version__}")
    kept = {name: value for name, value in worker_environment().items() if "MALLOC" in name or "GOMP" in name}
    print(f"the worker's environment: {kept}")
    for work in asked.works:
        for threads in asked.threads:
            screen = work == "mlp" and asked.device == "cpu"
            compare(work, threads, asked.device, asked.rounds, screen, asked.compile)
    if asked.device == "cpu":
        watching(asked.rounds)


def _machine(device: str) -> str:
    if device != "cpu":
        return torch.cuda.get_device_name(device)
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    name = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    return f"{name or platform.processor()}, {torch.backends.cpu.get_cpu_capability()}"


if __name__ == "__main__":
    main()
