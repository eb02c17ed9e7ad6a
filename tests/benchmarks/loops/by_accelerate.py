"""Hugging Face accelerate around the hand-written loop."""

import torch
from accelerate import Accelerator

from tests.benchmarks.loops.by_hand import Mark, Run, loader
from tests.benchmarks.loops.works import loss_of, samples_of
from tuilab.engine.build import Built


def accelerate(built: Built) -> Run:
    """Prepare model, optimizer and loader; everything else as by hand."""
    x, y = samples_of(built)
    helper = Accelerator(cpu=built.device.type == "cpu")
    model, optimizer = helper.prepare(built.model, torch.optim.AdamW(built.model.parameters(), lr=1e-3))

    def run(steps: int, mark: Mark) -> None:
        for inputs, targets in helper.prepare(loader(x, y, built.batch_size, steps)):
            loss = loss_of(model(inputs), targets)
            optimizer.zero_grad()
            helper.backward(loss)
            optimizer.step()
            mark()

    return run
