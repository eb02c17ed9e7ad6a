"""What was measured before: `cache/fast.json` under the home, one entry a machine and model."""

import contextlib
import hashlib
import json
import os
import platform
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from tuilab.engine.build import Built

_FORMAT = 1
"""Raised when parts or their measuring change, so that older findings are not taken."""


def key(built: "Built", names: Sequence[str]) -> str:
    """Return a hash of all that the outcome of a measurement hangs on."""
    modules = [type(module).__name__ for module in built.model.modules()]
    shapes = [list(parameter.shape) for parameter in built.model.parameters()]
    inputs = list(built.data.task.input_shape)
    facts = [
        _FORMAT, list(names), _processor(), torch.__version__, torch.get_num_threads(),
        modules, shapes, inputs, built.batch_size,
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:24]


def recall(home: Path, wanted: str) -> dict[str, float] | None:
    """Return what was kept, None where there is nothing that can be read."""
    found = _all(home).get(wanted)
    if not isinstance(found, dict) or not all(isinstance(ratio, int | float) for ratio in found.values()):
        return None
    return found


def keep(home: Path, found_for: str, ratios: dict[str, float]) -> None:
    """Keep a finding; a home that cannot be written only costs the next run its measurement."""
    path = _path(home)
    aside = path.with_suffix(f".{os.getpid()}")
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        aside.write_text(json.dumps({**_all(home), found_for: ratios}))
        aside.rename(path)


def _all(home: Path) -> dict[str, dict[str, float]]:
    try:
        found = json.loads(_path(home).read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _path(home: Path) -> Path:
    return home / "cache" / "fast.json"


@lru_cache(maxsize=1)
def _processor() -> str:
    """Return the processor's name, with what tells models of one name apart."""
    with contextlib.suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text().partition("\n\n")[0].splitlines()
        wanted = ("model name", "cpu family", "model\t", "stepping", "CPU part")
        return "; ".join(line.partition(":")[2].strip() for line in lines if line.startswith(wanted))
    return f"{platform.machine()} {platform.processor()}"
