"""Where a run computes, and what must be fixed for it to compute the same twice."""

import random
from functools import lru_cache
from typing import Any

import numpy as np
import torch

from tuilab.errors import TuilabError
from tuilab.words import counted


def choose(name: str) -> torch.device:
    """Return the device a spec means; "auto" is a GPU where there is one.

    Raises:
        TuilabError: there is no such device here.
    """
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise TuilabError(
            f"train.device: {name!r} is not a device; try auto, cpu, cuda or cuda:1."
        ) from error
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        count = torch.cuda.device_count()
        raise TuilabError(
            f"train.device: there is no {name!r} here, PyTorch sees {count or 'no'} CUDA devices; "
            "try auto or cpu."
        )
    if device.type == "mps" and not torch.backends.mps.is_available():
        raise TuilabError("train.device: there is no 'mps' here; try auto or cpu.")
    return torch.empty(0, device=device).device  # with its number, so that it equals that of its tensors


def prepare(device: torch.device, precision: str) -> None:
    """Make ready to compute on a device, in a precision.

    float32 is as PyTorch has it by default: cuDNN's convolutions may round their inputs to
    TF32, matrix products do not. https://docs.pytorch.org/docs/stable/notes/cuda.html

    Raises:
        TuilabError: the device has no such numbers.
    """
    if precision == "tf32" and not (
        device.type == "cuda" and torch.cuda.get_device_capability(device) >= (8, 0)
    ):
        raise TuilabError(
            f"train.precision: tf32 is a format of NVIDIA GPUs from Ampere on, and this run computes on "
            f"{describe(device)}. Choose float32 or bf16."
        )
    if device.type == "cuda":
        from tuilab.engine import cuda

        cuda.enter(device)
        if precision == "bf16" and not torch.cuda.is_bf16_supported(including_emulation=False):
            raise TuilabError(f"train.precision: {describe(device)} has no bf16 of its own. Choose float32.")
    # Always set: a worker in standby may have built another spec before this one.
    torch.set_float32_matmul_precision("high" if precision == "tf32" else "highest")


@lru_cache(maxsize=1)
def default_threads() -> int:
    """Return PyTorch's own choice of CPU threads, as it was before any run changed it."""
    return torch.get_num_threads()


def describe(device: torch.device) -> str:
    """Return the device's name for people."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    threads = counted(torch.get_num_threads(), "thread")
    return f"{device.type}, {threads}" if device.type == "cpu" else device.type


def seed_everything(seed: int) -> None:
    """Start every generator a component could draw from."""
    torch.manual_seed(seed)
    np.random.seed(seed % 2**32)
    random.seed(seed)


def random_state() -> dict[str, Any]:
    """Return every generator's state, as tensors and plain values."""
    numpy_name, numpy_keys, *numpy_rest = np.random.get_state(legacy=True)
    version, words, gauss = random.getstate()
    return {
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
        # torch has no unsigned 32-bit arithmetic everywhere: the words travel as int64.
        "numpy": [numpy_name, torch.from_numpy(np.asarray(numpy_keys, dtype=np.int64)), *numpy_rest],
        "python": [version, list(words), gauss],
    }


def restore_random_state(state: dict[str, Any]) -> None:
    """Put every generator back where it was."""
    torch.set_rng_state(state["torch"])
    if torch.cuda.is_available():  # here there may be fewer devices, or more, than where it was saved
        torch.cuda.set_rng_state_all(state["cuda"][: torch.cuda.device_count()])
    name, keys, *rest = state["numpy"]
    np.random.set_state((name, keys.numpy().astype(np.uint32), *rest))
    version, words, gauss = state["python"]
    random.setstate((version, tuple(words), gauss))
