"""Whether a part makes a model's steps faster here: tried, on a copy, and timed.

With and without it take turns, because machines speed up and slow down; the median of the
pairs decides, in processor time, which holds on a machine that others use too. The copy has
the run's own shapes, its own first batch and its own loss. What gives another loss or other
gradients than without is refused, however fast.
"""

import copy
import statistics
import time
from typing import TYPE_CHECKING

from torch import Tensor, nn

from tuilab.engine import devices
from tuilab.engine.fast.parts import PARTS

if TYPE_CHECKING:
    from tuilab.engine.build import Built

ROUNDS = 3
"""Pairs that are timed, after one that warms up."""

PASSES = 2 * (ROUNDS + 1)
"""Forward and backward passes that trying one part takes."""

_WORTH = 0.95
"""A part is taken only where it saves a twentieth: a tie must not fall one way today, the other tomorrow."""

_PASS_SECONDS = 0.015
"""A batch that takes longer than this is cut down: the share that a part saves is much the same."""

_CLOSE = 1e-4
"""How far a gradient may lie from that without the part, relative to the largest of its tensor."""

_ROUNDING = 1e-6
"""How far any number may lie off, relative to the largest of all: some units of float32's last place."""


def measure(built: "Built", names: list[str]) -> dict[str, float]:
    """Return each part's time for a pass relative to that without it; those that differ are left out.

    Parts that are worth it stay while the next is tried. Weights, buffers and random
    numbers of the run are left as they are.
    """
    random = devices.random_state()
    try:
        trial = _Trial(built)
    except (RuntimeError, TypeError):  # a model of the user's own that cannot be copied
        return {}
    try:
        ratios = {}
        for name in names:
            ratio = trial.compare(name)
            if ratio is not None:
                ratios[name] = ratio
                if worth(ratio):
                    PARTS[name].apply(trial.model)
        return ratios
    finally:
        devices.restore_random_state(random)


def worth(ratio: float) -> bool:
    """Whether a part that takes so much of the time without it is taken."""
    return ratio <= _WORTH


class _Trial:
    """A copy of a run's model with a batch of its data."""

    def __init__(self, built: "Built") -> None:
        self._built = built
        self.model: nn.Module = copy.deepcopy(built.model).train()
        self._parameters = [p for p in self.model.parameters() if p.requires_grad]
        self._random = devices.random_state()
        self._rows = built.batch_size
        split = built.data.train
        self._order = split.order(None)[: self._rows]
        seconds = min(self._seconds(), self._seconds())
        if seconds > _PASS_SECONDS:
            self._rows = max(1, int(self._rows * _PASS_SECONDS / seconds))

    def compare(self, name: str) -> float | None:
        """Return a part's time relative to that without it, None where it computes something else."""
        part, pairs = PARTS[name], []
        for number in range(ROUNDS + 1):
            part.undo(self.model)
            plain = self._seconds()
            if number == 0:
                expected = self._outcome()
            part.apply(self.model)
            fast = self._seconds()
            if number == 0 and not _alike(expected, self._outcome()):
                part.undo(self.model)
                return None
            if number:
                pairs.append(fast / plain)
        part.undo(self.model)
        return statistics.median(pairs)

    def _seconds(self) -> float:
        """Return the processor time of a pass: on a shared machine the clock says little."""
        start = time.process_time()
        self._pass()
        return time.process_time() - start

    def _pass(self) -> None:
        devices.restore_random_state(self._random)  # the same units dropped out every time
        x, y = self._built.data.train.take(self._order[: self._rows])
        for parameter in self._parameters:
            parameter.grad = None
        outputs, targets = self._built.data.task.forward(self.model, x, y)
        self._loss = self._built.loss_fn(outputs, targets)
        self._loss.backward()

    def _outcome(self) -> list[Tensor]:
        """Return the loss and the gradients of the last pass."""
        return [self._loss.detach(), *(p.grad.clone() for p in self._parameters if p.grad is not None)]


def _alike(expected: list[Tensor], found: list[Tensor]) -> bool:
    """Whether losses and gradients are the same but for rounding."""
    if len(expected) != len(found):
        return False
    # A gradient that is nothing but rounding (a bias before batch norm) is measured by the others.
    floor = _ROUNDING * max(float(tensor.abs().max()) for tensor in expected)
    return all(
        float((a - b).abs().max()) <= _CLOSE * float(a.abs().max()) + floor
        for a, b in zip(expected, found, strict=True)
    )
