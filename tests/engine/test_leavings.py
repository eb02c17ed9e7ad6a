"""What evaluations leave behind beside numbers can be read at any moment, and fits the numbers."""

from collections.abc import Callable

import numpy as np
import pytest

from tests.engine.kit import MakeRun, Train
from tuilab.runs import Run


def test_a_classifier_leaves_the_confusion_its_accuracy_is_of(make_run: MakeRun, train: Train) -> None:
    run = make_run("digits-mlp", **{"train.steps": "40"})
    train(run)
    for split in ("eval", "test"):
        table = np.load(run.path / "tables" / f"{split}-confusion.npy")
        assert table.shape == (10, 10)
        assert table.sum() == run.meta["rows"][split]
        accuracy = run.status.metrics[f"{split}.accuracy"]
        assert table.trace() / table.sum() == pytest.approx(accuracy, abs=1e-6)
    assert run.meta["classes"] == [str(digit) for digit in range(10)]


def test_what_a_run_taken_up_has_yet_to_find_out_is_not_there(
    make_run: MakeRun, kill_at: Callable[[Run, int], None]
) -> None:
    run = make_run(
        "digits-mlp",
        **{"train.steps": "20", "train.checkpoint_every": "6", "train.eval_every": "4"},
    )
    kill_at(run, 9)
    assert (run.path / "tables" / "eval-confusion.npy").exists()
    kill_at(run, 7)  # taken up at 6, after the look at 4 and before that at 8
    assert not (run.path / "tables" / "eval-confusion.npy").exists()


def test_a_surface_is_written_as_it_is(make_run: MakeRun, train: Train) -> None:
    run = make_run("ravine-momentum", **{"train.steps": "3", "data.condition": "50"})
    train(run)
    heights = np.load(run.path / "tables" / "surface.npy")
    left, right, bottom, top = run.meta["surface"]["window"]
    x, y = np.meshgrid(np.linspace(left, right, heights.shape[1]), np.linspace(top, bottom, heights.shape[0]))
    assert heights == pytest.approx(0.5 * (x**2 + 50 * y**2), rel=1e-4, abs=1e-4)
