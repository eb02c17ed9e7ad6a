"""A tenth of Fashion-MNIST, small enough to travel in the package."""

import io

import numpy as np
import torch
from torch import Tensor

from tuilab.zoo import vendored
from tuilab.zoo.data import Data, Request, two_way
from tuilab.zoo.registries import datasets
from tuilab.zoo.splits import TensorSplit
from tuilab.zoo.tasks.classification import Classification

_SHA256 = "cf5cf4b06a360f7fa11c27c1d13f8284031b1c809b4329763811a0a7d0ab9746"

_CLASSES = ("t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot")


@datasets.register(
    "fashion-mini",
    source="https://arxiv.org/abs/1708.07747",
    task="classification",
    licence="MIT",
    rows=6000,
    unit="images",
    shape=[1, 28, 28],
    classes=list(_CLASSES),
    bytes=2_626_112,
    at_hand=True,
    where="in the package",
)
def fashion_mini(request: Request) -> Data:
    """Clothes from Fashion-MNIST: 6,000 grey images of 28x28 pixels, ten classes.

    500 images of each class from the official training part and 100 of each
    from the official test part, which stays the test part. Harder than
    digits: a shirt, a coat and a pullover look much alike.
    """
    with np.load(io.BytesIO(vendored.read("fashion_mini.npz", _SHA256)), allow_pickle=False) as arrays:
        x, y = _tensors(arrays["train_images"], arrays["train_labels"])
        test = TensorSplit(*_tensors(arrays["test_images"], arrays["test_labels"]))
    train, held = two_way(len(x), request.seed, request.split)
    task = Classification(input_shape=(1, 28, 28), outputs=10, classes=_CLASSES)
    return Data(task, TensorSplit(x[train], y[train]), TensorSplit(x[held], y[held]), test)


def _tensors(images: np.ndarray, labels: np.ndarray) -> tuple[Tensor, Tensor]:
    """Return pixels scaled to 0..1 as (rows, 1, 28, 28), and class numbers."""
    return torch.from_numpy(images).unsqueeze(1).float().div_(255), torch.from_numpy(labels).long()
