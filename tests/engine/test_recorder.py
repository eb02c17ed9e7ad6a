"""When steps are shown and what is said of their time, by a clock that stands still unless it is moved."""

import math
import time
from pathlib import Path

import pytest
import torch

from tests.engine.kit import MakeRun
from tuilab.engine.batches import Batches
from tuilab.engine.progress import Progress
from tuilab.engine.recorder import Clock, Recorder
from tuilab.engine.training import Training
from tuilab.tables import Table


class Hands:
    """Of the clock."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def hands(monkeypatch: pytest.MonkeyPatch) -> Hands:
    """Time as everything in this process is told it."""
    hands = Hands()
    monkeypatch.setattr(time, "perf_counter", hands)
    return hands


@pytest.fixture
def recorder(tmp_path: Path, hands: Hands) -> Recorder:
    return Recorder(tmp_path, [], torch.device("cpu"), Clock())


def take(recorder: Recorder, step: int, samples: int = 8, waited: float = 0.0, loss: float = 1.0) -> None:
    recorder.step(step, step / 10, 0.1, samples, waited, [loss, 2.0, 0.0])


def test_steps_are_shown_a_tenth_of_a_second_after_those_before(recorder: Recorder, hands: Hands) -> None:
    for step, seconds, due in ((0, 0.04, False), (1, 0.04, False), (2, 0.04, True)):
        hands.now += seconds
        take(recorder, step)
        assert recorder.due == due
    assert recorder.flush() == 3
    hands.now += 0.09
    take(recorder, 3)
    assert (recorder.due, recorder.late) == (False, False)
    hands.now += 0.02
    assert (recorder.due, recorder.late) == (False, True)
    recorder.flush()
    hands.now += 1.0
    assert (recorder.due, recorder.late) == (False, False)  # there is nothing to be seen


def test_figures_of_time_are_those_of_a_block(recorder: Recorder, hands: Hands, tmp_path: Path) -> None:
    for step, samples, waited in ((0, 30, 0.01), (1, 30, 0.03), (2, 20, 0.0)):
        hands.now += 0.05
        take(recorder, step, samples, waited)
    recorder.flush()
    for step in (3, 4):
        hands.now += 0.2
        take(recorder, step, 10, 0.15)
    recorder.flush()
    table = Table(tmp_path / "steps.npy")
    assert table["time"] == pytest.approx([0.05, 0.1, 0.15, 0.35, 0.55])
    assert table["samples_per_second"] == pytest.approx([80 / 0.15] * 3 + [20 / 0.4] * 2)
    assert table["data_wait"] == pytest.approx([0.04 / 0.15] * 3 + [0.3 / 0.4] * 2)


def test_more_steps_than_there_is_room_for_are_all_there(recorder: Recorder, tmp_path: Path) -> None:
    for step in range(5000):
        take(recorder, step, loss=step / 8)
    assert recorder.flush() == 5000
    take(recorder, 5000)
    recorder.flush()
    table = Table(tmp_path / "steps.npy")
    assert table["step"].tolist() == list(range(5001))
    assert table["loss"][:5000].tolist() == [step / 8 for step in range(5000)]


def test_nothing_is_written_after_a_loss_that_is_no_number(recorder: Recorder, tmp_path: Path) -> None:
    for step, loss in enumerate((1.0, math.inf, 1.0, math.nan, 1.0)):
        take(recorder, step, loss=loss)
    recorder.flush()
    take(recorder, 5)
    recorder.flush()
    assert recorder.diverged_at == 1
    assert Table(tmp_path / "steps.npy")["step"].tolist() == [0, 1]


def test_the_wait_for_a_batch_is_that_of_the_step(
    make_run: MakeRun, home: Path, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = Batches.next

    def slowly(batches: Batches) -> object:
        hands.now += 0.3
        return given(batches)

    def compute(loss: torch.Tensor) -> None:
        hands.now += 0.1
        backward(loss)  # type: ignore[no-untyped-call]

    backward = torch.Tensor.backward
    monkeypatch.setattr(Batches, "next", slowly)
    monkeypatch.setattr(torch.Tensor, "backward", compute)
    run = make_run("digits-mlp", **{"train.steps": "4", "train.accumulate": "2", "train.fast": "off"})
    training = Training(run, home, Progress(run.path, run.status))
    for _ in training.steps():
        training.flush()
    training.close()
    assert run.steps["data_wait"] == pytest.approx(0.75)
    assert run.steps["samples_per_second"] == pytest.approx(2 * 64 / 0.8)
