"""The normalisations between layers, by the names users type."""

from typing import Annotated, Literal

from torch import Tensor, nn

from tuilab.knobs import Knob

Norm = Annotated[
    Literal["none", "batch", "layer"],
    Knob("what keeps the scale of each layer's output steady"),
]


class _BatchNorm1d(nn.BatchNorm1d):
    """Batch norm that survives an epoch's last batch when a single row is left for it.

    One row has no spread, so it is measured against the running statistics,
    as in evaluation, and leaves them as they are.
    """

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 (its name in torch)
        return _as_evaluated(self, input) if self.training and len(input) == 1 else super().forward(input)


class _BatchNorm2d(nn.BatchNorm2d):
    """The same for images of which a single pixel is left."""

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 (its name in torch)
        alone = self.training and input[:, 0].numel() == 1
        return _as_evaluated(self, input) if alone else super().forward(input)


def _as_evaluated(norm: nn.BatchNorm1d | nn.BatchNorm2d, x: Tensor) -> Tensor:
    return nn.functional.batch_norm(
        x, norm.running_mean, norm.running_var, norm.weight, norm.bias, eps=norm.eps
    )


def vector_norm(name: str, width: int) -> nn.Module | None:
    """Return the layer for (batch, width), or None for "none"."""
    return {"none": None, "batch": _BatchNorm1d(width), "layer": nn.LayerNorm(width)}[name]


def image_norm(name: str, channels: int) -> nn.Module | None:
    """Return the layer for (batch, channels, height, width), or None for "none".

    "layer" takes each image's mean over all channels and pixels, as Ba et al. 2016 do.
    """
    return {"none": None, "batch": _BatchNorm2d(channels), "layer": nn.GroupNorm(1, channels)}[name]
