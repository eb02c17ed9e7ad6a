"""Autoencoders: their metrics, their pictures, and that the linear one finds principal components."""

import pytest
import torch
from sklearn.decomposition import PCA
from torch import nn

from tuilab.errors import TuilabError
from tuilab.zoo.models.autoencoder import AutoencoderNet
from tuilab.zoo.optimizers.lbfgs import LBFGS
from tuilab.zoo.registries import models
from tuilab.zoo.tasks.autoencoder import Autoencoder, side_by_side

CPU = torch.device("cpu")


def test_it_is_scored_by_error_and_by_the_variance_it_keeps() -> None:
    task = Autoencoder(input_shape=(3,), outputs=3)
    torch.manual_seed(0)
    x = torch.randn(100, 3) + 5
    score = task.score(nn.Identity(), CPU)
    for some in x.split(7):
        outputs, targets = task.forward(nn.Identity(), some, torch.zeros(len(some)))
        score.update(outputs + 0.5, targets, torch.tensor(1.0))
    result = score.result()
    assert result["mse"] == pytest.approx(0.25, rel=1e-5)
    assert result["explained"] == pytest.approx(1 - 0.25 / x.var(correction=0).item(), rel=1e-4)


def test_without_hidden_layers_it_finds_principal_components() -> None:
    torch.manual_seed(0)
    x = torch.randn(200, 3) @ torch.randn(3, 6) + 0.1 * torch.randn(200, 6)
    model = models["autoencoder"].build(Autoencoder(input_shape=(6,), outputs=6), width=[], code=2)
    optimizer = LBFGS(
        [{"params": list(model.parameters())}], weight_decay=0.0, max_iter=300, line_search_fn="strong_wolfe"
    )

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss: torch.Tensor = (model(x) - x).square().mean()
        loss.backward()
        return loss

    for _ in range(5):
        optimizer.step(closure)
    pca = PCA(2).fit(x.numpy())
    best = ((pca.inverse_transform(pca.transform(x.numpy())) - x.numpy()) ** 2).mean()
    assert (model(x) - x).square().mean().item() == pytest.approx(best, rel=1e-3)


@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 7, 9), (1, 28, 28)])
def test_convolutions_give_back_the_shape_they_took(shape: tuple[int, ...]) -> None:
    task = Autoencoder(input_shape=shape, outputs=torch.Size(shape).numel())
    model = models["autoencoder"].build(task, kind="conv", channels=[4, 6, 8], code=5)
    assert isinstance(model, AutoencoderNet)
    assert model(torch.randn(2, *shape)).shape == (2, *shape)
    assert model.encode(torch.randn(2, *shape)).shape == (2, 5)


def test_an_image_too_small_for_its_stages_is_refused() -> None:
    task = Autoencoder(input_shape=(1, 8, 8), outputs=64)
    with pytest.raises(TuilabError, match=r"model\.channels: 4 stages .* 8x8 .* at most 3"):
        models["autoencoder"].build(task, kind="conv", channels=[4] * 4)
    with pytest.raises(TuilabError, match=r"kind = conv reads images"):
        models["autoencoder"].build(Autoencoder(input_shape=(5,), outputs=5), kind="conv")


def test_noise_is_added_in_training_only() -> None:
    model = models["autoencoder"].build(Autoencoder(input_shape=(5,), outputs=5), noise=1.0)
    x = torch.randn(4, 5)
    assert not torch.equal(model(x), model(x))
    model.eval()
    assert torch.equal(model(x), model(x))


def test_a_picture_stands_beside_its_copy() -> None:
    image = torch.tensor([[[0.0, 1.0], [0.5, 0.0]]])
    assert side_by_side(image, 1 - image).split("\n") == ["  @@  |  @@  ", "++    |  ++@@"]
    assert (
        side_by_side(torch.tensor([1.0, -2.0]), torch.tensor([0.5, torch.nan]))
        == "  1.00  -2.00\n  0.50    nan"
    )
    tall = torch.zeros(1, 28, 28)
    assert [len(row) for row in side_by_side(tall, tall).split("\n")] == [61] * 14


def test_samples_are_drawn_from_the_examples() -> None:
    task = Autoencoder(input_shape=(1, 2, 2), outputs=4, examples=torch.rand(3, 1, 2, 2))
    model = models["autoencoder"].build(task)
    made = task.sample(model, CPU)
    assert len(made) == 3
    for sample in made:
        pictures = sample.data["pictures"]
        assert list(pictures) == ["original", "copy"]
        assert [len(bytes.fromhex(row)) for picture in pictures.values() for row in picture] == [2] * 4
        assert {"00", "ff"} <= {row[at : at + 2] for row in pictures["original"] for at in (0, 2)}
    assert model.training
    assert Autoencoder(input_shape=(2,), outputs=2).sample(model, CPU) == []
