"""Going on from another run's checkpoint: unchanged bit for bit, changed as asked, or refused by key."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.engine.kit import MakeRun, Train, losses
from tuilab import commands, new_run, zoo
from tuilab.commands import Command
from tuilab.engine import questions
from tuilab.errors import SpecError
from tuilab.events import Event
from tuilab.forks import forked
from tuilab.runs import Run
from tuilab.spec import dumps

Fork = Callable[..., Run]
SOME = ["digits-mlp", "docs-gpt", "diabetes-linear", "ravine-momentum", "fashion-cnn"]
"""Of each kind of data one."""

SHORT = {
    "train.steps": "20",
    "train.checkpoint_every": "6",
    "train.eval_every": "4",
    "train.sample_every": "off",
}


@pytest.fixture
def fork(home: Path) -> Fork:
    """A function that creates a fork: `fork(run, 12, **{"optimizer.lr": "0.01"})`."""

    def make(run: Run, step: int | None = None, **wanted: str) -> Run:
        return new_run.create(home, forked(run, step, wanted, zoo.describe()))

    return make


@pytest.fixture
def parent(make_run: MakeRun, train: Train) -> Run:
    """A finished run of twenty steps, with checkpoints at 6, 12, 18 and 20."""
    run = make_run("digits-mlp", **SHORT, **{"model.width": "[16]"})
    assert train(run) == "finished"
    return run


def evals(run: Run) -> list[tuple[int, bytes, float]]:
    run.evals.refresh()
    return [*zip(run.evals["step"], run.evals["split"], run.evals["loss"], strict=True)]


def origin_event(run: Run) -> Event:
    (found,) = (event for event in run.events().read() if event.kind == "origin")
    return found


@pytest.mark.parametrize("preset", SOME)
def test_a_fork_without_changes_goes_the_same_way_bit_for_bit(
    preset: str, make_run: MakeRun, train: Train, fork: Fork
) -> None:
    parent = make_run(preset, **SHORT)
    assert train(parent) == "finished"
    child = fork(parent, 12)
    assert train(child) == "finished"
    assert losses(child) == losses(parent)
    assert child.steps["step"].tolist() == list(range(20))
    assert evals(child) == evals(parent)
    for name in ("model.safetensors", "state.safetensors"):
        ours, theirs = ((run.path / "checkpoints" / "step-00000020" / name) for run in (child, parent))
        assert ours.read_bytes() == theirs.read_bytes()


def test_average_dropout_batch_norm_and_an_epochs_middle_come_over(
    make_run: MakeRun, train: Train, fork: Fork
) -> None:
    settings = {
        "train.ema": "0.9",
        "train.accumulate": "2",
        "train.clip_norm": "0.5",
        "model.dropout": "0.3",
        "model.norm": "batch",
        "train.early_stop": "50",
        "schedule.name": "plateau",
        "schedule.patience": "1",
        "data.augment": '["shift"]',
        "probes.activations": "3",
    }
    parent = make_run("digits-mlp", **SHORT, **settings)
    train(parent)
    child = fork(parent, 12, **{"probes.activations": "off"})
    train(child)
    assert losses(child) == losses(parent)
    assert evals(child) == evals(parent)
    # What was measured before stays to be seen, and nothing of what came after.
    dead = np.load(child.path / "layers" / "dead.npy")
    assert dead["step"].tolist() == [0, 3, 6, 9]


def test_a_fork_says_where_it_comes_from_and_what_it_changes(parent: Run, train: Train, fork: Fork) -> None:
    child = fork(parent, 12, **{"optimizer.lr": "0.01", "train.steps": "24"})
    assert child.spec["model.init"] == {"from": parent.id, "checkpoint": 12, "state": True}
    assert (child.spec["optimizer.lr"], child.spec["train.steps"]) == (0.01, 24)
    assert child.spec.name == "fork-digits-mlp"
    assert "fork-digits-mlp" in child.id
    assert train(child) == "finished"
    event = origin_event(child)
    assert event.step == 12
    assert event.text.startswith(
        f"goes on from {parent.id} after 12 steps, with its weights, optimizer state"
    )
    assert event.data["changed"] == {"optimizer.lr": 0.01, "train.steps": 24}
    assert child.meta["origin"] == child.summary()["origin"] == child.spec["model.init"]
    assert parent.summary()["origin"] == {}
    assert child.steps.refresh() == 24
    before, after = parent.steps["loss"][:13], child.steps["loss"][:13]
    assert before.tobytes() == after.tobytes()  # the thirteenth was taken before the first changed step
    assert child.steps["loss"][13] != parent.steps["loss"][13]


def test_what_was_set_on_the_way_stands_in_the_forks_spec(
    make_run: MakeRun, train: Train, fork: Fork
) -> None:
    parent = make_run("digits-mlp", **SHORT, **{"optimizer.name": "sgd"})
    asked = {"optimizer.lr": "0.02", "optimizer.momentum": "0.8", "train.steps": "22"}
    commands.send(parent.path / "commands", Command("set", asked))
    train(parent)
    child = fork(parent, 18)
    assert (child.spec["optimizer.lr"], child.spec["optimizer.momentum"]) == (0.02, 0.8)
    assert child.spec["train.steps"] == 22
    train(child)
    assert losses(child) == losses(parent)
    assert child.steps.refresh() == 22
    assert "nothing is changed" in origin_event(child).text


def test_a_fork_no_longer_needs_the_run_it_comes_from(
    parent: Run, train: Train, fork: Fork, kill_at: Callable[[Run, int], None]
) -> None:
    child, whole = fork(parent, 12), losses(parent)
    kill_at(child, 14)
    shutil.rmtree(parent.path)
    assert train(child) == "finished"
    assert losses(child) == whole


def test_a_fork_of_a_fork_of_a_lora_run_goes_the_same_way(
    make_run: MakeRun, train: Train, fork: Fork
) -> None:
    base = make_run("digits-mlp", **SHORT)
    train(base)
    tuned = make_run("digits-mlp", **SHORT, **{"model.init.from": base.id, "model.lora.rank": "2"})
    train(tuned)
    first = fork(tuned, 6)
    train(first)
    second = fork(first, 12)
    train(second)
    assert losses(second) == losses(first) == losses(tuned)
    assert second.spec.name == "fork-digits-mlp"


def test_another_batch_size_goes_on_at_the_same_sample(make_run: MakeRun, train: Train, fork: Fork) -> None:
    settings = {**SHORT, "train.steps": "0", "train.epochs": "2", "train.checkpoint_every": "10"}
    parent = make_run("digits-mlp", **settings, **{"data.batch_size": "64"})
    train(parent)
    per_epoch = parent.status.total // 2
    child = fork(parent, 10, **{"data.batch_size": "32"})
    train(child)
    rows = parent.meta["rows"]["train"]
    epochs = child.steps["epoch"]
    assert epochs[10] == pytest.approx(21 / -(-rows // 32))  # 640 samples are twenty batches of 32
    assert epochs[-1] == pytest.approx(2.0, abs=0.05)
    assert child.status.step == pytest.approx(10 + (2 - 10 / per_epoch) * rows / 32, abs=1)


@pytest.mark.parametrize(
    "wanted",
    [
        {"optimizer.name": "lion"},
        {"optimizer.weight_decay": "0.2", "optimizer.beta1": "0.8"},
        {"train.ema": "0.9", "train.clip_norm": "0.1"},
        {"train.early_stop": "3", "schedule.name": "constant"},
        {"model.dropout": "0.5", "loss.label_smoothing": "0.1"},
        {"probes.sharpness": "2", "probes.histograms": "2", "data.augment": '["shift"]'},
    ],
)
def test_what_can_be_changed_is(wanted: dict[str, str], parent: Run, train: Train, fork: Fork) -> None:
    child = fork(parent, 12, **wanted)
    assert train(child) == "finished"
    assert losses(child)[: 12 * 4] == losses(parent)[: 12 * 4]
    assert np.isfinite(child.steps["loss"]).all()
    assert set(wanted) <= set(origin_event(child).data["changed"])


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"data.limit": "100"}, r"data\.limit: stays as it was"),
        ({"data.name": "wine"}, r"data\.name: stays as it was"),
        ({"model.name": "linear"}, r"model\.name: stays as it was"),
        ({"model.lora.rank": "2"}, r"model\.lora"),
        ({"model.freeze": '["layers.1.*"]'}, r"model\.freeze: stays as it was"),
        ({"model.init.from": "last"}, r"model\.init\.from: is where the fork comes from"),
        ({"train.seed": "3"}, r"train\.seed: stays as it was"),
        ({"model.width": "[16, 16]"}, r"model\.width: the weights of .* do not fit any more"),
        ({"train.steps": "12"}, r"train\.steps: .* 12 steps there, so nothing is left"),
        ({"train.epochs": "0.1"}, r"train\.epochs: .* nothing is left to train"),
        ({"optimizer.lr": "-1"}, r"optimizer\.lr: -1 is out of range"),
    ],
)
def test_what_cannot_be_changed_is_refused_by_its_key(
    wanted: dict[str, str], message: str, parent: Run, home: Path
) -> None:
    with pytest.raises(SpecError, match=message):
        questions.check(dumps(forked(parent, 12, wanted, zoo.describe())), home)


def test_what_is_the_same_as_before_is_no_change(parent: Run, home: Path) -> None:
    spec = forked(parent, 12, {"data.name": "digits", "train.seed": "0"}, zoo.describe())
    answer = questions.check(dumps(spec), home)
    assert answer["origin"]["changed"] == {}
    assert "after 12 steps" in answer["origin"]["text"]


def test_a_run_that_had_no_patience_left_says_so(
    make_run: MakeRun, train: Train, fork: Fork, home: Path
) -> None:
    short = {**SHORT, "train.steps": "60", "train.eval_every": "1", "train.early_stop": "1"}
    parent = make_run("digits-mlp", **short, **{"optimizer.lr": "0.2"})
    train(parent)
    assert parent.status.step < 60
    with pytest.raises(SpecError, match=r"train\.early_stop: .* run out of patience there"):
        questions.check(dumps(forked(parent, None, {}, zoo.describe())), home)
    child = fork(parent, None, **{"train.early_stop": "off"})
    assert train(child) == "finished"
    assert child.steps.refresh() == 60


def test_weights_alone_cannot_be_forked(make_run: MakeRun, train: Train, home: Path) -> None:
    run = make_run("digits-mlp", **SHORT, **{"train.early_stop": "9"})
    train(run)
    spec = make_run("digits-mlp", **SHORT, **{"train.early_stop": "9"}).spec
    raw = spec.raw()
    raw["model"]["init"] = {"from": run.id, "checkpoint": "best", "state": True}
    from tuilab.resolve import resolve

    with pytest.raises(SpecError, match=r"model\.init: best holds weights alone; give the number of a step"):
        questions.check(dumps(resolve(raw, zoo.describe())), home)
