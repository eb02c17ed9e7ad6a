"""A run trains as it was told: every preset, alike each time, obeying its commands."""

import gc
import subprocess
import sys
import weakref
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.engine.kit import SOME, MakeRun, Train, kinds, losses
from tuilab import commands, presets, worker
from tuilab.commands import Command
from tuilab.engine.progress import Progress
from tuilab.engine.trainer import Trainer
from tuilab.engine.training import Training

ALL = presets.names()


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


def test_the_trajectory_is_where_the_loss_was_taken(make_run: MakeRun, train: Train) -> None:
    run = make_run("ravine-momentum", **{"train.steps": "5"})
    train(run)
    assert (run.steps["x"][0], run.steps["y"][0]) == (-8.0, 1.5)
    heights = 0.5 * (run.steps["x"] ** 2 + 200 * run.steps["y"] ** 2)
    assert run.steps["loss"] == pytest.approx(heights, rel=1e-5)


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


def test_a_worker_started_several_times_over_by_torchrun_refuses(
    make_run: MakeRun, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = make_run("digits-mlp")
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "none")
    monkeypatch.setenv("WORLD_SIZE", "2")
    assert worker._train(run.path, home, []) == 2
    assert "without torchrun" in capsys.readouterr().err
    assert run.status.state == "queued"


def test_a_worker_trains_without_the_packages_of_the_screen(make_run: MakeRun, home: Path) -> None:
    run = make_run("digits-mlp", **{"train.steps": "3"})
    without = "import sys; sys.modules.update(dict.fromkeys(['textual', 'rich', 'pynvml']))"
    program = f"{without}; from tuilab.worker import main; sys.exit(main(sys.argv[1:]))"
    asked = ["--home", str(home), "--run", str(run.path)]
    done = subprocess.run(
        [sys.executable, "-c", program, *asked], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert run.status.state == "finished"


@pytest.mark.parametrize("end", ["finished", "stopped", "failed"])
def test_garbage_is_looked_for_among_what_steps_make_and_everywhere_after_a_run(
    end: str, make_run: MakeRun, train: Train, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[int] = []
    update = Trainer.update

    def noting(trainer: Trainer, *arguments: object) -> object:
        held.append(gc.get_freeze_count())
        if end == "failed" and len(held) == 3:
            raise ValueError("a step fails")
        return update(trainer, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Trainer, "update", noting)
    run = make_run("moons-mlp", **{"train.steps": "5"})
    if end == "stopped":
        patience = property(lambda training: training.step == 3)
        monkeypatch.setattr(Training, "out_of_patience", patience)
    before = gc.get_freeze_count()
    assert train(run) == ("finished" if end == "stopped" else end)
    assert len(held) == (5 if end == "finished" else 3)
    assert min(held) > before + 10_000  # all that has been imported, the model and its data
    assert gc.get_freeze_count() <= before


def test_a_run_that_is_done_goes_without_a_look_for_garbage(make_run: MakeRun, home: Path) -> None:
    probes = {f"probes.{name}": "2" for name in ("updates", "activations", "histograms", "sharpness")}
    run = make_run("moons-mlp", **{"train.steps": "5", "train.ema": "0.9", **probes})
    training = Training(run, home, Progress(run.path, run.status))
    model = weakref.ref(training.trainer.model)
    gc.disable()
    try:
        list(training.steps())
        training.evaluate("eval")
        training.save()
        training.close()
        del training
        assert model() is None
    finally:
        gc.enable()
