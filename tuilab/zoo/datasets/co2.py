"""Carbon dioxide in the air over Mauna Loa: a series with a trend and a season."""

from typing import Annotated

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tuilab.errors import TuilabError
from tuilab.knobs import Knob
from tuilab.zoo import vendored
from tuilab.zoo.data import Data, Request, check_shares
from tuilab.zoo.registries import datasets
from tuilab.zoo.splits import TensorSplit
from tuilab.zoo.tasks.regression import Regression

_SHA256 = "148db9fa8c08756ffd6b17451da39312d882fd927f56697bcf813b6b08b2bd4a"

_SPLITS = ("train", "eval", "test")


@datasets.register(
    "co2",
    source="https://doi.org/10.3334/CDIAC/ATG.035",
    task="regression",
    licence="public domain",
    rows=2_119,
    unit="windows",
    shape=[52, 1],
    classes=[],
    bytes=9_895,
    at_hand=True,
    where="in the package",
)
def co2(
    request: Request,
    *,
    history: Annotated[int, Knob("weeks the model sees", 2, 80)] = 52,
    ahead: Annotated[int, Knob("weeks from the last one seen to the one that is guessed", 1, 52)] = 4,
) -> Data:
    """Weekly carbon dioxide over Mauna Loa, 1958 to 2001: how much it will rise in four weeks.

    Keeling and Whorf 2004. A window of a year, as differences from its last
    week in parts per million, and the difference four weeks later. Train, eval
    and test are stretches in the order of time, and no window reaches from one into
    the next. Guessing no change at all has an R2 near 0; the season explains most.
    """
    series, gaps = read()
    splits = [
        TensorSplit(*_windows(name, stretch, history, ahead))
        for name, stretch in zip(_SPLITS, _stretches(series, request.split), strict=True)
    ]
    mean, scale = float(splits[0].y.double().mean()), float(splits[0].y.double().std(correction=0))
    task = Regression(
        input_shape=(history, 1),
        outputs=1,
        features=("CO2",),
        target="rise of CO2",
        unit="ppm",
        target_mean=mean,
        target_scale=scale,
    )
    train, held, test = (TensorSplit(split.x, (split.y - mean) / scale) for split in splits)
    notes = {"weeks": f"{len(series):,}", "weeks filled in": str(gaps)}
    return Data(task, train, held, test, notes)


def read() -> tuple[NDArray[np.float64], int]:
    """Return the weekly values in parts per million, and how many of them were missing.

    A missing week lies on the straight line between its neighbours.
    """
    lines = vendored.read("co2.csv.gz", _SHA256).decode().splitlines()[1:]
    values = np.array([float(line.split(",")[1] or "nan") for line in lines])
    known = ~np.isnan(values)
    weeks = np.arange(len(values))
    return np.interp(weeks, weeks[known], values[known]), int((~known).sum())


def _stretches(series: NDArray[np.float64], shares: tuple[float, float, float]) -> list[NDArray[np.float64]]:
    check_shares(shares)
    test = round(len(series) * (1 - shares[2]))
    held = round(len(series) * (1 - shares[2] - shares[1]))
    return [series[:held], series[held:test], series[test:]]


def _windows(name: str, series: NDArray[np.float64], history: int, ahead: int) -> tuple[Tensor, Tensor]:
    """Return windows float32 (rows, history, 1) and rises (rows, 1), both relative to the last week seen.

    Raises:
        TuilabError: the stretch is too short for a single window.
    """
    if len(series) < history + ahead:
        raise TuilabError(
            f"data.history: {name} has {len(series)} weeks, too few for windows of {history} and "
            f"{ahead} more. Choose a smaller data.history or data.ahead, "
            "or give it a larger share of data.split."
        )
    windows = np.lib.stride_tricks.sliding_window_view(series, history + ahead)
    last = windows[:, history - 1 : history]
    x = torch.from_numpy(windows[:, :history] - last).float()[:, :, None]
    return x, torch.from_numpy(windows[:, -1:] - last).float()
