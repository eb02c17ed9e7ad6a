"""What watching costs by itself: a logged row, its way to a reader, norms, and a run's start."""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch

from tests.benchmarks.loops.works import built_of, spec_of
from tuilab import new_run
from tuilab.engine.meta import meta
from tuilab.engine.progress import Progress
from tuilab.engine.recorder import Clock, Recorder
from tuilab.engine.trainer import Trainer
from tuilab.engine.training import Training
from tuilab.json_files import write_json
from tuilab.tables import Table


def row(reading: bool) -> tuple[float, int]:
    """Return processor seconds and bytes of a step's row of ten numbers, all included: to the disk.

    Step, time, epoch, rate, data wait, loss, gradient norm, clip share, samples a second and one
    of the task's own. With `reading` the trainer's part is timed too: it reads the loss and the
    task's own from tensors, where other loggers are handed numbers.
    """
    folder = Path(tempfile.mkdtemp())
    recorder = Recorder(folder, ["own"], torch.device("cpu"), Clock())
    loss, own = torch.tensor(2.3), torch.tensor(0.1)
    scalars = [2.3, 0.5, 0.0, 0.1]
    rows = 20_000
    start = time.process_time()
    for step in range(rows):
        if reading:
            scalars = [loss.item(), 0.5, 0.0, own.item()]
        recorder.step(step, 0.5, 1e-3, 128, 0.0, scalars)
        if recorder.due:
            recorder.flush()
    recorder.flush(wait=True)
    seconds = (time.process_time() - start) / rows
    recorder.close()
    return seconds, Table(folder / "steps.npy").rows.dtype.itemsize


def visible(seconds: float = 3.0) -> float:
    """Return how long after its step a row was seen by a reader that looks all the time, at worst."""
    folder = Path(tempfile.mkdtemp())
    recorder = Recorder(folder, [], torch.device("cpu"), Clock())
    table, born, worst, step = Table(folder / "steps.npy"), [], 0.0, 0
    end = time.perf_counter() + seconds
    scalars = [torch.tensor(1.0)] * 3
    seen = 0
    while time.perf_counter() < end:
        born.append(time.perf_counter())
        recorder.step(step, 0.0, 1e-3, 1, 0.0, scalars)
        step += 1
        if recorder.due:
            recorder.flush()
        rows = table.refresh()
        if rows > seen:
            worst = max(worst, time.perf_counter() - born[seen])
            seen = rows
        time.sleep(0.002)
    return worst


def norms() -> dict[str, float]:
    """Return seconds of an MLP's step on one thread, of all its norms, and of the default probe a step."""
    trainer = Trainer(built_of("mlp", 1, "cpu"))
    trainer.update([trainer.batches.next()])
    inputs = [trainer.batches.next()]
    trainer._losses(inputs)
    owners = torch.arange(6) // 2
    all_norms = trainer.gradients.norms()
    layers = torch.zeros(3)
    return {
        "step": _median(lambda: trainer.update(inputs), 100),
        "norms": _after_backward(trainer),
        "by layer, every 10 steps": _median(lambda: layers.index_add(0, owners, all_norms.square()), 500)
        / 10,
    }


def start(rounds: int) -> tuple[float, float]:
    """Return seconds from a run's directory to its first step done, in a warm process, and of a later step.

    What a worker does in between: build all, open the tables, write `meta.json`, look for a
    checkpoint. The data were loaded before, as they are once the lab has checked a spec.
    """
    home = Path(tempfile.mkdtemp())
    waits, later = [], []
    for _ in range(rounds + 1):
        run = new_run.create(home, spec_of("mlp", 200, 1, "cpu"))
        began = time.perf_counter()
        training = Training(run, home, Progress(run.path, run.status))
        write_json(run.path / "meta.json", meta(training.built, time.time()))
        training.restore()
        steps = training.steps()
        next(steps)
        waits.append(time.perf_counter() - began)
        later.append(_median(lambda steps=steps: next(steps), 20))  # type: ignore[misc]
        training.close()
    return statistics.median(waits[1:]), statistics.median(later[1:])  # the first warms up


def _after_backward(trainer: Trainer) -> float:
    """Return the seconds of the norms where they are taken: right after the backward pass."""
    taken = []
    for _ in range(100):
        trainer._losses([trainer.batches.next()])
        began = time.perf_counter()
        trainer.gradients.norms()
        taken.append(time.perf_counter() - began)
        trainer.gradients.forget()
    return statistics.median(taken)


def _median(work: Callable[[], object], times: int) -> float:
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)
