"""The view model follows a run as it grows."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tuilab.events import Event, EventWriter
from tuilab.history import History
from tuilab.runs import Run
from tuilab.tables import TableWriter

WriteRun = Callable[..., Run]


def append(run: Run, first: int, count: int, loss: float = 0.25) -> None:
    """Go on writing as the worker does."""
    writer = TableWriter(run.path / "steps.npy", np.load(run.path / "steps.npy", mmap_mode="r").dtype)
    writer.rewind(first)
    block = np.zeros(count, writer.dtype)
    block["step"] = np.arange(first, first + count)
    block["loss"] = loss
    writer.append(block)
    writer.close()


def say(run: Run, event: Event) -> None:
    writer = EventWriter(run.path / "events.jsonl")
    writer.write(event)
    writer.close()


def test_the_first_look_has_everything_and_the_second_nothing(tmp_path: Path, write_run: WriteRun) -> None:
    history = History(write_run(tmp_path))
    update = history.poll()
    assert (update.steps, update.evals, update.rewound) == ((0, 100), (0, 10), False)
    assert [event.kind for event in update.events] == ["started", "finished"]
    assert history.status.state == "finished"
    assert not history.poll()


def test_a_look_gives_only_what_is_new(tmp_path: Path, write_run: WriteRun) -> None:
    run = write_run(tmp_path, steps=50, state="running", alive=True)
    history = History(run)
    history.poll()
    append(run, 50, 7)
    update = history.poll()
    assert update.steps == (50, 57)
    steps, losses = history.points("loss", *update.steps)
    assert steps.tolist() == list(range(50, 57))
    assert (losses == 0.25).all()


def test_a_run_taken_up_earlier_starts_its_curves_anew(tmp_path: Path, write_run: WriteRun) -> None:
    run = write_run(tmp_path, steps=50, state="running", alive=True)
    history = History(run)
    history.poll()
    append(run, 30, 5)
    update = history.poll()
    assert update.rewound
    assert update.steps == (0, 35)


def test_a_run_taken_up_that_outgrew_itself_between_two_looks_is_noticed(
    tmp_path: Path, write_run: WriteRun
) -> None:
    run = write_run(tmp_path, steps=50, state="running", alive=True)
    history = History(run)
    history.poll()
    append(run, 30, 40)
    say(run, Event("resumed", 30, "resumed"))
    update = history.poll()
    assert update.rewound
    assert update.steps == (0, 70)


def test_curves_are_named_and_read_by_split(tmp_path: Path, write_run: WriteRun) -> None:
    history = History(write_run(tmp_path))
    history.poll()
    assert {"loss", "lr", "grad_norm", "eval.loss", "eval.accuracy"} <= set(history.metrics())
    assert "step" not in history.metrics()
    assert len(history.points("eval.accuracy")[0]) == 10
    for missing in ("nothing", "test.loss", "eval.nothing"):
        assert len(history.points(missing)[0]) == 0


def test_a_run_that_has_not_begun_has_no_points(tmp_path: Path, write_run: WriteRun) -> None:
    history = History(write_run(tmp_path, steps=0, state="queued"))
    update = history.poll()
    assert (update.steps, update.evals) == ((0, 0), (0, 0))
    assert len(history.points("loss")[0]) == len(history.points("eval.loss")[0]) == 0


def test_the_planned_rate_is_what_the_schedule_will_do(tmp_path: Path, write_run: WriteRun) -> None:
    def cosine(raw: dict[str, dict[str, object]]) -> None:
        raw["schedule"] = {"name": "cosine", "warmup": 0.0}
        raw["optimizer"] = {"lr": 0.5}

    history = History(write_run(tmp_path, settings=cosine))
    history.poll()
    planned = history.planned_lr(np.array([0.0, 49.5, 99.0]))
    assert planned == pytest.approx([0.5, 0.25, 0.0], abs=1e-3)
    say(history.run, Event("command", 40, "optimizer.lr = 0.1", {"optimizer.lr": 0.1}))
    history.poll()
    assert history.planned_lr(np.array([0.0])) == pytest.approx([0.1], rel=1e-3)


def test_the_planned_rate_follows_a_schedule_that_was_changed(tmp_path: Path, write_run: WriteRun) -> None:
    def cosine(raw: dict[str, dict[str, object]]) -> None:
        raw["schedule"] = {"name": "cosine", "warmup": 0.0, "floor": 0.0}

    run = write_run(tmp_path, settings=cosine)
    history = History(run)
    history.poll()
    before = history.planned_lr(np.array([99.5]))[0]
    say(run, Event("command", 50, "set schedule.floor = 0.5", {"schedule.floor": 0.5}))
    history.poll()
    assert history.planned_lr(np.array([99.5]))[0] == pytest.approx(before + 0.5 * history.base_lr, rel=0.01)


def test_the_planned_rate_of_a_schedule_that_reacts_follows_what_has_happened(
    tmp_path: Path, write_run: WriteRun
) -> None:
    def plateau(raw: dict[str, dict[str, object]]) -> None:
        raw["schedule"] = {"name": "plateau", "gamma": 0.5, "patience": 0}
        raw["optimizer"] = {"lr": 1.0}

    run = write_run(tmp_path, steps=50, losses=[1.0] * 30 + [0.5] * 10 + [0.7] * 10, settings=plateau)
    history = History(run)
    history.poll()
    # Looked at every 5 steps from 0 on: no better at 5, 10 ... 25, better at 30, no better at 35 ...
    planned = history.planned_lr(np.array([0.0, 4.0, 5.0, 10.0, 29.0, 30.0, 34.0, 35.0, 99.0]))
    assert planned.tolist() == [1.0, 1.0, 0.5, 0.25, 1 / 32, 1 / 32, 1 / 32, 1 / 64, 1 / 256]


def test_only_the_newest_events_are_kept(tmp_path: Path, write_run: WriteRun) -> None:
    run = write_run(tmp_path, steps=3, state="running", alive=True)
    writer = EventWriter(run.path / "events.jsonl")
    for step in range(5_000):
        writer.write(Event("checkpoint", step, ""))
    writer.close()
    history = History(run)
    while history.poll():
        pass
    assert len(history.events) == 2_000
    assert history.events[-1].step == 4_999


def test_a_table_that_was_replaced_is_read_from_its_beginning(tmp_path: Path, write_run: WriteRun) -> None:
    run = write_run(tmp_path, steps=50, state="running", alive=True)
    history = History(run)
    history.poll()
    longer = np.repeat(np.load(run.path / "steps.npy"), 2)
    longer["step"] = np.arange(100)
    np.save(run.path / "aside.npy", longer)
    (run.path / "aside.npy").rename(run.path / "steps.npy")
    update = history.poll()
    assert update.rewound
    assert update.steps == (0, 100)
    assert not history.poll().rewound


@pytest.mark.parametrize("data", [{"optimizer.lr": "fast"}, {"schedule.warmup": "x"}, {"schedule.none": 3}])
def test_a_command_that_no_worker_obeyed_keeps_nothing_from_being_read(
    tmp_path: Path, write_run: WriteRun, data: dict[str, object]
) -> None:
    run = write_run(tmp_path, state="running", alive=True)
    history = History(run)
    say(run, Event("command", 3, "changed", data))
    assert history.poll().events
    assert len(history.planned_lr(np.arange(5.0))) == 5


@pytest.mark.parametrize("rows", [5, None, {"train": "x"}, {"train": None}])
def test_samples_that_nobody_counted_are_unknown(tmp_path: Path, write_run: WriteRun, rows: object) -> None:
    run = write_run(tmp_path)
    (run.path / "meta.json").write_text(json.dumps({**run.meta, "rows": rows}))
    history = History(run)
    history.poll()
    assert history.samples_per_step == 0
