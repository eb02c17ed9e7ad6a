"""What the surfaces among the data sets share: a start, noisy gradients and how long an epoch is."""

from dataclasses import replace
from typing import Annotated

import torch
from torch import Tensor

from tuilab.errors import TuilabError
from tuilab.knobs import Knob
from tuilab.zoo.data import Data, Request
from tuilab.zoo.splits import TensorSplit
from tuilab.zoo.tasks.surface import Surface

Start = Annotated[list[float], Knob("where the point begins, [x, y]", -1000, 1000)]
Noise = Annotated[float, Knob("how far each sample misreads the point's place: a noisy gradient", 0, 100)]
Samples = Annotated[int, Knob("noise samples in an epoch; with batch_size 1, its steps", 1, 1_000_000)]


def surface(request: Request, task: Surface, start: list[float], noise: float, samples: int) -> Data:
    """Return a surface as data: its train rows are the shifts by which the point is misread.

    Eval and test hold one row without a shift, so their loss is the height itself.

    Raises:
        TuilabError: the start is not a place on a plane.
    """
    if len(start) != 2:
        raise TuilabError(
            f"data.start: {start} is not a place; expected two numbers, like {list(task.start)}."
        )
    shifts = torch.randn(samples, 2, generator=torch.Generator().manual_seed(request.seed)) * noise
    still = _split(torch.zeros(1, 2))
    return Data(replace(task, start=(start[0], start[1])), _split(shifts), still, still)


def _split(shifts: Tensor) -> TensorSplit:
    """Return shifts as inputs; there is nothing to aim at, so the targets are zeros."""
    return TensorSplit(shifts, torch.zeros(len(shifts)))
