"""The schedule that waits for the eval loss to rest."""

from collections.abc import Callable
from typing import Annotated

from tuilab.knobs import Knob
from tuilab.schedules.schedule import Warmup, schedules, warmed

Gamma = Annotated[float, Knob("what each fall multiplies the rate by", 0, 1)]
Patience = Annotated[int, Knob("evaluations without a better eval loss that are put up with", 0, 10_000)]
Threshold = Annotated[float, Knob("share by which a loss must be lower to count as better", 0, 1)]


@schedules.register(
    "plateau",
    source="https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ReduceLROnPlateau.html",
    reacts=True,
)
class Plateau:
    """The same rate until the eval loss rests, then gamma times it, again and again.

    PyTorch's ReduceLROnPlateau, asked at every evaluation: set `train.eval_every`
    to how often that is. When the loss has not been lower than its best for more
    than `patience` evaluations the rate falls, and the count begins anew. What
    will happen nobody knows before: the preview shows the rate without a fall.

    >>> lr = Plateau(gamma=0.5, patience=1)
    >>> lr(0.2), lr(0.9)
    (1.0, 1.0)
    >>> reaction = lr.reaction()
    >>> [reaction(loss) for loss in (0.9, 0.7, 0.8, 0.8, 0.6)]
    [1.0, 1.0, 1.0, 0.5, 0.5]
    """

    def __init__(
        self,
        *,
        gamma: Gamma = 0.1,
        patience: Patience = 5,
        threshold: Threshold = 1e-4,
        warmup: Warmup = 0.0,
    ) -> None:
        self._gamma, self._patience, self._threshold = gamma, patience, threshold
        self._base = warmed(lambda _: 1.0, warmup)

    def __call__(self, progress: float) -> float:
        """Return the multiplier as if the loss never rested."""
        return self._base(progress)

    def reaction(self) -> Callable[[float], float]:
        """Return a function that is given every eval loss in turn and returns the factor from then on."""
        factor, best, waited = 1.0, float("inf"), 0

        def saw(loss: float) -> float:
            nonlocal factor, best, waited
            if loss < best * (1 - self._threshold):
                best, waited = loss, 0
            else:  # so does a loss that is no number
                waited += 1
            if waited > self._patience:
                factor, waited = factor * self._gamma, 0
            return factor

        return saw
