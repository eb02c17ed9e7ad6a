"""The fast parts that a run may take, by the names that `meta.json` keeps."""

from types import ModuleType

from torch import nn

from tuilab.engine.fast import channels_last, linear

PARTS: dict[str, ModuleType] = {"channels-last": channels_last, "onednn-linear": linear}
"""Each has `fits(model)`, `works()`, `apply(model)` and `undo(model)`. Tried in this order."""


def usable(model: nn.Module) -> list[str]:
    """Return the parts that a model has a use for and that do here what they should."""
    return [name for name, part in PARTS.items() if part.fits(model) and part.works()]
