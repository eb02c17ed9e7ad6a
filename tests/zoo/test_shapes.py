"""Shapes stand in signatures, and every test holds them."""

import pytest
import torch
from jaxtyping import TypeCheckError

from tuilab.zoo.registries import models
from tuilab.zoo.tasks.classification import Classification


def test_a_tensor_that_is_not_what_the_signature_says_is_refused() -> None:
    network = models["mlp"].build(Classification(input_shape=(4,), outputs=2, classes=("a", "b")))
    assert network(torch.zeros(3, 4)).shape == (3, 2)
    with pytest.raises(TypeCheckError):
        network(torch.zeros(3, 4, dtype=torch.int64))
