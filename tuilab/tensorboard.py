"""A run's curves as an event file, which TensorBoard and what else reads those can open."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tuilab.curves import Curves, is_evaluation
from tuilab.errors import TuilabError
from tuilab.runs import Run


def write(run: Run, folder: Path) -> Path:
    """Write every curve of a run into the event file of a log directory, and return it.

    A second time the same file is written anew: TensorBoard would draw two of them as one.

    Raises:
        TuilabError: the package that writes such files is not installed.
        OSError: the disk is full.
    """
    try:
        from tensorboard.compat.proto.event_pb2 import Event
        from tensorboard.compat.proto.summary_pb2 import Summary
        from tensorboard.summary.writer.record_writer import RecordWriter
    except ImportError as error:
        raise TuilabError(
            f"An event file is written by TensorBoard's own package ({error.name} is not installed): "
            "pip install tensorboard."
        ) from error
    started = float(run.meta.get("started", 0.0))
    folder.mkdir(exist_ok=True)
    path = folder / f"events.out.tfevents.{started:.0f}.{run.id}"
    with path.open("wb") as file:
        records = RecordWriter(file)
        records.write(Event(wall_time=started, file_version="brain.Event:2").SerializeToString())
        for tag, seconds, step, value in _numbers(run):
            summary = Summary(value=[Summary.Value(tag=tag, simple_value=value)])
            event = Event(wall_time=started + seconds, step=step, summary=summary)
            records.write(event.SerializeToString())
    return path


def _numbers(run: Run) -> Iterator[tuple[str, float, int, float]]:
    """Yield every number of a run, curve by curve: tag, seconds of training, step, value."""
    curves = Curves(run)
    curves.refresh()
    rows = curves.steps
    known, times = np.zeros(1), np.zeros(1)
    if len(rows):  # a table that is not there yet has no columns either
        known, times = np.array(rows["step"], np.float64), np.array(rows["time"], np.float64)
    for name in curves.names():
        steps, values = curves.points(name)
        seconds = np.interp(steps, known, times)  # an evaluation after the last step is as old as that
        for row in zip(seconds.tolist(), steps.tolist(), values.tolist(), strict=True):
            yield _tag(name), *row


def _tag(name: str) -> str:
    """Return what TensorBoard calls a curve: what stands before the slash is a group there.

    >>> [_tag(name) for name in ("loss", "eval.loss", "layers/grad_norm/fc1")]
    ['train/loss', 'eval/loss', 'layers/grad_norm/fc1']
    """
    if is_evaluation(name):
        return name.replace(".", "/", 1)
    return name if "/" in name else f"train/{name}"
