"""What a run was made with and on: `meta.json`, for whoever wants to make it again."""

import contextlib
import os
import platform
import socket
import subprocess
from typing import Any

import numpy as np
import torch

import tuilab
from tuilab import origins
from tuilab.engine import devices
from tuilab.engine.build import Built
from tuilab.engine.freeze import trained_share
from tuilab.engine.probes.activations import activation_layers
from tuilab.engine.probes.probe import layer_names
from tuilab.zoo.tasks.surface import Surface


def meta(built: Built, started: float) -> dict[str, Any]:
    """Return versions, machine, sizes and the task's metrics.

    Args:
        built: the experiment.
        started: seconds since 1970 when it first began.
    """
    task, model = built.data.task, built.model
    return {
        "started": started,
        "seed": built.spec.train.seed,
        "origin": dict(origins.origin_of(built.spec) or {}),
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "device": devices.describe(built.device),
        "threads": torch.get_num_threads(),
        "versions": {
            "tuilab": tuilab.__version__,
            "python": platform.python_version(),
            "torch": torch.__version__,
            "numpy": np.__version__,
        },
        "git": _git_commit(),
        "parameters": trained_share(model)[1],
        "trained": trained_share(model)[0],
        "task": task.name,
        "metrics": list(task.metrics),
        "metric": task.metrics[0],
        "higher_is_better": task.higher_is_better,
        "classes": list(task.labels),
        "surface": task.landmarks if isinstance(task, Surface) else None,
        "rows": {name: built.data.split(name).rows for name in ("train", "eval", "test")},
        "batch_size": built.batch_size,
        "layers": layer_names(model),
        "activations": list(activation_layers(model)),
        "notes": dict(built.data.notes),
    }


def _git_commit() -> str:
    """Return the commit of the folder the run was started from, or nothing."""
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        asked = subprocess.run(
            ["git", "rev-parse", "HEAD"], capture_output=True, text=True, timeout=2, check=True
        )
        return asked.stdout.strip()
    return ""
