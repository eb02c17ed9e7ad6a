"""CIFAR-100: small photographs of a hundred kinds of thing."""

from tuilab.zoo.data import Data, Request
from tuilab.zoo.registries import datasets
from tuilab.zoo.sources import cifar
from tuilab.zoo.sources.material import Download, File, Material

_CLASSES = tuple(
    """apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly
    camel can castle caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup
    dinosaur dolphin elephant flatfish forest fox girl hamster house kangaroo keyboard lamp lawn_mower
    leopard lion lizard lobster man maple_tree motorcycle mountain mouse mushroom oak_tree orange orchid
    otter palm_tree pear pickup_truck pine_tree plain plate poppy porcupine possum rabbit raccoon ray road
    rocket rose sea seal shark shrew skunk skyscraper snail snake spider squirrel streetcar sunflower
    sweet_pepper table tank telephone television tiger tractor train trout tulip turtle wardrobe whale
    willow_tree wolf woman worm""".replace("_", "-").split()
)
"""In the order of the archive's own fine_label_names.txt, which is that of the alphabet."""

_ROW_BYTES = 2 + cifar.PIXELS

MATERIAL = Material(
    "cifar100",
    files=(File("train.bin", 50_000 * _ROW_BYTES), File("test.bin", 10_000 * _ROW_BYTES)),
    downloads=(
        Download(
            "cifar-100-binary.tar.gz",
            168_513_733,
            "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
            {name: (f"cifar-100-binary/{name}",) for name in ("train.bin", "test.bin")},
        ),
    ),
    mirrors=("https://www.cs.toronto.edu/~kriz/{f}",),
    notice="CIFAR-100 states no licence; its author asks to cite Krizhevsky 2009.",
)


@datasets.register(
    "cifar100",
    source="https://www.cs.toronto.edu/~kriz/cifar.html",
    task="classification",
    licence="none stated; cite Krizhevsky 2009",
    rows=60_000,
    unit="images",
    shape=[3, 32, 32],
    classes=list(_CLASSES),
    **MATERIAL.facts,
)
def cifar100(request: Request) -> Data:
    """CIFAR-100: 60,000 colour photographs of 32x32 pixels, a hundred classes.

    Krizhevsky 2009. 10,000 of them are the official test part. Only 500
    pictures a class to learn from; the twenty coarse classes are not used.
    """
    return cifar.load(MATERIAL, request, _CLASSES, ("train.bin",), "test.bin", labels=2)
