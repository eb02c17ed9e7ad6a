"""skorch, with its default callbacks and nothing printed."""

from typing import Any

import torch
from skorch import NeuralNet
from skorch.callbacks import Callback

from tests.benchmarks.loops.by_hand import Mark, Run
from tests.benchmarks.loops.works import loss_of, samples_of
from tuilab.engine.build import Built


class _Loss(torch.nn.Module):
    def forward(self, outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        return loss_of(outputs, targets)


class _Marks(Callback):  # type: ignore[misc]
    mark: Mark

    def on_batch_end(self, net: Any, **_: Any) -> None:
        self.mark()


def skorch(built: Built) -> Run:
    """Fit one pass over as many rows as the steps need."""
    x, y = samples_of(built)
    marks = _Marks()
    net = NeuralNet(
        built.model, _Loss, optimizer=torch.optim.AdamW, lr=1e-3, batch_size=built.batch_size,
        max_epochs=1, train_split=None, iterator_train__shuffle=True, verbose=0,
        device=str(built.device), callbacks=[("marks", marks)],
    )  # fmt: skip
    net.initialize()

    def run(steps: int, mark: Mark) -> None:
        marks.mark = mark
        rows = min(len(x), steps * built.batch_size)
        net.partial_fit(x[:rows], y[:rows])

    return run
