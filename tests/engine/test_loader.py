"""Data that lie elsewhere are read ahead, in order, within bounded memory, and exactly taken up."""

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
import torch

import tuilab
from tests.engine.kit import MakeRun
from tuilab.engine import loader
from tuilab.engine.batches import Batches
from tuilab.engine.loader import Loader, one_pass, placed
from tuilab.engine.progress import Progress
from tuilab.engine.reasons import reason
from tuilab.engine.training import Training
from tuilab.zoo.sources.shards import ShardSplit
from tuilab.zoo.splits import Batch, TensorSplit

CPU = torch.device("cpu")
OWN = Path(__file__).parent / "files" / "mapped_stream.py"
"""A data set in a file of the user's: a gigabyte of tokens, in a process that may not hold them."""


@pytest.fixture
def split() -> ShardSplit:
    shards = tuple(np.arange(start, start + size, dtype=np.uint16) for start, size in ((0, 500), (1000, 350)))
    return ShardSplit(shards, context=8)


@pytest.fixture
def batches(split: ShardSplit) -> Iterator[Callable[[int], Batches]]:
    """A function that gives batches read ahead by so many processes."""
    begun: list[Batches] = []

    def begin(workers: int) -> Batches:
        begun.append(Batches(split, 16, seed=3, device=CPU, workers=workers))
        return begun[-1]

    yield begin
    for one in begun:
        one.close()


def drawn(stream: Batches, count: int) -> list[bytes]:
    return [b"".join(part.numpy().tobytes() for part in stream.gather(stream.next())) for _ in range(count)]


def test_any_number_of_workers_reads_the_same_batches(
    split: ShardSplit, batches: Callable[[int], Batches]
) -> None:
    before = torch.get_rng_state()
    alone, two = drawn(batches(0), 20), drawn(batches(2), 20)
    assert alone == two
    assert torch.equal(before, torch.get_rng_state())
    first = split.order(torch.Generator().manual_seed(3 * 1_000_003))[:16]
    assert alone[0] == b"".join(part.contiguous().numpy().tobytes() for part in split.take(first))
    assert len(set(alone)) == 20


@pytest.mark.parametrize("workers", [0, 2])
def test_reading_is_taken_up_from_the_position_alone(batches: Callable[[int], Batches], workers: int) -> None:
    whole = drawn(batches(workers), 15)
    again = batches(workers)
    drawn(again, 2)
    again.position = 9
    assert drawn(again, 6) == whole[9:]
    assert again.position == 15


def test_a_pass_without_shuffling_ends(split: ShardSplit) -> None:
    rows = torch.cat([x for x, _ in one_pass(split, 16, CPU)])
    assert torch.equal(rows, split.take(split.order(None))[0])


@pytest.mark.parametrize("workers", [0, 1])
def test_what_goes_wrong_while_reading_is_said_where_the_batch_is_asked_for(workers: int) -> None:
    class Broken(TensorSplit):
        def take(self, positions: torch.Tensor) -> Batch:
            raise OSError("the disk is gone")

    broken = Broken(torch.zeros(4, 1), torch.zeros(4, 1))
    reading = Loader(broken, broken.order(None).split(2), CPU, workers)
    with pytest.raises(OSError, match="the disk is gone"):
        next(reading)
    reading.close()


def test_a_process_that_is_killed_is_told_as_such(make_run: MakeRun) -> None:
    run = make_run("digits-mlp")
    killed = RuntimeError("DataLoader worker (pid 27391) is killed by signal: Killed. ")
    assert "Killed. Lower train.workers" in reason(killed, run, 0)
    gone = RuntimeError("DataLoader worker (pid(s) 721) exited unexpectedly")
    assert "unexpectedly. Lower train.workers" in reason(gone, run, 0)
    assert "Lower" not in reason(RuntimeError("Caught OSError in DataLoader worker process 0."), run, 9)


