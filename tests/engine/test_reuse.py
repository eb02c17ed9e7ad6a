"""Starting from another run's weights: what is taken over, what is told, and what is refused."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from tests.engine.kit import MakeRun, Train
from tuilab import presets, zoo
from tuilab.engine import questions
from tuilab.engine.build import build
from tuilab.engine.reuse import start
from tuilab.engine.weights import weights_of
from tuilab.errors import SpecError, TuilabError
from tuilab.events import Event
from tuilab.resolve import assigned, resolve
from tuilab.runs import Run
from tuilab.spec import dumps

SHORT = {
    "train.steps": "4",
    "model.width": "[16]",
    "model.dropout": "0",
    "train.eval_every": "2",
    "train.checkpoint_every": "2",
}


def origin_event(run: Run) -> Event:
    (found,) = (event for event in run.events().read() if event.kind == "origin")
    return found


def saved(run: Run, step: int) -> dict[str, Tensor]:
    return load_file(run.path / "checkpoints" / f"step-{step:08d}" / "model.safetensors")


def spec_text(preset: str, **settings: str) -> str:
    catalog = zoo.describe()
    return dumps(resolve(assigned(presets.load(preset), settings, catalog), catalog))


def losses(run: Run) -> bytes:
    run.steps.refresh()
    return run.steps["loss"].copy().tobytes()


@pytest.fixture
def first(make_run: MakeRun, train: Train) -> Run:
    """A finished run to start from: four steps of a small network."""
    run = make_run("digits-mlp", **SHORT)
    assert train(run) == "finished"
    return run


def test_a_run_starts_with_the_weights_that_another_ended_with(
    first: Run, make_run: MakeRun, home: Path
) -> None:
    run = make_run("digits-mlp", **SHORT, **{"model.init.from": first.id, "train.seed": "5"})
    built = build(run.spec, home / "data")
    transfer = start(built.model, run.spec, home)
    assert transfer is not None
    assert transfer.share == 1.0
    assert not transfer.fresh
    assert not transfer.unused
    for name, tensor in built.model.state_dict().items():
        assert torch.equal(tensor, saved(first, 4)[name])


@pytest.mark.parametrize("reference", ["last", "digits-mlp", "id", "path", "part"])
def test_what_is_asked_loosely_is_written_down_definitely(
    reference: str, first: Run, make_run: MakeRun, train: Train
) -> None:
    words = {"id": first.id, "path": str(first.path), "part": first.id[-4:]}
    run = make_run("digits-mlp", **SHORT, **{"model.init.from": words.get(reference, reference)})
    assert run.spec["model.init"] == {"from": first.id, "checkpoint": 4}
    assert train(run) == "finished"
    event = origin_event(run)
    assert event.text.startswith(f"starts from {first.id} (step-00000004): 4 of 4 tensors, 100.0% of")
    assert set(event.data["matched"]) == set(saved(first, 4))


@pytest.mark.parametrize(("asked", "step"), [("'last'", 4), ("2", 2)])
def test_a_checkpoint_can_be_chosen(asked: str, step: int, first: Run, make_run: MakeRun) -> None:
    run = make_run("digits-mlp", **SHORT, **{"model.init": f'{{ from = "last", checkpoint = {asked} }}'})
    assert run.spec["model.init"] == {"from": first.id, "checkpoint": step}


def test_what_has_another_shape_stays_fresh_and_is_told(
    first: Run, make_run: MakeRun, train: Train, home: Path
) -> None:
    wine = {"data.name": "wine", "data.batch_size": "16", "model.init.from": "last"}
    run = make_run("digits-mlp", **SHORT, **wine)
    assert train(run) == "finished"
    event = origin_event(run)
    assert event.data["matched"] == ["layers.1.bias"]
    assert event.data["shapes"]["layers.3.bias"] == [[3], [10]]
    assert "fresh: layers.1.weight (16x13 here, 16x64 there)" in event.text
    # The fresh ones are those that the seed gives a run of its own.
    alone = build(make_run("digits-mlp", **SHORT, **{**wine, "model.init": "default"}).spec, home / "data")
    again = build(run.spec, home / "data")
    start(again.model, run.spec, home)
    for name in event.data["fresh"]:
        assert torch.equal(alone.model.get_parameter(name), again.model.get_parameter(name))


def test_a_run_of_another_model_is_refused(first: Run, make_run: MakeRun, train: Train) -> None:
    run = make_run("fashion-cnn", **{"train.steps": "2", "model.init.from": first.id})
    assert train(run) == "failed"
    said = run.events().read()[-1].text
    assert f"nothing of {first.id} fits this lenet, which has layers.0.weight" in said
    assert "There it has layers.1.bias" in said


def test_a_run_of_other_sizes_is_refused_with_both_shapes(
    first: Run, make_run: MakeRun, train: Train
) -> None:
    run = make_run("moons-mlp", **{"train.steps": "2", "model.init.from": first.id, "model.width": "[9]"})
    assert train(run) == "failed"
    said = run.events().read()[-1].text
    assert re.search(r"fits this mlp, which has layers\.1\.weight \(9x2 here, \d+x64 there\)", said)


def test_the_check_tells_what_matches_and_the_run_that_is_missing(first: Run, home: Path) -> None:
    answer = questions.check(spec_text("digits-mlp", **SHORT, **{"model.init.from": "last"}), home)
    assert answer["origin"]["share"] == 1.0
    assert answer["origin"]["text"].startswith(f"starts from {first.id}")
    for asked, words in {
        "moons-mlp": "no finished run of 'moons-mlp' to start from. `tuilab run moons-mlp` makes one",
        "nobody": "There is no run called 'nobody'",
    }.items():
        with pytest.raises(SpecError, match=words) as caught:
            questions.check(spec_text("digits-mlp", **{"model.init.from": asked}), home)
        assert [problem.key for problem in caught.value.problems] == ["model.init"]


def test_a_resumed_run_needs_no_origin_any_more(
    first: Run, make_run: MakeRun, train: Train, kill_at: Callable[[Run, int], None]
) -> None:
    whole, cut = (make_run("digits-mlp", **SHORT, **{"model.init.from": first.id}) for _ in range(2))
    assert train(whole) == "finished"
    kill_at(cut, 3)
    shutil.rmtree(first.path)
    assert train(cut) == "finished"
    assert losses(cut) == losses(whole)


def test_a_run_that_has_saved_nothing_yet_is_told_that_its_origin_is_gone(
    first: Run, make_run: MakeRun, train: Train
) -> None:
    run = make_run("digits-mlp", **SHORT, **{"model.init.from": first.id})
    shutil.rmtree(first.path)
    assert train(run) == "failed"
    assert run.events().read()[-1].text.startswith("model.init: There is no run called")


def test_an_average_is_what_a_run_was_judged_by(make_run: MakeRun, train: Train) -> None:
    run = make_run("digits-mlp", **SHORT, **{"train.ema": "0.5"})
    assert train(run) == "finished"
    checkpoint = run.checkpoints[-1]
    averaged = weights_of(run, checkpoint)
    assert set(averaged) == set(saved(run, 4))
    assert not any(torch.equal(averaged[name], tensor) for name, tensor in saved(run, 4).items())


def test_what_early_stopping_went_back_to_is_the_best(make_run: MakeRun, train: Train) -> None:
    run = make_run("digits-mlp", **SHORT, **{"train.early_stop": "5"})
    assert train(run) == "finished"
    run = make_run("digits-mlp", **SHORT, **{"model.init.from": run.id})
    assert run.spec["model.init"]["checkpoint"] == "best"  # type: ignore[index, call-overload]


@pytest.mark.parametrize(
    ("init", "words"),
    [
        ('{ form = "last" }', "form: there is no such key. Did you mean 'from'"),
        ('{ checkpoint = "best" }', "say which run to start from"),
        ("{ from = 3 }", "from: 3 is not a text"),
        (
            '{ from = "last", checkpoint = "bets" }',
            "checkpoint: 'bets' is not a whole number, 0 or more, or 'auto' or",
        ),
        ('{ from = "last", checkpoint = -1 }', "checkpoint: -1 is out of range"),
        ('{ from = "last", checkpoint = 3 }', "no checkpoint of step 3. It has those of step 2, 4"),
        ("hee", "'hee' is not a table, like"),
    ],
)
def test_a_start_that_cannot_be_is_refused_before_anything_starts(
    init: str, words: str, first: Run, make_run: MakeRun
) -> None:
    with pytest.raises(TuilabError, match=words):
        make_run("digits-mlp", **SHORT, **{"model.init": init})
