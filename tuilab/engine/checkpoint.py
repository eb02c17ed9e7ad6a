"""Checkpoints: all that a run is made of, written aside and then renamed.

`checkpoints/step-00000500/` holds `model.safetensors`, which any other program can
read, and `state`, which is everything else. A folder that is there is complete.
"""

import os
import shutil
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from tuilab.engine import packing
from tuilab.runs import step_of


def save(folder: Path, step: int, model: nn.Module, state: dict[str, Any]) -> Path:
    """Write a checkpoint and return its folder.

    Raises:
        OSError: the disk is full; nothing is left behind then.
    """
    path = folder / f"step-{step:08d}"
    if path.is_dir():
        return path
    aside = folder / f".{path.name}"
    shutil.rmtree(aside, ignore_errors=True)  # of a worker that was killed
    aside.mkdir(parents=True)
    try:
        _save_weights(model, aside / "model.safetensors")
        packing.save(state, aside / "state")
        for file in aside.iterdir():
            _flush(file)
    except OSError:
        shutil.rmtree(aside, ignore_errors=True)
        raise
    aside.rename(path)
    return path


def save_best(folder: Path, model: nn.Module) -> None:
    """Write the weights that a run went back to, as `checkpoints/best/model.safetensors`."""
    best = folder / "best"
    best.mkdir(parents=True, exist_ok=True)
    _save_weights(model, best / ".model.safetensors")
    (best / ".model.safetensors").rename(best / "model.safetensors")


def load(path: Path, model: nn.Module) -> dict[str, Any]:
    """Put a checkpoint's weights into the model and return the rest of its state."""
    load_weights(path, model)
    state: dict[str, Any] = packing.load(path / "state")
    return state


def load_weights(path: Path, model: nn.Module) -> None:
    """Put a checkpoint's weights into the model, and nothing else."""
    saved = load_file(path / "model.safetensors")
    own = model.state_dict()
    # A tied weight is written under its first name only; it still has the other.
    for name, first in aliases(own).items():
        saved[name] = saved[first]
    model.load_state_dict(saved)


def latest(folder: Path) -> Path | None:
    """Return the newest complete checkpoint."""
    return max(folder.glob("step-*"), key=step_of, default=None)


def _save_weights(model: nn.Module, path: Path) -> None:
    weights = model.state_dict()
    tied = aliases(weights)
    unique = {name: tensor.cpu().contiguous() for name, tensor in weights.items() if name not in tied}
    try:
        save_file(unique, path, metadata={"format": "pt"})
    except SafetensorError as error:  # its own class, for a full disk too
        raise OSError(f"{path.name} could not be written: {error}") from error


def aliases(weights: dict[str, Tensor]) -> dict[str, str]:
    """Return, for every name of a tied tensor that has an earlier name, that earlier name."""
    first: dict[int, str] = {}
    aliases = {}
    for name, tensor in weights.items():
        if tensor.numel() and first.setdefault(tensor.data_ptr(), name) != name:
            aliases[name] = first[tensor.data_ptr()]
    return aliases


def _flush(path: Path) -> None:
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
