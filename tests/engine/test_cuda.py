"""What only a GPU can show: steps that wait for nothing, and recordings that are the steps."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from tests.engine.kit import MakeRun, Train
from tuilab.engine import cuda, devices
from tuilab.engine.cuda import CudaRecorder
from tuilab.engine.graph import Outcome
from tuilab.engine.progress import Progress
from tuilab.engine.training import Training
from tuilab.events import EventReader
from tuilab.runs import Run

pytestmark = [
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an NVIDIA GPU"),
    pytest.mark.filterwarnings("ignore:Synchronization debug mode is a prototype"),
]

MLP = {"train.steps": "60", "data.batch_size": "128", "model.dropout": "0.2", "train.device": "cuda"}
PROBES = ("layers", "updates", "activations", "histograms", "noise_scale")


def losses(run: Run) -> bytes:
    return run.steps["loss"].tobytes() + run.steps["grad_norm"].tobytes()


def said(run: Run) -> list[str]:
    return [event.text for event in EventReader(run.path / "events.jsonl").read() if event.kind == "steps"]


@pytest.fixture
def watched_steps(home: Path) -> Callable[[Run], None]:
    """A function that trains a run's steps from the tenth on with synchronising calls forbidden."""

    def steps(run: Run) -> None:
        training = Training(run, home, Progress(run.path, run.status))
        try:
            for step in training.steps():
                if step == 10:
                    torch.cuda.set_sync_debug_mode("error")
                training.flush()
        finally:
            torch.cuda.set_sync_debug_mode("default")
            training.close()

    return steps


@pytest.mark.parametrize("graph", ["on", "off"])
@pytest.mark.parametrize(
    ("preset", "augment"),
    [("digits-mlp", "[]"), ("fashion-cnn", "[]"), ("fashion-cnn", '["flip", "shift", "cutout", "mixup"]')],
)
def test_no_step_waits_for_the_device(
    preset: str, augment: str, graph: str, make_run: MakeRun, watched_steps: Callable[[Run], None]
) -> None:
    common = {"train.steps": "60", "train.device": "cuda", "train.graph": graph, "train.clip_norm": "0.5"}
    common |= {"data.limit": "512", "data.batch_size": "64"}  # no smaller last batch, to be recorded late
    common |= {"data.augment": augment}
    watched_steps(make_run(preset, **common, **{f"probes.{name}": "5" for name in PROBES}))


@pytest.mark.parametrize(
    "settings", [{}, {"train.precision": "bf16"}, {"train.ema": "0.9", "train.accumulate": "2"}]
)
def test_recorded_steps_are_the_steps(settings: dict[str, str], make_run: MakeRun, train: Train) -> None:
    recorded = make_run("digits-mlp", **MLP, **settings, **{"train.graph": "on"})
    assert train(recorded) == "finished"
    assert said(recorded) == ["steps are recorded as a CUDA graph and replayed"]
    plain = make_run("digits-mlp", **MLP, **settings, **{"train.graph": "off"})
    assert train(plain) == "finished"
    assert recorded.steps["loss"] == pytest.approx(plain.steps["loss"], abs=1e-3)


@pytest.mark.parametrize("model", ["lstm", "gru", "rnn"])
def test_recurrent_models_are_looked_at_twice(model: str, make_run: MakeRun, train: Train) -> None:
    settings = {"data.name": "copy", "data.normalize": "none", "data.delay": "10", "model.name": model}
    settings |= {
        "train.steps": "4",
        "train.device": "cuda",
        "probes.noise_scale": "2",
        "probes.sharpness": "2",
    }
    assert train(make_run("digits-mlp", **settings)) == "finished"


def test_steps_are_recorded_again_after_a_setting_was_changed(make_run: MakeRun, home: Path) -> None:
    run = make_run("digits-mlp", **MLP, **{"train.graph": "on", "data.limit": "512"})
    training = Training(run, home, Progress(run.path, run.status))
    for step in training.steps():
        training.flush()
        if step in (20, 40):
            training.trainer.settings_changed()
    training.close()
    assert training.trainer.graph is not None
    assert not training.trainer.graph.given_up
    assert training.trainer.step == 60


def test_probes_do_not_move_a_recorded_run(make_run: MakeRun, train: Train) -> None:
    watched = make_run("digits-mlp", **MLP, **{f"probes.{name}": "7" for name in PROBES})
    alone = make_run("digits-mlp", **MLP, **{f"probes.{name}": "off" for name in PROBES})
    assert train(watched) == train(alone) == "finished"
    assert losses(watched) == losses(alone)


def test_a_recorded_run_is_taken_up_exactly(
    make_run: MakeRun, train: Train, kill_at: Callable[[Run, int], None]
) -> None:
    settings = {**MLP, "train.checkpoint_every": "20"}
    whole, killed = make_run("digits-mlp", **settings), make_run("digits-mlp", **settings)
    train(whole)
    kill_at(killed, 47)
    train(killed)
    assert losses(killed) == losses(whole)


def test_dropout_goes_on_after_a_recording_that_failed() -> None:
    device = devices.choose("cuda")
    cuda.enter(device)
    torch.manual_seed(1)
    expected = torch.rand(8, device=device)
    torch.manual_seed(1)
    recorder = CudaRecorder(device)

    def waits() -> Outcome:
        numbers = torch.rand(8, device=device)
        return Outcome([numbers[0]], torch.full((1,), float(numbers.sum()), device=device))

    with pytest.raises(RuntimeError):
        recorder.record(waits)
    assert torch.equal(torch.rand(8, device=device), expected)
    _, where = recorder.waits(waits)
    assert "test_cuda.py" in where
    replay, outcome = recorder.record(
        lambda: Outcome([torch.ones((), device=device)], torch.rand(1, device=device))
    )
    first = (replay(), outcome.norms.clone())[1]
    second = (replay(), outcome.norms.clone())[1]
    assert not torch.equal(first, second)


def test_data_that_do_not_lie_on_the_device_give_the_same_run(
    make_run: MakeRun, train: Train, monkeypatch: pytest.MonkeyPatch
) -> None:
    resident = make_run("digits-mlp", **MLP)
    train(resident)
    from tuilab.engine import build, loader

    monkeypatch.setattr(loader, "_ROOM", 0.0)
    build._prepare.cache_clear()
    streamed = make_run("digits-mlp", **MLP)
    train(streamed)
    build._prepare.cache_clear()
    assert losses(streamed) == losses(resident)


def test_what_nadam_counts_on_the_host_is_there_after_a_resume(make_run: MakeRun, home: Path) -> None:
    settings = {**MLP, "optimizer.name": "nadam", "train.graph": "off", "train.checkpoint_every": "20"}
    run = make_run("digits-mlp", **settings)
    first = Training(run, home, Progress(run.path, run.status))
    for step in first.steps():
        if step == 20:
            first.save()
            break
    first.close()
    second = Training(run, home, Progress(run.path, run.status))
    second.restore()
    numbers = [value for state in second.trainer.optimizer.state.values() for value in state.values()]
    second.close()
    assert {value.device.type for value in numbers if value.ndim == 0} == {"cpu"}
