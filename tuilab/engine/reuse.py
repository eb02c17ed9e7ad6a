"""Starting from another run's weights: what has the same name and shape is taken over.

The rest stays as the seed drew it. That is fine-tuning: another vocabulary or
other classes leave the layers that read and name them fresh.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from tuilab import origins
from tuilab.engine.checkpoint import aliases
from tuilab.engine.weights import weights_of
from tuilab.errors import TuilabError
from tuilab.runs import Run
from tuilab.spec import Spec
from tuilab.zoo.lora import CHILD

_SHOWN = 4
"""Names told in a sentence; a program gets all of them."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """What came over from another run, and what did not."""

    run: str
    """Its id."""
    checkpoint: str
    """"step-00001500" or "best"."""
    matched: tuple[str, ...]
    """Names of the tensors that were taken over."""
    fresh: tuple[str, ...]
    """Own tensors that stay as the seed drew them: the other run has none of that name and shape."""
    unused: tuple[str, ...]
    """The other run's tensors that have no place here."""
    shapes: Mapping[str, tuple[tuple[int, ...], tuple[int, ...]]]
    """Of tensors that have the same name but not the same shape: here, and there."""
    share: float
    """Of the numbers in this model, those that were taken over, from 0 to 1."""

    @property
    def text(self) -> str:
        """What to tell a person."""
        told = f"starts from {self.run} ({self.checkpoint}): {len(self.matched)} of "
        told += f"{len(self.matched) + len(self.fresh)} tensors, {self.share:.1%} of the numbers"
        if self.fresh:
            told += f"; fresh: {_listed([self.described(name) for name in self.fresh])}"
        if left := [name for name in self.unused if name not in self.shapes]:
            told += f"; left there: {_listed(left)}"
        return told

    def to_json(self) -> dict[str, Any]:
        """Return all of it as plain values."""
        return asdict(self)

    def described(self, name: str) -> str:
        """Return a tensor's name, with both shapes where they differ."""
        if name not in self.shapes:
            return name
        here, there = ("x".join(map(str, shape)) for shape in self.shapes[name])
        return f"{name} ({here} here, {there} there)"


def start(model: nn.Module, spec: Spec, home: Path) -> Transfer | None:
    """Put another run's weights into a new model where the spec says so, and return what matched.

    Raises:
        TuilabError: there is no such run or checkpoint, nothing of it fits, or weights that
            did not fit would be frozen as the seed drew them.
    """
    spec = origins.pinned(spec, home)
    origin = origins.origin_of(spec)
    if origin is None or origin.get("state"):
        return None  # a fork takes over more than weights
    run = origins.origin_run(home, origin["from"])
    checkpoint = origins.checkpoint_of(run, origin["checkpoint"])
    transfer = take_over(model, run, checkpoint)
    name = spec.component("model")[0]
    if not transfer.matched:
        ours = _listed([transfer.described(each) for each in transfer.fresh])
        left = _listed([each for each in transfer.unused if each not in transfer.shapes])
        raise TuilabError(
            f"{origins.KEY}: nothing of {run.id} fits this {name}, which has {ours}."
            + (f" There it has {left}." if left else "")
            + " Choose a run of the same model, with the same sizes."
        )
    _refuse_frozen_noise(model, transfer, lora=spec.model.lora != "off")
    return transfer


@torch.no_grad()
def take_over(model: nn.Module, run: Run, checkpoint: Path) -> Transfer:
    """Put into a model whatever a checkpoint has of the same name and shape."""
    theirs = weights_of(run, checkpoint)
    state = model.state_dict()
    tied = aliases(state)
    # LoRA's additions are this run's own; a tied weight comes under its first name.
    ours = {key: tensor for key, tensor in state.items() if key not in tied and f".{CHILD}." not in key}
    matched = [name for name in ours if name in theirs and theirs[name].shape == ours[name].shape]
    for name in matched:
        ours[name].copy_(theirs[name])
    numbers = sum(tensor.numel() for tensor in ours.values())
    return Transfer(
        run.id,
        checkpoint.name,
        tuple(matched),
        tuple(name for name in ours if name not in matched),
        tuple(name for name in theirs if name not in matched),
        {
            name: (tuple(ours[name].shape), tuple(theirs[name].shape))
            for name in ours
            if name in theirs and name not in matched
        },
        sum(ours[name].numel() for name in matched) / max(numbers, 1),
    )


def _refuse_frozen_noise(model: nn.Module, transfer: Transfer, *, lora: bool) -> None:
    """Refuse weights that came from nowhere and would never be trained."""
    frozen = {name for name, parameter in model.named_parameters() if not parameter.requires_grad}
    lost = [name for name in transfer.fresh if name in frozen]
    if not lost:
        return
    key = "model.lora: beside" if lora else "model.freeze"
    mend = "Name them here, so that they are trained in full." if lora else "Freeze only what was taken over."
    raise TuilabError(
        f"{key}: {_listed(lost)} did not come from {transfer.run} and would stay as drawn. {mend}"
    )


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
