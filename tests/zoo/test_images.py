"""ResNet and ViT: their published sizes, and what they say to images that do not fit."""

import pytest
import torch

from tuilab.errors import TuilabError
from tuilab.zoo.registries import models
from tuilab.zoo.tasks.classification import Classification


def _images(size: int, classes: int = 10, channels: int = 3) -> Classification:
    return Classification(
        input_shape=(channels, size, size), outputs=classes, classes=tuple(map(str, range(classes)))
    )


@pytest.mark.parametrize(
    ("depth", "millions"), [(20, 0.27), (32, 0.46), (44, 0.66), (56, 0.85), (110, 1.7)], ids=str
)
def test_resnet_has_the_parameters_of_the_papers_table_6(depth: int, millions: float) -> None:
    with torch.device("meta"):
        network = models["resnet"].build(_images(32), depth=depth)
    count = sum(parameter.numel() for parameter in network.parameters())
    assert round(count / 1e6, 2 if depth < 110 else 1) == millions


@pytest.mark.parametrize(("depth", "count"), [(18, 11_689_512), (34, 21_797_672)], ids=str)
def test_the_large_resnet_has_the_published_parameters(depth: int, count: int) -> None:
    with torch.device("meta"):
        network = models["resnet"].build(_images(224, classes=1000), depth=depth)
    assert sum(parameter.numel() for parameter in network.parameters()) == count


def test_a_resnet_stage_halves_the_image_and_doubles_the_maps() -> None:
    network = models["resnet"].build(_images(32), depth=20)
    shapes: list[tuple[int, ...]] = []
    for block in network.get_submodule("stages").children():
        block.register_forward_hook(lambda _, __, out: shapes.append(tuple(out.shape[1:])))
    network(torch.zeros(2, 3, 32, 32))
    assert shapes == [(16, 32, 32)] * 3 + [(32, 16, 16)] * 3 + [(64, 8, 8)] * 3


@pytest.mark.parametrize(
    ("knobs", "size", "message"),
    [
        ({"depth": 21}, 32, r"model\.depth: 21 is neither 6n \+ 2, .* choose 20"),
        ({"depth": 18}, 16, r"model\.depth: 18 layers halve an image five times, .* 16x16"),
    ],
)
def test_resnet_says_which_depths_there_are(knobs: dict[str, int], size: int, message: str) -> None:
    with pytest.raises(TuilabError, match=message):
        models["resnet"].build(_images(size), **knobs)


@pytest.mark.parametrize("size", [17, 28, 32])
def test_a_large_resnet_takes_a_single_small_image_in_training(size: int) -> None:
    network = models["resnet"].build(_images(size), depth=18, width=4)
    assert network(torch.randn(1, 3, size, size)).isfinite().all()


def test_the_shape_of_vit_base_has_its_parameter_count() -> None:
    with torch.device("meta"):
        network = models["vit"].build(_images(224, classes=1000), patch=16, layers=12, heads=12, width=768)
    assert sum(parameter.numel() for parameter in network.parameters()) == 86_567_656


def test_vit_says_which_patches_tile_the_image() -> None:
    with pytest.raises(TuilabError, match=r"model\.patch: patches of 5 .* 28x28 .* 1, 2, 4, 7, 14, 28"):
        models["vit"].build(_images(28), patch=5)


def test_vit_reads_where_a_patch_is() -> None:
    torch.manual_seed(0)
    network = models["vit"].build(_images(8), width=16).eval()
    image = torch.randn(1, 3, 8, 8)
    assert not torch.allclose(network(image), network(image.flip(3)), atol=1e-4)