ENDS = """
import os, signal, sys, torch
from tuilab.engine.loader import Loader
from tuilab.zoo.splits import TensorSplit
split = TensorSplit(torch.zeros(64, 1), torch.zeros(64, 1))
reading = Loader(split, split.order(None).split(2), torch.device("cpu"), workers=1)
next(reading)
import multiprocessing
print(multiprocessing.active_children()[0].pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_process_that_reads_ends_with_a_worker_that_is_killed() -> None:
    """At once, by the kernel; PyTorch's own look for a lost parent comes every five seconds."""
    with subprocess.Popen([sys.executable, "-c", ENDS], stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        reader = int(worker.stdout.readline())
        assert worker.wait(timeout=30) == -signal.SIGKILL
    until = time.monotonic() + (3 if sys.platform == "linux" else 30)
    while psutil.pid_exists(reader) and time.monotonic() < until:
        time.sleep(0.02)
    assert not psutil.pid_exists(reader) or psutil.Process(reader).status() == psutil.STATUS_ZOMBIE


def test_reading_ahead_stops_where_nobody_takes(split: ShardSplit) -> None:
    taken: list[int] = []

    def chunks() -> Iterator[torch.Tensor]:
        for number in range(1000):
            taken.append(number)
            yield split.order(None)[:4]

    reading = Loader(split, chunks(), CPU, workers=0)
    next(reading)
    until = time.monotonic() + 10
    while len(taken) < loader._AHEAD + 1 and time.monotonic() < until:
        time.sleep(0)
    reading.close()
    # One is used, three wait, one looks for room, and the next may have been asked for.
    assert loader._AHEAD < len(taken) <= 6


def test_something_else_is_done_while_a_batch_is_late() -> None:
    split = TensorSplit(torch.arange(4.0), torch.arange(4))
    done = threading.Event()

    def chunks() -> Iterator[torch.Tensor]:
        yield torch.tensor([0])
        assert done.wait(timeout=10)
        yield torch.tensor([1])

    reading = Loader(split, chunks(), CPU, workers=0, meanwhile=done.set)
    assert [float(x) for x, _ in reading] == [0.0, 1.0]


def test_steps_are_seen_while_the_next_one_waits_for_its_batch(make_run: MakeRun, home: Path) -> None:
    run = make_run("digits-mlp", **{"train.steps": "9"})
    training = Training(run, home, Progress(run.path, run.status))
    next(training.steps())
    assert run.steps.refresh() == 0
    until = time.monotonic() + 10
    while not run.steps.refresh() and time.monotonic() < until:
        training.trainer.batches.meanwhile()
    assert len(run.steps) == 1
    training.close()


def test_data_that_would_crowd_the_device_stay_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    moved = []

    class Watched(TensorSplit):
        def to(self, device: torch.device) -> "TensorSplit":
            moved.append(device)
            return self

    splits = [Watched(torch.zeros(1000, 10), torch.zeros(1000, 1))] * 3  # 132 kB
    for name, value in (("memory_reserved", 30_000), ("memory_allocated", 10_000)):
        monkeypatch.setattr(torch.cuda, name, lambda _, value=value: value)
    cuda = torch.device("cuda", 0)
    for free, fits in ((200_000, False), (320_000, True)):
        monkeypatch.setattr(torch.cuda, "mem_get_info", lambda _, free=free: (free, 10**9))
        moved.clear()
        assert placed(splits, cuda) == splits
        assert bool(moved) == fits


SPEC = """
data = { name = "mapped-stream", batch_size = 4 }
model = { name = "gpt", layers = 1, width = 16, heads = 2 }
optimizer = { name = "adamw", lr = 1e-2 }
train = { steps = 12, epochs = 0, sample_every = "off", eval_every = 6 }
"""


def test_a_run_reads_a_stream_larger_than_its_memory(tmp_path: Path) -> None:
    """Its data set allows the worker a quarter of what the tokens take, and checks that it does."""
    (tmp_path / "own.toml").write_text(SPEC)
    command = [sys.executable, "-m", "tuilab", "--home", str(tmp_path), "--zoo", str(OWN), "run", "own.toml"]
    done = subprocess.run(
        [*command, "--json"], check=False, cwd=tmp_path, timeout=150, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    run = tuilab.open_run(tmp_path / "runs" / json.loads(done.stdout.splitlines()[-1])["run"])
    assert run.status.state == "finished"
    assert run.steps["loss"][-1] < run.steps["loss"][0]
    wait = run.steps["data_wait"]
    assert ((wait >= 0) & (wait <= 1)).all()
