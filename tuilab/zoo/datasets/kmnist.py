"""Kuzushiji-MNIST: ten characters of cursive Japanese."""

from tuilab.zoo.data import Data, Request
from tuilab.zoo.registries import datasets
from tuilab.zoo.sources import idx
from tuilab.zoo.sources.material import Material

_CLASSES = ("お o", "き ki", "す su", "つ tsu", "な na", "は ha", "ま ma", "や ya", "れ re", "を wo")

_PACKED = (
    (18_165_135, "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4"),
    (29_497, "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17"),
    (3_041_136, "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5"),
    (5_120, "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c"),
)

MATERIAL = Material(
    "kmnist",
    files=idx.files(("", "", "", "")),
    downloads=idx.downloads(_PACKED),
    mirrors=("http://codh.rois.ac.jp/kmnist/dataset/kmnist/{f}",),
)


@datasets.register(
    "kmnist",
    source="https://arxiv.org/abs/1812.01718",
    task="classification",
    licence="CC BY-SA 4.0",
    rows=70_000,
    unit="images",
    shape=[1, 28, 28],
    classes=list(_CLASSES),
    **MATERIAL.facts,
)
def kmnist(request: Request) -> Data:
    """Kuzushiji-MNIST: 70,000 characters of cursive Japanese, 28x28 pixels, ten classes.

    Clanuwat et al. 2018; made by ROIS-DS Center for Open Data in the
    Humanities from books of the 18th century. One character is written in
    many forms, so it is harder than MNIST: a small convolutional network
    reaches 95 % of the official test part.
    """
    return idx.load(MATERIAL, request, _CLASSES)
