"""A run that was killed and is taken up again becomes what it would have been."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from tests.engine.kit import SOME, MakeRun, Train, kinds, losses
from tuilab import locks
from tuilab.engine.session import Session
from tuilab.engine.training import Training
from tuilab.history import History
from tuilab.runs import Run


@pytest.mark.parametrize("preset", SOME)
def test_a_killed_run_is_taken_up_as_if_nothing_had_happened(
    preset: str, make_run: MakeRun, train: Train, kill_at: Callable[[Run, int], None]
) -> None:
    settings = {"train.steps": "20", "train.checkpoint_every": "6", "train.eval_every": "4"}
    whole, killed = make_run(preset, **settings), make_run(preset, **settings)
    train(whole)
    kill_at(killed, 9)
    assert killed.status.state == "crashed"
    assert len(killed.steps) == 9
    kill_at(killed, 15)
    assert train(killed) == "finished"
    assert losses(killed) == losses(whole)
    assert killed.steps["step"].tolist() == list(range(20))
    assert [*zip(killed.evals["step"], killed.evals["split"], strict=True)] == [
        *zip(whole.evals["step"], whole.evals["split"], strict=True)
    ]
    assert killed.evals["loss"].tobytes() == whole.evals["loss"].tobytes()
    assert np.diff(killed.steps["time"]).min() >= 0


def test_momentum_average_and_dropout_survive_a_kill(
    make_run: MakeRun, train: Train, kill_at: Callable[[Run, int], None]
) -> None:
    settings = {
        "train.steps": "20",
        "train.checkpoint_every": "5",
        "train.ema": "0.9",
        "train.accumulate": "2",
        "train.clip_norm": "0.5",
        "model.dropout": "0.3",
        "model.norm": "batch",
        "train.early_stop": "50",
    }
    whole, killed = make_run("digits-mlp", **settings), make_run("digits-mlp", **settings)
    train(whole)
    kill_at(killed, 13)
    train(killed)
    assert losses(killed) == losses(whole)
    assert killed.evals["loss"].tobytes() == whole.evals["loss"].tobytes()


def test_varied_images_are_the_same_after_a_kill_and_with_probes(
    make_run: MakeRun, train: Train, kill_at: Callable[[Run, int], None]
) -> None:
    settings = {
        "train.steps": "40",
        "train.checkpoint_every": "10",
        "train.accumulate": "2",
        "data.augment": '["flip", "shift", "cutout", "mixup"]',
    }
    whole, killed = make_run("digits-mlp", **settings), make_run("digits-mlp", **settings)
    watched = make_run("digits-mlp", **settings, **{"probes.noise_scale": "5", "probes.sharpness": "10"})
    plain = make_run("digits-mlp", **{**settings, "data.augment": "[]"})
    for run in (whole, watched, plain):
        train(run)
    kill_at(killed, 27)
    train(killed)
    assert losses(killed) == losses(whole) == losses(watched)
    assert losses(plain) != losses(whole)
    assert whole.evals["loss"][-1] < whole.evals["loss"][0]


def test_what_was_set_after_the_last_checkpoint_is_set_again(
    make_run: MakeRun, train: Train, kill_at: Callable[[Run, int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def obeying(at: int) -> Callable[[Session, Training], None]:
        def listen(session: Session, training: Training) -> None:
            if training.step == at and "optimizer.lr" not in training.settings:
                session._set(training, {"optimizer.lr": "0.0001"})

        return listen

    settings = {"train.steps": "20", "train.checkpoint_every": "6"}
    whole, killed = make_run("digits-mlp", **settings), make_run("digits-mlp", **settings)
    monkeypatch.setattr(Session, "_listen", obeying(8))
    monkeypatch.setattr(Training, "flush_due", True)
    train(whole)
    kill_at(killed, 10)
    monkeypatch.setattr(Session, "_listen", lambda *_: None)
    train(killed)
    assert kinds(killed).count("command") == 1
    assert losses(killed) == losses(whole)
    assert whole.steps["lr"][7] > whole.steps["lr"][8] * 5


def test_a_schedule_that_reacts_falls_with_the_eval_loss_and_survives_a_kill(
    make_run: MakeRun, train: Train, kill_at: Callable[[Run, int], None]
) -> None:
    settings = {
        "schedule.name": "plateau",
        "schedule.gamma": "0.5",
        "schedule.patience": "0",
        "optimizer.lr": "0.02",
        "train.steps": "60",
        "train.eval_every": "3",
        "train.checkpoint_every": "10",
    }
    whole, killed = make_run("digits-mlp", **settings), make_run("digits-mlp", **settings)
    train(whole)
    kill_at(killed, 38)
    train(killed)
    assert losses(killed) == losses(whole)
    assert np.array_equal(killed.steps["lr"], whole.steps["lr"])
    history = History(whole)
    history.poll()
    assert whole.steps["lr"] == pytest.approx(history.planned_lr(np.arange(60.0)), rel=1e-6)
    assert 0 < whole.steps["lr"][-1] < 0.02


def test_an_optimizer_that_searches_along_a_line_trains_and_resumes(
    make_run: MakeRun, train: Train, kill_at: Callable[[Run, int], None]
) -> None:
    settings = {
        "optimizer.name": "lbfgs",
        "data.batch_size": "full",
        "train.steps": "12",
        "train.checkpoint_every": "4",
        "model.dropout": "0.2",
    }
    whole, killed = make_run("digits-mlp", **settings), make_run("digits-mlp", **settings)
    train(whole)
    kill_at(killed, 10)
    train(killed)
    assert whole.steps["loss"][-1] < 0.1 * whole.steps["loss"][0]
    assert losses(killed) == losses(whole)


def test_a_run_that_is_killed_while_it_finishes_has_one_last_look_at_the_test_split(
    make_run: MakeRun, train: Train, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    settings = {"train.steps": "12", "train.eval_every": "5", "train.checkpoint_every": "4"}
    whole, killed = make_run("moons-mlp", **settings), make_run("moons-mlp", **settings)
    train(whole)

    def die(session: Session, kind: str, *arguments: object, **data: object) -> None:
        if kind == "finished":
            raise KeyboardInterrupt  # after the looks of the end, before the last word

    for _ in range(2):
        session = Session(killed, home, locks.acquire(killed.path))
        with monkeypatch.context() as patch:
            patch.setattr(Session, "_event", die)
            with pytest.raises(KeyboardInterrupt):
                session.train()
        session._lock.close()
    assert train(killed) == "finished"
    assert killed.evals.refresh() == whole.evals.refresh()
    assert killed.evals.rows.tobytes() == whole.evals.rows.tobytes()


def test_early_stopping_ends_at_the_same_step_after_a_kill_and_keeps_the_best(
    make_run: MakeRun, train: Train, kill_at: Callable[[Run, int], None]
) -> None:
    settings = {
        "optimizer.lr": "0.03",
        "train.early_stop": "3",
        "train.eval_every": "10",
        "train.checkpoint_every": "10",
        "schedule.name": "constant",
    }
    whole, killed = make_run("digits-mlp", **settings), make_run("digits-mlp", **settings)
    train(whole)
    kill_at(killed, len(whole.steps) - 3)
    train(killed)
    assert losses(killed) == losses(whole)
    held = whole.evals.rows[whole.evals["split"] == b"eval"]
    best = int(held["step"][held["loss"].argmin()])
    kept = load_file(whole.path / "checkpoints" / "best" / "model.safetensors")
    saved = load_file(whole.path / "checkpoints" / f"step-{best:08d}" / "model.safetensors")
    assert all(torch.equal(kept[name], saved[name]) for name in saved)


def test_a_rate_that_made_a_run_diverge_does_not_come_back(
    make_run: MakeRun, train: Train, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {8: "900"}

    def listen(session: Session, training: Training) -> None:
        if rate := asked.pop(training.step, ""):
            session._set(training, {"optimizer.lr": rate})

    monkeypatch.setattr(Session, "_listen", listen)
    monkeypatch.setattr(Training, "flush_due", True)
    run = make_run("diabetes-linear", **{"train.steps": "30", "train.checkpoint_every": "6"})
    assert train(run) == "diverged"
    for path in run.checkpoints[1:]:
        path.rename(path.with_name(f"later-{path.name}"))
    asked[6] = "0.01"
    assert train(run) == "finished"
    run.steps.refresh()
    assert np.isfinite(run.steps["loss"]).all()
    assert run.steps["lr"][-1] == pytest.approx(0.01)
