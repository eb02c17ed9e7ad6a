"""Starting weights by name: what a model is given in place of its own."""

import math
from typing import Literal, get_args

import torch
from torch import nn

from tuilab.errors import TuilabError, nearest

Init = Literal["default", "normal", "uniform", "xavier", "he", "orthogonal", "zeros"]


@torch.no_grad()
def initialise(model: nn.Module, kind: str, std: float = 0.02) -> None:
    """Draw every matrix anew and set every bias to zero, from torch's global random state.

    Norm scales and whatever else has fewer than two axes stay as they are, and
    the vectors of padding stay zero.

    Args:
        model: changed in place.
        kind: "default" leaves the model as it was built. "normal" and "uniform" have
            the spread `std`. "xavier" (Glorot and Bengio 2010, eq. 16) suits tanh and
            sigmoid, "he" (He et al. 2015, eq. 10) suits relu, "orthogonal" (Saxe et
            al. 2014) keeps lengths, "zeros" shows why weights must differ.
        std: standard deviation of "normal" and "uniform".

    Raises:
        TuilabError: there is no such kind.
    """
    if kind not in get_args(Init):
        raise TuilabError(f"model.init: there is no {kind!r} here. {nearest(kind, get_args(Init))}")
    if kind == "default":
        return
    for name, parameter in model.named_parameters():
        if parameter.ndim >= 2:
            _draw(parameter, kind, std)
        elif name.rpartition(".")[2].startswith("bias"):
            parameter.zero_()
    for module in model.modules():
        if isinstance(module, nn.Embedding) and module.padding_idx is not None:
            module.weight[module.padding_idx].zero_()  # padding says nothing


def _draw(matrix: torch.Tensor, kind: str, std: float) -> None:
    match kind:
        case "normal":
            nn.init.normal_(matrix, std=std)
        case "uniform":
            # A uniform draw from -a to a has the standard deviation a / sqrt(3).
            nn.init.uniform_(matrix, -std * math.sqrt(3), std * math.sqrt(3))
        case "xavier":
            nn.init.xavier_uniform_(matrix)
        case "he":
            nn.init.kaiming_normal_(matrix, nonlinearity="relu")
        case "orthogonal":
            nn.init.orthogonal_(matrix)
        case "zeros":
            matrix.zero_()
