"""Which weights are trained: all of them, those that no pattern freezes, or LoRA's additions alone.

A batch norm whose own scale and shift are frozen is frozen whole: it normalises by the
statistics it came with and no longer measures. Otherwise "frozen" layers would go on
changing what they compute with every batch.
"""

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.linear import NonDynamicallyQuantizableLinear

from tuilab.errors import TuilabError, nearest
from tuilab.options import LoraOptions, ModelOptions
from tuilab.zoo import lora


def adapt(model: nn.Module, options: ModelOptions) -> None:
    """Freeze what [model] says, and hang on LoRA's additions; draws random numbers for LoRA only.

    Raises:
        TuilabError: a pattern matches nothing, or nothing is left to train.
    """
    if isinstance(options.lora, dict):
        _add_lora(model, LoraOptions(**options.lora))
    for name in matching(_names(model), options.freeze, "model.freeze", "weights"):
        model.get_parameter(name).requires_grad_(False)
    if options.freeze and not any(parameter.requires_grad for parameter in model.parameters()):
        raise TuilabError("model.freeze: nothing is left to train. Freeze less.")
    _settle_norms(model)


def trained_share(model: nn.Module) -> tuple[int, int]:
    """Return how many numbers are trained, and how many there are in all parameters."""
    sizes = [(parameter.numel(), parameter.requires_grad) for parameter in model.parameters()]
    return sum(size for size, trained in sizes if trained), sum(size for size, _ in sizes)


def matching(names: Sequence[str], patterns: Iterable[str], key: str, kind: str) -> list[str]:
    """Return the names that any of the patterns fits; `*` stands for anything, as in a shell.

    Args:
        names: to choose from.
        patterns: a name by itself also stands for all that lies in it: "blocks.0" for "blocks.0.*".
        key: the knob that gave the patterns.
        kind: what the names are of, as a plural.

    Raises:
        TuilabError: a pattern fits no name; says the nearest.
    """
    found: set[str] = set()
    for pattern in patterns:
        fitting = {name for name in names if fnmatchcase(name, pattern) or name.startswith(f"{pattern}.")}
        if not fitting:
            parents = {name.rpartition(".")[0] for name in names} - {""}
            raise TuilabError(
                f"{key}: {pattern!r} fits none of the {kind}. {_near(pattern, {*names, *parents})}"
            )
        found |= fitting
    return [name for name in names if name in found]


def _near(pattern: str, names: set[str]) -> str:
    plain = pattern.replace("*", "").strip(".")
    if len(names) <= 12 or "Did you mean" in nearest(plain, names):
        return nearest(plain, names)
    shown = ", ".join(sorted(names, key=lambda name: (name.count("."), name))[:12])
    return f"There are {shown}, and more below them."


def _add_lora(model: nn.Module, options: LoraOptions) -> None:
    """Freeze everything but what is named, and give linear layers their additions."""
    names = _names(model)
    beside = set(matching(names, options.beside, "model.lora: beside", "weights"))
    for name in names:
        model.get_parameter(name).requires_grad_(name in beside)
    # What is trained in full needs no addition; and torch's own attention reads its output
    # layer's weight without calling it, so that nothing can hang on it.
    linear = [
        name
        for name, module in model.named_modules()
        if isinstance(module, nn.Linear)
        and not isinstance(module, NonDynamicallyQuantizableLinear)
        and f"{name}.weight" not in beside
    ]
    if not linear:
        raise TuilabError("model.lora: this model has no linear layer for LoRA to add to; leave it off.")
    exact = {name for name, module in model.named_modules() if name and isinstance(module, nn.RNNBase)}
    others = [name for name in options.target if name in exact]
    targets = others or matching(linear, options.target, "model.lora: target", "linear layers")
    lora.add(model, targets, rank=options.rank, alpha=options.alpha, dropout=options.dropout)


def _names(model: nn.Module) -> list[str]:
    return [name for name, _ in model.named_parameters()]


def _settle_norms(model: nn.Module) -> None:
    """Keep every batch norm that is frozen in the mode in which it only uses its statistics."""
    for module in model.modules():
        if isinstance(module, _BatchNorm):
            own = list(module.parameters())
            if own and not any(parameter.requires_grad for parameter in own):
                module.eval()
                # Whoever sets the whole model's mode passes by here and changes nothing.
                module.train = lambda mode=True, module=module: module  # type: ignore[method-assign,misc]
