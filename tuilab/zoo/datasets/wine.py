"""Wines of three growers, told apart by chemistry."""

from tuilab.zoo import vendored
from tuilab.zoo.data import Data, Request, cut
from tuilab.zoo.registries import datasets
from tuilab.zoo.tasks.classification import Classification

_FILE = ("wine_data.csv", "10e8a802908b34f86e5da8ce962f3c806694bc98450a18f61851af59f324bede")

_FEATURES = (
    "alcohol",
    "malic acid",
    "ash",
    "alkalinity of ash",
    "magnesium",
    "phenols",
    "flavanoids",
    "other phenols",
    "proanthocyanins",
    "colour",
    "hue",
    "dilution",
    "proline",
)

_CLASSES = ("grower 1", "grower 2", "grower 3")


@datasets.register(
    "wine",
    source="https://doi.org/10.24432/C5PC7J",
    task="classification",
    licence="CC BY 4.0",
    rows=178,
    unit="wines",
    shape=[13],
    classes=list(_CLASSES),
    bytes=11_157,
    at_hand=True,
    where="in the package",
)
def wine(request: Request) -> Data:
    """Wine: thirteen chemical measurements of 178 wines, three growers.

    The columns differ in scale a thousandfold (proline against hue), so
    without normalisation it is hard and with it easy: 97 % by a linear model.
    """
    x, y = vendored.labelled(*_FILE, columns=len(_FEATURES), skip_lines=1)
    task = Classification(
        input_shape=(len(_FEATURES),), outputs=len(_CLASSES), classes=_CLASSES, features=_FEATURES
    )
    return Data(task, *cut(x, y, request))
