"""torch.compile, where it is asked for.

The model stays the same object with the same weights; its calls are compiled. What looks at
it from the side (second derivatives, samples of growing length) runs it as it is written.
"""

import importlib.util
import os
import shutil
from contextlib import AbstractContextManager, nullcontext

import torch
from torch import nn

from tuilab.errors import TuilabError


def compile_model(model: nn.Module, device: torch.device, watched: bool) -> None:
    """Compile a model's calls at their first use, for each shape of batch anew.

    Args:
        model: is changed in place.
        device: where it computes.
        watched: whether a probe wants to listen to its layers.

    Raises:
        TuilabError: it cannot be compiled here, or not be watched then.
    """
    if watched:
        raise TuilabError(
            "train.compile: a compiled model has no layers left that probes.activations could listen to. "
            "Switch one of the two off."
        )
    if missing := missing_compiler(device):
        raise TuilabError(f"train.compile: {missing}. Install it, or leave train.compile off.")
    model.compile(dynamic=False)


def missing_compiler(device: torch.device) -> str:
    """Return what torch.compile lacks on this machine; empty where it lacks nothing."""
    if device.type == "cuda" and importlib.util.find_spec("triton") is None:
        return "it needs the package triton for NVIDIA GPUs, which is not installed"
    wanted = [os.environ.get("CXX", ""), "g++", "clang++", "cl"]
    if not any(name and shutil.which(name) for name in wanted):
        return "it needs a C++ compiler (g++ or clang++), and there is none on the PATH"
    return ""


def as_written(model: nn.Module) -> AbstractContextManager[object]:
    """Run a model uncompiled for the length of a block."""
    if getattr(model, "_compiled_call_impl", None) is None:
        return nullcontext()  # asking for a stance would load the compiler
    stance: AbstractContextManager[object] = torch.compiler.set_stance("force_eager")
    return stance
