"""What is changed while a run goes on: taken from the next step on, or refused and nothing is kept of it."""

from pathlib import Path

import pytest
import torch

from tests.engine.kit import MakeRun
from tuilab import zoo
from tuilab.engine.commands import apply
from tuilab.engine.progress import Progress
from tuilab.engine.training import Training
from tuilab.errors import TuilabError
from tuilab.runs import Run

CHANGED_AT, SAVED_AT = 4, 6
SMALL = {"train.steps": "9", "data.limit": "100", "model.width": "[8]", "model.dropout": "0"}


def begun(run: Run, home: Path) -> Training:
    return Training(run, home, Progress(run.path, run.status))


def changed(run: Run, home: Path, values: dict[str, object]) -> tuple[Training, str]:
    """Train a run that is told to change in mid-run and saved after it; return it and its refusal."""
    training, refusal = begun(run, home), ""
    for step in training.steps():
        if step == CHANGED_AT:
            try:
                apply(training.trainer, zoo.describe(), training.settings, values)
            except TuilabError as error:
                refusal = str(error)
        if step == SAVED_AT:
            training.save()
    training.close()
    return training, refusal


def weights(training: Training) -> torch.Tensor:
    return torch.cat([p.detach().flatten() for p in training.trainer.model.parameters()])


@pytest.mark.parametrize(
    ("optimizer", "values"),
    [
        ("lbfgs", {"optimizer.lr": 0.0123, "optimizer.iterations": 5}),
        ("lbfgs", {"optimizer.lr": 0.0123, "optimizer.line_search": "none"}),
        ("sgd", {"optimizer.lr": 0.0123, "train.steps": 2}),
    ],
)
def test_what_is_refused_changes_nothing_and_stands_in_no_ones_way(
    optimizer: str, values: dict[str, object], make_run: MakeRun, home: Path
) -> None:
    run = make_run("digits-mlp", **SMALL, **{"optimizer.name": optimizer})
    training, refusal = changed(run, home, values)
    assert list(values)[1] in refusal
    assert training.settings == {}
    assert training.trainer.rate.base == run.spec["optimizer.lr"]
    again = begun(run, home)
    assert again.restore()
    assert list(again.steps())[-1] == 9
    again.close()
    assert torch.equal(weights(again), weights(training))


@pytest.mark.parametrize(
    ("optimizer", "key", "value"),
    [
        ("adam", "optimizer.amsgrad", True),
        ("adamw", "optimizer.amsgrad", True),
        ("adamw", "optimizer.beta1", 0.3),
        ("sgd", "optimizer.nesterov", True),
        ("rmsprop", "optimizer.momentum", 0.5),
        ("digits", "train.clip_norm", 0.01),
        ("digits", "train.clip_value", 0.001),
    ],
)
def test_what_is_changed_is_the_same_on_every_path_and_after_a_resume(
    optimizer: str, key: str, value: object, make_run: MakeRun, home: Path
) -> None:
    # A large second moment at first, or the largest so far would never be another than the newest.
    settings = {**SMALL, "optimizer.name": optimizer.replace("digits", "adamw")}
    settings |= {"optimizer.beta2": "0.3"} if "adam" in optimizer else {}
    fast, plain, left = (
        make_run("digits-mlp", **settings, **{"train.fast": kind}) for kind in ("auto", "off", "off")
    )
    (ours, refusal), (torchs, _), (unchanged, _) = (
        changed(run, home, values)
        for run, values in ((fast, {key: value}), (plain, {key: value}), (left, {}))
    )
    assert refusal == ""
    assert torch.equal(weights(ours), weights(torchs))
    assert not torch.equal(weights(ours), weights(unchanged))
    again = begun(fast, home)
    assert again.restore()
    list(again.steps())
    again.close()
    assert torch.equal(weights(again), weights(ours))
