"""The loop a user writes by hand: slices of a permutation, AdamW, nothing logged. All ratios are to it."""

from collections.abc import Callable

import torch
from torch.utils.data import DataLoader, TensorDataset

from tests.benchmarks.loops.works import loss_of, samples_of
from tuilab.engine.build import Built

Mark = Callable[[], None]
Run = Callable[[int, Mark], None]
"""Trains so many steps and marks the end of each."""


def bare(built: Built, compiled: bool = False) -> Run:
    """Index slices of a permutation."""
    x, y = samples_of(built)
    model = torch.compile(built.model) if compiled else built.model
    optimizer = torch.optim.AdamW(built.model.parameters(), lr=1e-3)
    size = built.batch_size

    def run(steps: int, mark: Mark) -> None:
        order = torch.randperm(len(x), device=x.device)
        for step in range(steps):
            at = step * size % (len(x) - size)
            chosen = order[at : at + size]
            loss = loss_of(model(x[chosen]), y[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            mark()

    return run


def compiled(built: Built) -> Run:
    """The same through torch.compile."""
    return bare(built, compiled=True)


def with_loader(built: Built) -> Run:
    """The same with a DataLoader in place of the slices."""
    x, y = samples_of(built)
    optimizer = torch.optim.AdamW(built.model.parameters(), lr=1e-3)

    def run(steps: int, mark: Mark) -> None:
        for inputs, targets in loader(x, y, built.batch_size, steps):
            loss = loss_of(built.model(inputs), targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            mark()

    return run


def loader(x: torch.Tensor, y: torch.Tensor, size: int, steps: int) -> "DataLoader[tuple[torch.Tensor, ...]]":
    """Return shuffled batches for so many steps."""
    rows = min(len(x), size * steps)
    return DataLoader(TensorDataset(x[:rows], y[:rows]), size, shuffle=True)
