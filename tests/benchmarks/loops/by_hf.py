"""Hugging Face's Trainer with its defaults (fused AdamW, clipping) and the loss of every step logged."""

import tempfile
from typing import Any

import torch
import transformers

from tests.benchmarks.loops.by_hand import Mark, Run
from tests.benchmarks.loops.works import loss_of, samples_of
from tuilab.engine.build import Built


class _Model(torch.nn.Module):
    def __init__(self, built: Built) -> None:
        super().__init__()
        self.model = built.model

    def forward(self, x: torch.Tensor, labels: torch.Tensor) -> dict[str, torch.Tensor]:
        outputs = self.model(x)
        return {"loss": loss_of(outputs, labels), "logits": outputs}


class _Rows(torch.utils.data.Dataset[dict[str, torch.Tensor]]):
    def __init__(self, x: torch.Tensor, y: torch.Tensor) -> None:
        self._x, self._y = x, y

    def __len__(self) -> int:
        return len(self._x)

    def __getitem__(self, row: int) -> dict[str, torch.Tensor]:
        return {"x": self._x[row], "labels": self._y[row]}


class _Marks(transformers.TrainerCallback):  # type: ignore[misc]
    def __init__(self, mark: Mark) -> None:
        self._mark = mark

    def on_step_end(self, *_: Any, **__: Any) -> None:
        self._mark()


class _Quiet(transformers.Trainer):  # type: ignore[misc]
    def log(self, logs: dict[str, float], *_: Any, **__: Any) -> None:
        """Keep the row, print nothing."""
        self.state.log_history.append({**logs, "step": self.state.global_step})


def hf(built: Built) -> Run:
    """Train with logging_steps = 1."""
    x, y = (part.cpu() for part in samples_of(built))
    model = _Model(built)

    def run(steps: int, mark: Mark) -> None:
        rows = min(len(x), steps * built.batch_size)
        arguments = transformers.TrainingArguments(
            tempfile.mkdtemp(), per_device_train_batch_size=built.batch_size, max_steps=steps,
            learning_rate=1e-3, logging_steps=1, report_to=[], save_strategy="no", disable_tqdm=True,
            use_cpu=built.device.type == "cpu", remove_unused_columns=False,
        )  # fmt: skip
        dataset = _Rows(x[:rows], y[:rows])
        _Quiet(model, arguments, train_dataset=dataset, callbacks=[_Marks(mark)]).train()

    return run
