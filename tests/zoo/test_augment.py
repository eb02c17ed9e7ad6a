"""What varies images: each kind does what it says, decided by the numbers it is given and nothing else."""

from typing import Any

import pytest
import torch
from torch import Tensor

from tuilab import zoo
from tuilab.errors import SpecError, TuilabError
from tuilab.options import AUGMENTATIONS
from tuilab.resolve import resolve
from tuilab.zoo.augment import Augmentation
from tuilab.zoo.registries import losses
from tuilab.zoo.tasks.classification import Classification
from tuilab.zoo.tasks.task import Task

CLASSES = ("cat", "dog", "fox")


def _task(*shape: int, tokens: int = 0) -> Task:
    return Classification(input_shape=shape, outputs=3, classes=CLASSES, tokens=tokens)


def _images(rows: int = 64, height: int = 8, width: int = 16) -> tuple[Tensor, Tensor]:
    source = torch.Generator().manual_seed(0)
    return torch.rand(rows, 2, height, width, generator=source) + 0.5, torch.arange(rows) % 3


def _varied(*kinds: str, seed: int = 1) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    x, y = _images()
    augmentation = Augmentation(kinds, _task(2, 8, 16))
    return x, y, *augmentation.apply((x, y), augmentation.draw(len(x), seed))


@pytest.mark.parametrize("kind", AUGMENTATIONS)
def test_the_same_numbers_give_the_same_images_and_others_give_others(kind: str) -> None:
    x, _, once, _ = _varied(kind)
    assert once.shape == x.shape
    assert once.dtype == x.dtype
    assert torch.equal(once, _varied(kind)[2])
    assert not torch.equal(once, _varied(kind, seed=2)[2])
    assert torch.equal(x, _images()[0]), "the data set itself is left alone"


def test_flip_mirrors_half_of_the_images_from_left_to_right() -> None:
    x, y, flipped, labels = _varied("flip")
    mirrored = [bool(torch.equal(after, before.flip(-1))) for before, after in zip(x, flipped, strict=True)]
    kept = [bool(torch.equal(after, before)) for before, after in zip(x, flipped, strict=True)]
    assert all(a != b for a, b in zip(mirrored, kept, strict=True))
    assert 20 <= sum(mirrored) <= 44
    assert torch.equal(y, labels)


def test_shift_moves_each_image_by_up_to_an_eighth_of_its_side_and_fills_with_zeros() -> None:
    x, _, shifted, _ = _varied("shift")
    moves = set()
    for before, after in zip(x, shifted, strict=True):
        found = [
            (down, right)
            for down in (-1, 0, 1)
            for right in (-2, -1, 0, 1, 2)
            if _is_moved(before, after, down, right)
        ]
        assert len(found) == 1
        moves.add(found[0])
    assert {down for down, _ in moves} == {-1, 0, 1}
    assert {right for _, right in moves} == {-2, -1, 0, 1, 2}


def _is_moved(before: Tensor, after: Tensor, down: int, right: int) -> bool:
    wanted = torch.zeros_like(before)
    height, width = before.shape[1:]
    for row in range(height):
        for column in range(width):
            if 0 <= row + down < height and 0 <= column + right < width:
                wanted[:, row, column] = before[:, row + down, column + right]
    return torch.equal(wanted, after)


def test_cutout_blanks_half_a_side_in_each_direction_or_less_at_the_edge() -> None:
    x, _, cut, _ = _varied("cutout")
    for before, after in zip(x, cut, strict=True):
        gone = (after == 0).all(dim=0)
        rows, columns = gone.any(dim=1), gone.any(dim=0)
        assert 2 <= int(rows.sum()) <= 4
        assert 4 <= int(columns.sum()) <= 8
        assert torch.equal(gone, rows[:, None] & columns[None, :])
        assert torch.equal(after[:, ~gone], before[:, ~gone])
    assert (cut == 0).any(dim=1).float().mean() > 0.1


def test_mixup_blends_images_and_targets_by_the_same_share() -> None:
    x, y, mixed, soft = _varied("mixup")
    assert soft.shape == (64, 3)
    torch.testing.assert_close(soft.sum(dim=1), torch.ones(64))
    draws = Augmentation(["mixup"], _task(2, 8, 16)).draw(64, 1)
    share, partner = draws[0, 6], draws[:, 5].argsort()
    assert 0 < share < 1
    torch.testing.assert_close(mixed, share * x + (1 - share) * x[partner])
    for row in range(64):
        torch.testing.assert_close(soft[row, y[row]], share + (1 - share) * (y[partner[row]] == y[row]))


def test_the_loss_of_a_blend_is_the_blend_of_the_losses() -> None:
    _, y, _, soft = _varied("mixup")
    draws = Augmentation(["mixup"], _task(2, 8, 16)).draw(64, 1)
    share, partner = float(draws[0, 6]), draws[:, 5].argsort()
    scores = torch.randn(64, 3, generator=torch.Generator().manual_seed(3))
    loss = losses["cross-entropy"].build(_task(2, 8, 16))
    wanted = share * loss(scores, y) + (1 - share) * loss(scores, y[partner])
    torch.testing.assert_close(loss(scores, soft), wanted)


def test_the_share_of_a_blend_is_drawn_from_a_beta_distribution() -> None:
    augmentation = Augmentation(["mixup"], _task(2, 8, 16))
    shares = torch.stack([augmentation.draw(1, seed)[0, 6] for seed in range(4000)])
    # Beta(0.2, 0.2) has the mean 1/2 and the variance 1/(4 (2 * 0.2 + 1)).
    assert float(shares.mean()) == pytest.approx(0.5, abs=0.03)
    assert float(shares.var()) == pytest.approx(1 / (4 * 1.4), abs=0.01)


@pytest.mark.parametrize("task", [_task(4), _task(1, 8, 8, tokens=5)])
def test_what_is_no_image_is_refused(task: Task) -> None:
    with pytest.raises(TuilabError, match=r"data\.augment: only images"):
        Augmentation(["flip"], task)


def test_an_unknown_kind_is_told_its_neighbour() -> None:
    with pytest.raises(TuilabError, match=r"data\.augment: there is no 'flop' here\. Did you mean 'flip'"):
        Augmentation(["flop"], _task(1, 8, 8))


@pytest.mark.parametrize(
    ("data", "chosen", "key", "words"),
    [
        ({"name": "diabetes", "augment": ["flip"]}, {}, "data.augment", "holds no images"),
        (
            {"name": "digits", "augment": ["mixup"]},
            {"name": "hinge"},
            "data.augment",
            "'hinge' cannot take; use cross-entropy",
        ),
        (
            {"name": "digits", "augment": ["mixup"]},
            {"name": "cross-entropy", "class_weights": [1.0] * 10},
            "loss.class_weights",
            "leave it empty",
        ),
    ],
)
def test_what_cannot_be_varied_is_refused_before_anything_starts(
    data: dict[str, Any], chosen: dict[str, Any], key: str, words: str
) -> None:
    zoo.load()
    raw = {"data": data, "model": {"name": "mlp"}, **({"loss": chosen} if chosen else {})}
    with pytest.raises(SpecError) as raised:
        resolve(raw, zoo.describe())
    assert [problem.key for problem in raised.value.problems] == [key]
    assert words in str(raised.value)
