"""Every preset at its full length, held against the band it promises: `pytest -m slow`."""

from collections.abc import Callable

import pytest
import torch

from tests.promises import misses
from tuilab import presets
from tuilab.runs import Run

SEEDS = (0, 1, 2)
RUNNABLE = [
    name
    for name in presets.names()
    if torch.cuda.is_available() or presets.load(name)["preset"].get("needs") != "gpu"
]


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("preset", RUNNABLE)
def test_a_preset_keeps_its_promise(preset: str, seed: int, full_run: Callable[[str, int], Run]) -> None:
    table = presets.load(preset)["preset"]
    assert misses(full_run(preset, seed), table) == []


@pytest.mark.parametrize("preset", presets.names())
def test_a_preset_says_what_it_shows(preset: str) -> None:
    table = presets.load(preset)["preset"]
    assert table["about"].endswith(".")
    assert table["watch"].endswith(".")
    assert table["expect"]
    for low, high in table["expect"].values():
        assert low <= high
