"""Every preset at its full length, held against the band it promises: `pytest -m slow`."""

from collections.abc import Callable

import pytest

from tuilab import presets
from tuilab.runs import Run

SEEDS = ("0", "1", "2")


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("preset", presets.names())
def test_a_preset_keeps_its_promise(
    preset: str, seed: str, make_run: Callable[..., Run], train: Callable[[Run], str]
) -> None:
    run = make_run(preset, **{"train.seed": seed})
    assert train(run) == "finished"
    expected = run.spec.preset["expect"]
    assert isinstance(expected, dict)
    for metric, (low, high) in expected.items():
        assert low <= run.status.metrics[metric] <= high, f"{metric} = {run.status.metrics[metric]}"


@pytest.mark.parametrize("preset", presets.names())
def test_a_preset_says_what_it_shows(preset: str) -> None:
    table = presets.load(preset)["preset"]
    assert table["about"].endswith(".")
    assert table["watch"].endswith(".")
    assert table["expect"]
    for low, high in table["expect"].values():
        assert low < high
