import pytest
import torch

from tuilab.errors import TuilabError
from tuilab.zoo.registries import models
from tuilab.zoo.tasks.classification import Classification


def _images(size: int) -> Classification:
    return Classification(input_shape=(1, size, size), outputs=10, classes=tuple("0123456789"))


def test_lenet_says_how_many_stages_an_image_takes() -> None:
    with pytest.raises(TuilabError, match=r"model\.channels: 4 stages .* 8x8 .* at most 3"):
        models["lenet"].build(_images(8), channels=[4, 4, 4, 4])
    assert models["lenet"].build(_images(8), channels=[4, 4, 4])(torch.zeros(2, 1, 8, 8)).shape == (2, 10)


def test_lenet_says_that_points_are_no_images() -> None:
    points = Classification(input_shape=(2,), outputs=2, classes=("a", "b"))
    with pytest.raises(TuilabError, match="lenet reads images"):
        models["lenet"].build(points)


def test_lenet_without_extras_is_lenet_5() -> None:
    """The 28x28 variant that is usual today: padded first and second convolution, 7x7 maps."""
    network = models["lenet"].build(_images(28))
    expected = (25 + 1) * 6 + (6 * 25 + 1) * 16 + (16 * 49 + 1) * 120 + 121 * 84 + 85 * 10
    assert sum(p.numel() for p in network.parameters()) == expected
