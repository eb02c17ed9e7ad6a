"""Presets for a GPU, as far as they can be held without one: built without any memory, and counted."""

from pathlib import Path

import pytest
import torch

from tuilab import presets, zoo
from tuilab.engine.build import build_model, prepare
from tuilab.resolve import resolve


@pytest.mark.parametrize(
    ("preset", "parameters"),
    [
        ("gpt2-124m", pytest.approx(124_439_808, abs=0)),  # Radford et al. 2019, as published weights have it
        ("cifar10-resnet20", pytest.approx(0.27e6, rel=0.02)),  # He et al. 2016, table 6
    ],
)
def test_it_has_the_parameters_of_what_it_claims_to_be(preset: str, parameters: float, home: Path) -> None:
    spec = resolve(presets.load(preset), zoo.describe())
    assert spec.preset["needs"] == "gpu"
    data = prepare(spec, home / "data", torch.device("cpu")).data
    with torch.device("meta"):
        model = build_model(spec, data)
    assert sum(parameter.numel() for parameter in model.parameters()) == parameters
