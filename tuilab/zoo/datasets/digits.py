"""Handwritten digits, 8 by 8 pixels: the smallest real image set."""

from tuilab.zoo import vendored
from tuilab.zoo.data import Data, Request, cut
from tuilab.zoo.registries import datasets
from tuilab.zoo.tasks.classification import Classification

_SHA256 = "09f66e6debdee2cd2b5ae59e0d6abbb73fc2b0e0185d2e1957e9ebb51e23aa22"

_BRIGHTEST = 16
"""A pixel counts the inked dots in its 4x4 block of the original bitmap."""


@datasets.register(
    "digits",
    source="https://doi.org/10.24432/C50P49",
    task="classification",
    licence="CC BY 4.0",
    rows=1797,
    unit="images",
    shape=[1, 8, 8],
    classes=[str(digit) for digit in range(10)],
    bytes=57_523,
    at_hand=True,
    where="in the package",
)
def digits(request: Request) -> Data:
    """Handwritten digits: 1,797 grey images of 8x8 pixels, ten classes.

    The test part of the UCI set "Optical Recognition of Handwritten Digits",
    as scikit-learn ships it. A small network reads 97 % of them right, in
    seconds on a CPU.
    """
    x, y = vendored.labelled("digits.csv.gz", _SHA256, columns=64)
    x = (x / _BRIGHTEST).reshape(-1, 1, 8, 8)
    task = Classification(input_shape=(1, 8, 8), outputs=10, classes=tuple(str(digit) for digit in range(10)))
    return Data(task, *cut(x, y, request))
