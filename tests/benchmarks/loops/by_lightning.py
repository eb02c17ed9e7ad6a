"""Lightning's Trainer, with its CSV logger at every step and without any."""

import logging
import tempfile
import warnings
from typing import Any

import lightning
import torch
from lightning.pytorch.loggers import CSVLogger

from tests.benchmarks.loops.by_hand import Mark, Run, loader
from tests.benchmarks.loops.works import loss_of, samples_of
from tuilab.engine.build import Built


class _Module(lightning.LightningModule):  # type: ignore[misc]
    def __init__(self, built: Built, logged: bool) -> None:
        super().__init__()
        self.model, self._logged = built.model, logged

    def training_step(self, batch: Any, number: int) -> Any:
        loss = loss_of(self.model(batch[0]), batch[1])
        if self._logged:
            self.log("loss", loss)
        return loss

    def configure_optimizers(self) -> Any:
        return torch.optim.AdamW(self.parameters(), lr=1e-3)


class _Marks(lightning.Callback):  # type: ignore[misc]
    def __init__(self, mark: Mark) -> None:
        self._mark = mark

    def on_train_batch_end(self, *_: Any, **__: Any) -> None:
        self._mark()


def lightning_logged(built: Built, logged: bool = True) -> Run:
    """Log the loss of every step to a CSV file."""
    x, y = samples_of(built)
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    warnings.simplefilter("ignore")
    module = _Module(built, logged)

    def run(steps: int, mark: Mark) -> None:
        trainer = lightning.Trainer(
            accelerator="gpu" if built.device.type == "cuda" else "cpu", devices=1, max_steps=steps,
            logger=CSVLogger(tempfile.mkdtemp()) if logged else False, log_every_n_steps=1,
            enable_checkpointing=False, enable_model_summary=False, enable_progress_bar=False,
            callbacks=[_Marks(mark)],
        )  # fmt: skip
        trainer.fit(module, loader(x, y, built.batch_size, steps))

    return run


def lightning_silent(built: Built) -> Run:
    """Log nothing."""
    return lightning_logged(built, logged=False)
