"""A trained run taken up again has its own figures, with int8 weights nearly so."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.engine.kit import MakeRun, Train
from tests.engine.trained_runs import RUNS
from tuilab.engine.trained import Trained, load
from tuilab.errors import TuilabError


@pytest.mark.parametrize("name", list(RUNS))
def test_a_run_taken_up_again_has_its_own_figures(name: str, trained: Callable[..., Trained]) -> None:
    again = trained(name)
    said = again.run.status.metrics
    for metric, value in again.metrics("test").items():
        assert value == pytest.approx(said[f"test.{metric}"], rel=1e-5, abs=1e-7, nan_ok=True), metric


def test_an_earlier_checkpoint_has_the_figures_of_its_evaluation(
    make_run: MakeRun, train: Train, home: Path
) -> None:
    run = make_run(
        "digits-mlp", **{"train.steps": "20", "train.eval_every": "10", "train.checkpoint_every": "10"}
    )
    train(run)
    (first,) = run.evals["loss"][(run.evals["split"] == b"eval") & (run.evals["step"] == 10)]
    assert load(run, home, 10).metrics("eval")["loss"] == pytest.approx(first, rel=1e-6)
    with pytest.raises(TuilabError, match=r"no checkpoint of step 7\. It has those of step 10, 20"):
        load(run, home, 7)
    with pytest.raises(TuilabError, match="There is no split 'tets'"):
        load(run, home).metrics("tets")


def test_int8_is_a_quarter_of_the_bytes_and_nearly_as_good(
    trained: Callable[..., Trained], home: Path
) -> None:
    whole = trained("digits")
    small = load(whole.run, home, int8=True)
    assert small.bytes < 0.3 * small.float_bytes
    assert small.float_bytes == whole.bytes == sum(p.numel() * 4 for p in whole.model.parameters())
    assert small.metrics("test")["accuracy"] == pytest.approx(whole.metrics("test")["accuracy"], abs=0.01)
