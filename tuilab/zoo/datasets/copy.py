"""Remember one symbol for a hundred steps: what plain recurrence cannot do."""

from typing import Annotated

import torch

from tuilab.knobs import Knob
from tuilab.zoo.data import Data, Request, cut
from tuilab.zoo.made import MADE, Samples, generator
from tuilab.zoo.registries import datasets
from tuilab.zoo.tasks.classification import Classification

_SYMBOLS = 8


@datasets.register(
    "copy",
    source="https://doi.org/10.1162/neco.1997.9.8.1735",
    task="classification",
    rows=5000,
    unit="sequences",
    shape=[101],
    classes=[f"symbol {number + 1}" for number in range(_SYMBOLS)],
    **MADE,
)
def copy(
    request: Request,
    *,
    samples: Samples = 5000,
    delay: Annotated[int, Knob("steps between the symbol and the moment it is asked for", 10, 10_000)] = 100,
    symbols: Annotated[int, Knob("different symbols to remember", 2, 1000)] = _SYMBOLS,
    distractors: Annotated[int, Knob("different tokens that mean nothing", 2, 1000)] = 4,
) -> Data:
    """One symbol, then a hundred tokens that mean nothing, then the question which symbol it was.

    After Hochreiter and Schmidhuber 1997, experiment 2. What came first must
    be carried through every step. The gradient of a plain recurrent network
    is gone long before; the gates of an LSTM or GRU keep it, if their memory is that long to begin with
    (their `span`). Chance is 1 / symbols.
    """
    source = generator(request.seed)
    y = torch.randint(symbols, (samples,), generator=source)
    noise = torch.randint(distractors, (samples, delay), generator=source)
    x = torch.cat([1 + y[:, None], 1 + symbols + noise], dim=1)  # 0 would be padding
    task = Classification(
        input_shape=(delay + 1,),
        outputs=symbols,
        tokens=1 + symbols + distractors,
        classes=tuple(f"symbol {number + 1}" for number in range(symbols)),
    )
    return Data(task, *cut(x, y, request))
