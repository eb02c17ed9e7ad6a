"""CIFAR-10: small photographs of ten kinds of thing."""

from tuilab.zoo.data import Data, Request
from tuilab.zoo.registries import datasets
from tuilab.zoo.sources import cifar
from tuilab.zoo.sources.material import Download, File, Material

_CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")

_TRAIN = tuple(f"data_batch_{number}.bin" for number in range(1, 6))
_TEST = "test_batch.bin"
_BATCH_BYTES = 10_000 * (1 + cifar.PIXELS)

MATERIAL = Material(
    "cifar10",
    files=tuple(File(name, _BATCH_BYTES) for name in (*_TRAIN, _TEST)),
    downloads=(
        Download(
            "cifar-10-binary.tar.gz",
            170_052_171,
            "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
            {name: (f"cifar-10-batches-bin/{name}",) for name in (*_TRAIN, _TEST)},
        ),
    ),
    mirrors=("https://www.cs.toronto.edu/~kriz/{f}",),
    notice="CIFAR-10 states no licence; its author asks to cite Krizhevsky 2009.",
)


@datasets.register(
    "cifar10",
    source="https://www.cs.toronto.edu/~kriz/cifar.html",
    task="classification",
    licence="none stated; cite Krizhevsky 2009",
    rows=60_000,
    unit="images",
    shape=[3, 32, 32],
    classes=list(_CLASSES),
    **MATERIAL.facts,
)
def cifar10(request: Request) -> Data:
    """CIFAR-10: 60,000 colour photographs of 32x32 pixels, ten classes.

    Krizhevsky 2009. 10,000 of them are the official test part. ResNet-20
    reads 91 % of it (He et al. 2016). Fetched as the binary archive, which
    holds bytes and no Python objects.
    """
    return cifar.load(MATERIAL, request, _CLASSES, _TRAIN, _TEST, labels=1)
