"""State to disk and back without pickle: tensors in safetensors, the rest in JSON.

A tree of dicts, lists and plain values is taken apart; in the JSON each tensor
leaves its name behind. No two tensors of a tree may share memory.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

_MARK = "$tensor"


def save(tree: Any, path: Path) -> None:
    """Write a tree as `<path>.json` and `<path>.safetensors`.

    Raises:
        OSError: the disk is full.
        TypeError: the tree holds something that is neither a tensor nor plain.
    """
    tensors: dict[str, Tensor] = {}

    def plain(value: Any, name: str) -> Any:
        if isinstance(value, Tensor):
            tensors[name] = value.detach().cpu().contiguous()
            return {_MARK: name}
        if isinstance(value, Mapping):
            # JSON keys are texts: optimizers number their parameters.
            return [[key, plain(item, f"{name}.{key}")] for key, item in value.items()]
        if isinstance(value, list | tuple):
            return {"list": [plain(item, f"{name}.{number}") for number, item in enumerate(value)]}
        if value is None or isinstance(value, bool | int | float | str):
            return value
        raise TypeError(f"{name} is a {type(value).__name__}: a state holds tensors and plain values.")

    text = json.dumps(plain(tree, "state"))
    try:
        save_file(tensors, path.with_suffix(".safetensors"))
    except SafetensorError as error:  # its own class, for a full disk too
        raise OSError(f"{path.name}.safetensors could not be written: {error}") from error
    path.with_suffix(".json").write_text(text)


def load(path: Path) -> Any:
    """Return the tree that `save` wrote, tensors on the CPU."""
    tensors = load_file(path.with_suffix(".safetensors"))

    def rebuilt(value: Any) -> Any:
        if isinstance(value, dict):
            if _MARK in value:
                return tensors[value[_MARK]]
            return [rebuilt(item) for item in value["list"]]
        if isinstance(value, list):
            return {key: rebuilt(item) for key, item in value}
        return value

    return rebuilt(json.loads(path.with_suffix(".json").read_text()))
