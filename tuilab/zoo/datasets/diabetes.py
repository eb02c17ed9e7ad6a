"""Diabetes progression: a small, noisy, real regression."""

import torch

from tuilab.zoo import vendored
from tuilab.zoo.data import Data, Request, regression
from tuilab.zoo.registries import datasets

_MEASUREMENTS = (
    "diabetes_data_raw.csv.gz",
    "7fc0ded571454b1982210d3bb43f0aca44eae01a0b8654a3b24022bdb6b38009",
)
_TARGET = ("diabetes_target.csv.gz", "8e53f65eb811df43c206f3534bb3af0e5fed213bc37ed6ba36310157d6023803")

_FEATURES = ("age", "sex", "bmi", "blood pressure", "tc", "ldl", "hdl", "tch", "ltg", "glucose")
"""tc to ltg are blood serum readings: cholesterols, their ratio, log triglycerides."""


@datasets.register(
    "diabetes",
    source="https://doi.org/10.1214/009053604000000067",
    task="regression",
    licence="none stated; published with the paper",
    rows=442,
    unit="patients",
    shape=[10],
    classes=[],
    bytes=8_123,
    at_hand=True,
    where="in the package",
)
def diabetes(request: Request) -> Data:
    """Diabetes: ten measurements of 442 patients, and how far the disease went in a year.

    Efron et al. 2004. The measurements are in their own units, so normalise
    them. They explain about half of the spread: least squares has an R2 of 0.48
    on the test part on average, and from 0.3 to 0.6 by the luck of the cut.
    """
    x = torch.from_numpy(vendored.numbers(vendored.read(*_MEASUREMENTS), 10, separator=" ")).float()
    y = torch.from_numpy(vendored.numbers(vendored.read(*_TARGET), 1)).float()
    return regression(x, y, request, features=_FEATURES, target="disease progression")
