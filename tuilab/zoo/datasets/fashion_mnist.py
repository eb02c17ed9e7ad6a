"""Fashion-MNIST: clothes in MNIST's clothing, and harder."""

from tuilab.zoo.data import Data, Request
from tuilab.zoo.registries import datasets
from tuilab.zoo.sources import idx
from tuilab.zoo.sources.material import Material

_CLASSES = ("t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot")

_HASHES = (
    "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
)

_PACKED = (
    (26_421_880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
    (29_515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
    (4_422_102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
    (5_148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"),
)

MATERIAL = Material(
    "fashion-mnist",
    files=idx.files(_HASHES),
    downloads=idx.downloads(_PACKED),
    mirrors=(
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/{f}",
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/{f}",
    ),
    folders=("/usr/share/datasets/fashion-mnist",),  # Debian's package dataset-fashion-mnist
)


@datasets.register(
    "fashion-mnist",
    source="https://arxiv.org/abs/1708.07747",
    task="classification",
    licence="MIT",
    rows=70_000,
    unit="images",
    shape=[1, 28, 28],
    classes=list(_CLASSES),
    **MATERIAL.facts,
)
def fashion_mnist(request: Request) -> Data:
    """Fashion-MNIST: 70,000 grey images of clothes, 28x28 pixels, ten classes.

    Xiao et al. 2017. The last 10,000 are the official test part. Small
    convolutional networks reach 91 to 93 %. On Debian it is installed by
    `apt install dataset-fashion-mnist` and then found without the network.
    """
    return idx.load(MATERIAL, request, _CLASSES)
