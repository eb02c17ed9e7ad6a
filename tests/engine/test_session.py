"""A run from its first step to its last word."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from tuilab import commands, locks, presets, worker
from tuilab.commands import Command
from tuilab.engine.session import Session
from tuilab.engine.training import Training
from tuilab.history import History
from tuilab.runs import Run

MakeRun = Callable[..., Run]
Train = Callable[[Run], str]
ALL = presets.names()
SOME = ["digits-mlp", "fashion-cnn", "docs-gpt", "diabetes-linear", "moons-mlp", "ravine-momentum"]
"""Of each kind of data one. Every component is held to the same in `test_contract`."""


def losses(run: Run) -> bytes:
    run.steps.refresh()
    return np.ascontiguousarray(run.steps["loss"]).tobytes()


def kinds(run: Run) -> list[str]:
    return [event.kind for event in run.events().read()]


@pytest.mark.parametrize("preset", ALL)
def test_every_preset_trains_three_steps(preset: str, make_run: MakeRun, train: Train) -> None:
    run = make_run(preset, **{"train.steps": "3"})
    assert train(run) == "finished"
    assert run.steps.refresh() == 3
    assert np.isfinite(run.steps["loss"]).all()
    assert {bytes(name) for name in run.evals["split"]} == {b"eval", b"test"}
    assert kinds(run)[0] == "started"
    assert kinds(run)[-1] == "finished"


@pytest.mark.parametrize("preset", SOME)
def test_two_runs_of_one_spec_have_the_same_losses(preset: str, make_run: MakeRun, train: Train) -> None:
    first, second = (make_run(preset, **{"train.steps": "12"}) for _ in range(2))
    train(first)
    train(second)
    assert losses(first) == losses(second)
    assert first.evals["loss"].tobytes() == second.evals["loss"].tobytes()


def test_another_seed_gives_other_losses(make_run: MakeRun, train: Train) -> None:
    first, second = (
        make_run("digits-mlp", **{"train.steps": "3", "train.seed": seed}) for seed in ("1", "2")
    )
    train(first)
    train(second)
    assert losses(first) != losses(second)


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


def test_commands_are_obeyed_in_the_order_they_were_sent(make_run: MakeRun, train: Train) -> None:
    run = make_run(
        "moons-mlp", **{"train.steps": "3000", "train.checkpoint_every": "off", "train.fast": "off"}
    )
    for command in (
        Command("set", {"optimizer.lr": "nonsense"}),
        Command("set", {"model.width": "[8]"}),
        Command("set", {"optimizer.lr": "0.005"}),
        Command("checkpoint"),
        Command("pause"),
        Command("continue"),
        Command("stop"),
    ):
        commands.send(run.path / "commands", command)
    assert train(run) == "stopped"
    assert kinds(run) == [
        "started", "refused", "refused", "command", "paused", "continued", "checkpoint", "stopped",
    ]  # fmt: skip
    assert list((run.path / "commands").iterdir()) == []


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


def test_the_trajectory_is_where_the_loss_was_taken(make_run: MakeRun, train: Train) -> None:
    run = make_run("ravine-momentum", **{"train.steps": "5"})
    train(run)
    assert (run.steps["x"][0], run.steps["y"][0]) == (-8.0, 1.5)
    heights = 0.5 * (run.steps["x"] ** 2 + 200 * run.steps["y"] ** 2)
    assert run.steps["loss"] == pytest.approx(heights, rel=1e-5)


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


def test_another_specs_threads_do_not_linger(make_run: MakeRun, train: Train) -> None:
    usual = torch.get_num_threads()
    train(make_run("moons-mlp", **{"train.steps": "1", "train.threads": str(usual + 1)}))
    assert torch.get_num_threads() == usual + 1
    train(make_run("moons-mlp", **{"train.steps": "1"}))
    assert torch.get_num_threads() == usual


@pytest.mark.parametrize(
    "text", ['{"action": "set", "values": null}', '{"action": "dance"}', "[" * 5000, '"stop"']
)
def test_a_file_that_holds_no_command_does_not_end_a_run(text: str, make_run: MakeRun, train: Train) -> None:
    run = make_run("moons-mlp", **{"train.steps": "3"})
    (run.path / "commands" / "0.json").write_text(text)
    (run.path / "commands" / "1.json").mkdir()
    (run.path / "commands" / "2.json").symlink_to("nowhere")
    assert train(run) == "finished"
    assert not list((run.path / "commands").glob("*.json"))


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


def test_a_worker_started_several_times_over_by_torchrun_refuses(
    make_run: MakeRun, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = make_run("digits-mlp")
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "none")
    monkeypatch.setenv("WORLD_SIZE", "2")
    assert worker._train(run.path, home, []) == 2
    assert "without torchrun" in capsys.readouterr().err
    assert run.status.state == "queued"
