"""Runs that learn by doing: resumed in the middle of a round, and what they refuse."""

from collections.abc import Callable

import numpy as np
import pytest

from tuilab.events import EventReader
from tuilab.runs import Run


@pytest.mark.parametrize(
    ("preset", "passes", "parts"),
    [("cartpole-reinforce", "1", "1"), ("cartpole-ppo", "10", "4"), ("cartpole-ppo", "9", "1")],
)
def test_a_run_killed_within_a_round_becomes_what_it_would_have_been(
    preset: str,
    passes: str,
    parts: str,
    make_run: Callable[..., Run],
    train: Callable[[Run], str],
    kill_at: Callable[[Run, int], None],
) -> None:
    short = {
        "train.steps": "50",
        "train.checkpoint_every": "20",
        "train.eval_every": "25",
        "data.longest": "30",
        "data.passes": passes,
        "data.parts": parts,
    }
    whole, broken = make_run(preset, **short), make_run(preset, **short)
    assert train(whole) == "finished"
    kill_at(broken, 33)
    assert train(broken) == "finished"
    for column in ("loss", "return", "grad_norm"):
        assert np.array_equal(whole.steps[column], broken.steps[column])
    assert whole.status.metrics["test.return"] == broken.status.metrics["test.return"]


@pytest.mark.parametrize(
    ("key", "value"),
    [("probes.sharpness", "10"), ("probes.noise_scale", "10"), ("optimizer.name", "lbfgs")],
)
def test_what_looks_twice_at_a_batch_is_refused_by_name(
    key: str, value: str, make_run: Callable[..., Run], train: Callable[[Run], str]
) -> None:
    run = make_run("cartpole-reinforce", **{key: value})
    assert train(run) == "failed"
    assert f"{key}: " in EventReader(run.path / "events.jsonl").read()[-1].text
