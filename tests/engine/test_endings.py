"""How a run ends: asked to, early, or by what went wrong, and what it says last."""

import os
import signal

import numpy as np
import pytest

from tests.engine.kit import MakeRun, Train, kinds, losses
from tuilab.engine.training import Training


def test_a_stop_that_was_asked_for_early_is_heard_before_the_first_step(
    make_run: MakeRun, train: Train
) -> None:
    run = make_run("moons-mlp")
    run.send("stop")
    assert train(run) == "stopped"
    assert len(run.steps) == 0


def test_sigterm_stops_and_saves(make_run: MakeRun, train: Train, monkeypatch: pytest.MonkeyPatch) -> None:
    def steps(training: Training):  # type: ignore[no-untyped-def]
        for done in original(training):
            if done == 7:
                os.kill(os.getpid(), signal.SIGTERM)
            yield done

    original = Training.steps
    settings = {"train.steps": "30", "train.checkpoint_every": "off"}
    whole, stopped = (make_run("moons-mlp", **settings) for _ in range(2))
    train(whole)
    monkeypatch.setattr(Training, "steps", steps)
    assert train(stopped) == "stopped"
    assert [path.name for path in stopped.checkpoints] == ["step-00000007"]
    assert stopped.steps.refresh() == 7
    monkeypatch.setattr(Training, "steps", original)
    assert train(stopped) == "finished"
    assert losses(stopped) == losses(whole)


def test_a_loss_that_is_no_number_ends_the_run_at_that_step(make_run: MakeRun, train: Train) -> None:
    first, second = (
        make_run("diabetes-linear", **{"optimizer.lr": "30", "train.steps": "500"}) for _ in range(2)
    )
    assert train(first) == "diverged"
    assert train(second) == "diverged"
    assert not np.isfinite(first.steps["loss"][-1])
    assert np.isfinite(first.steps["loss"][:-1]).all()
    assert losses(first) == losses(second)
    assert kinds(first)[-2:] == ["nan", "diverged"]


def test_no_look_is_had_at_a_run_that_has_diverged(make_run: MakeRun, train: Train) -> None:
    settings = {"optimizer.lr": "30", "train.steps": "500", "train.eval_every": "1"}
    run = make_run("diabetes-linear", **settings, **{"train.checkpoint_every": "1"})
    assert train(run) == "diverged"
    last = run.steps["step"][-1]
    assert run.evals["step"].tolist() == list(range(1, last + 1))


def test_a_programmers_error_is_the_last_word_with_its_traceback(
    make_run: MakeRun, train: Train, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("by design")

    monkeypatch.setattr(Training, "evaluate", broken)
    run = make_run("moons-mlp", **{"train.steps": "5"})
    assert train(run) == "failed"
    last = run.events().read()[-1]
    assert last.text == "ZeroDivisionError: by design"
    assert "in broken" in last.data["traceback"]
    assert "in broken" in capsys.readouterr().err
    assert run.status.state == "failed"


def test_early_stopping_restores_the_best_weights(make_run: MakeRun, train: Train) -> None:
    run = make_run(
        "digits-mlp",
        **{"optimizer.lr": "0.03", "train.early_stop": "3", "train.eval_every": "10", "train.epochs": "200",
           "schedule.name": "constant"},
    )  # fmt: skip
    assert train(run) == "finished"
    held = run.evals.rows[run.evals["split"] == b"eval"]
    best = int(held["loss"].argmin())
    assert len(held) - 1 - best == 3
    assert run.status.step < run.status.total


def test_a_full_disk_fails_with_its_reason(
    make_run: MakeRun, train: Train, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from tuilab.engine import checkpoint

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoint, "save_file", full)
    run = make_run("moons-mlp", **{"train.steps": "50", "train.checkpoint_every": "10"})
    assert train(run) == "failed"
    assert "No space left on device" in run.events().read()[-1].text
    assert len(run.steps) == 10
    assert run.checkpoints == []
    assert "No space left" in capsys.readouterr().err


def test_steps_before_a_failure_are_in_the_table(
    make_run: MakeRun, train: Train, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def steps(training: Training):  # type: ignore[no-untyped-def]
        for done in original(training):
            if done == 9:
                raise ZeroDivisionError("by design")
            yield done

    original = Training.steps
    monkeypatch.setattr(Training, "steps", steps)
    monkeypatch.setattr(Training, "flush_due", False)
    run = make_run("moons-mlp")
    assert train(run) == "failed"
    assert run.steps.refresh() == 9
