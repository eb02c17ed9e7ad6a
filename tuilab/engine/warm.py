"""Everything slow that a first step would wait for, done while nobody waits."""

from collections.abc import Iterable
from pathlib import Path

import torch

from tuilab import zoo
from tuilab.engine.fast import adam, linear


def warm_up(own_files: Iterable[Path] = ()) -> None:
    """Load the zoo and take one step of a tiny network.

    PyTorch imports parts of itself at the first backward pass and the first
    optimizer step; with these the key that starts a run is answered at once.
    """
    zoo.load(own_files)
    import safetensors.torch

    import tuilab.engine.session  # noqa: F401

    del safetensors
    adam.works()
    linear.works()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model = torch.nn.Linear(4, 4).to(device)
    optimizer = torch.optim.AdamW(model.parameters(), fused=True)
    torch.nn.functional.cross_entropy(
        model(torch.ones(2, 4, device=device)), torch.tensor([0, 1], device=device)
    ).backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad()
