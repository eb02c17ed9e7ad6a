"""What all optimizers share: parameter groups, the fastest kernel, and changing a setting in mid-run."""

from typing import Annotated, Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from tuilab.knobs import Knob

Groups = list[dict[str, Any]]
"""What torch calls param_groups: tables with "params" and settings of their own."""

LearningRate = Annotated[float, Knob("base learning rate, before the schedule", 0, 1e3)]
WeightDecay = Annotated[
    float, Knob("pull of the weights towards zero; biases and norms are left alone", 0, 1e3)
]
Momentum = Annotated[float, Knob("share of the last step that is kept in the next", 0, 1)]
Beta1 = Annotated[float, Knob("memory of the mean gradient; 0.9 looks back about 10 steps", 0, 0.99999)]
Beta2 = Annotated[
    float, Knob("memory of the squared gradient; 0.999 looks back about 1,000 steps", 0, 0.999999)
]
Epsilon = Annotated[float, Knob("added to the divisor, so that it never is zero", 1e-16, 1)]
AmsGrad = Annotated[
    bool, Knob("divide by the largest squared gradient so far, not the newest (Reddi et al. 2018)")
]

_FUSED_ON = {
    torch.optim.SGD: ("cpu", "cuda"),
    torch.optim.Adam: ("cpu", "cuda"),
    torch.optim.AdamW: ("cpu", "cuda"),
    torch.optim.Adagrad: ("cpu",),
}
"""Where torch has had a fused kernel since 2.6; elsewhere the foreach form does."""


def groups(model: nn.Module, weight_decay: float) -> Groups:
    """Sort a model's trainable parameters into those that decay and those that do not.

    Biases, norm scales and positions (fewer than two axes) hold no pattern
    that decay could keep from overfitting; shrinking them only costs fit.
    "tables" numbers the parameters of a group that are looked up, not multiplied by.
    """
    trainable = [parameter for parameter in model.parameters() if parameter.requires_grad]
    matrices = [p for p in trainable if p.ndim >= 2]
    looked_up = {id(module.weight) for module in model.modules() if isinstance(module, nn.Embedding)}
    tables = [number for number, p in enumerate(matrices) if id(p) in looked_up]
    sorted_out: Groups = [
        {"params": matrices, "weight_decay": weight_decay, "decays": True, "tables": tables},
        {"params": [p for p in trainable if p.ndim < 2], "weight_decay": 0.0, "decays": False, "tables": []},
    ]
    return [group for group in sorted_out if group["params"]]


def with_gradients(group: dict[str, Any]) -> tuple[list[Tensor], list[Tensor]]:
    """Return a group's parameters that have a gradient, and their gradients."""
    parameters = [parameter for parameter in group["params"] if parameter.grad is not None]
    return parameters, [parameter.grad for parameter in parameters]


def memory(optimizer: Optimizer, parameters: list[Tensor], name: str) -> list[Tensor]:
    """Return what an optimizer remembers of each parameter under a name: zeros at first."""
    states = [optimizer.state[parameter] for parameter in parameters]
    for state, parameter in zip(states, parameters, strict=True):
        if name not in state:
            state[name] = torch.zeros_like(parameter, memory_format=torch.preserve_format)
    return [state[name] for state in states]


def count(optimizer: Optimizer, parameters: list[Tensor]) -> list[float]:
    """Count one more step of each parameter and return their numbers, from 1 on.

    Kept as tensors on the CPU, as PyTorch does, so that reading them waits for no device.
    """
    steps = [optimizer.state[parameter].setdefault("step", torch.zeros(())) for parameter in parameters]
    torch._foreach_add_(steps, 1)
    return [step.item() for step in steps]


def fastest(kind: type[Optimizer], parameters: Groups) -> dict[str, bool]:
    """Return the argument that picks one kernel for a whole step: fused, else foreach."""
    tensors = [tensor for group in parameters for tensor in group["params"]]
    devices = _FUSED_ON.get(kind, ())
    fits = all(tensor.device.type in devices and tensor.is_floating_point() for tensor in tensors)
    return {"fused": True} if fits else {"foreach": True}


def changeable(optimizer: Optimizer, knob: str) -> bool:
    """Whether an optimizer looks a knob up at every step, so that `change` can set it."""
    group = optimizer.param_groups[0]
    return ("betas" if knob in ("beta1", "beta2") else knob) in group


def change(optimizer: Optimizer, knob: str, value: float) -> None:
    """Set one of the optimizer's knobs from the next step on.

    Weight decay reaches only the groups that decay, and beta1 and beta2 find
    their place in torch's pair. A schedule's owner scales `lr` itself.

    Raises:
        KeyError: the optimizer has no such setting; a programmer's error.
    """
    if knob == "momentum" and isinstance(optimizer, torch.optim.RMSprop):
        # It makes room for momentum with a weight's first step only, and fails later without it.
        for state in optimizer.state.values():
            state.setdefault("momentum_buffer", torch.zeros_like(state["square_avg"]))
    if knob == "amsgrad" and value and isinstance(optimizer, torch.optim.Adam | torch.optim.AdamW):
        # Nor does Adam for the largest mean square, which is the newest at first.
        for state in optimizer.state.values():
            state.setdefault("max_exp_avg_sq", state["exp_avg_sq"].clone())
    for group in optimizer.param_groups:
        if knob == "weight_decay" and not group.get("decays", True):
            continue
        if knob in ("beta1", "beta2"):
            first, second = group["betas"]
            group["betas"] = (value, second) if knob == "beta1" else (first, value)
        elif knob in group:
            group[knob] = value
        else:
            raise KeyError(knob)
