"""The layers that `sequential` is made of, by the names users type.

A layer is built from what comes in, a `Place`, and its knobs; these stand in
its signature just as a model's do. What comes out is seen by running it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Literal, get_args

from torch import Tensor, nn

from tuilab.errors import TuilabError
from tuilab.knobs import Knob
from tuilab.registry import Registry
from tuilab.zoo.models.activations import Activation, activation_layer
from tuilab.zoo.models.attention import Block
from tuilab.zoo.models.norms import image_norm, vector_norm
from tuilab.zoo.models.wrappers import Function, OverTime, States

layers: Registry[nn.Module] = Registry("layer")

_TORCH = "https://pytorch.org/docs/stable/nn.html"


@dataclass(frozen=True, slots=True)
class Place:
    """What comes into a layer, and what the task wants in the end."""

    shape: tuple[int, ...]
    """Of one sample."""
    outputs: int
    tokens: int
    """Size of the vocabulary where token numbers come in, else 0."""
    padding: int | None

    def need(self, axes: int, words: str) -> None:
        """Refuse another number of axes.

        Raises:
            TuilabError: says what the layer takes.
        """
        if len(self.shape) != axes:
            raise TuilabError(f"takes {words}")


Width = Annotated[int | Literal["outputs"], Knob("units; outputs: as many as the task wants", 1, 65_536)]
Memory = Annotated[int, Knob("units of memory, in each direction", 1, 16_384)]
Both = Annotated[bool, Knob("read from the end as well")]


@layers.register("linear", source=_TORCH)
def linear(place: Place, *, width: Width = "outputs") -> nn.Module:
    """A weighted sum for each unit, at each time of a sequence."""
    if len(place.shape) > 2:
        raise TuilabError('takes numbers in a row; put { layer = "flatten" } or { layer = "pool" } before it')
    return nn.Linear(place.shape[-1], place.outputs if width == "outputs" else width)


@layers.register("flatten", source=_TORCH)
def flatten(place: Place) -> nn.Module:
    """Everything in a row."""
    return nn.Flatten()


@layers.register("reshape", source=_TORCH)
def reshape(
    place: Place,
    *,
    shape: Annotated[list[int], Knob("the new shape of a sample", 1)] = [1],  # noqa: B006
) -> nn.Module:
    """The same numbers in another shape: a row as an image."""
    return nn.Sequential(nn.Flatten(), nn.Unflatten(1, tuple(shape)))


@layers.register("conv", source=_TORCH)
def conv(
    place: Place,
    *,
    channels: Annotated[int, Knob("feature maps", 1, 8192)] = 32,
    kernel: Annotated[int, Knob("pixels, or times, across the window", 1, 64)] = 3,
    stride: Annotated[int, Knob("how far the window moves", 1, 64)] = 1,
    padding: Annotated[int | Literal["auto"], Knob("zeros around; auto: half a window", 0, 64)] = "auto",
) -> nn.Module:
    """A window over an image, or over the times of a sequence."""
    around = kernel // 2 if padding == "auto" else padding
    if len(place.shape) == 2:
        return OverTime(nn.Conv1d(place.shape[1], channels, kernel, stride, around))
    place.need(3, "images (channels, height, width) or sequences (time, width)")
    return nn.Conv2d(place.shape[0], channels, kernel, stride, around)


@layers.register("max-pool", source=_TORCH)
def max_pool(place: Place, *, size: Annotated[int, Knob("pixels across", 1, 64)] = 2) -> nn.Module:
    """The largest of each square of pixels."""
    place.need(3, "images (channels, height, width)")
    return nn.MaxPool2d(size)


@layers.register("avg-pool", source=_TORCH)
def avg_pool(place: Place, *, size: Annotated[int, Knob("pixels across", 1, 64)] = 2) -> nn.Module:
    """The mean of each square of pixels."""
    place.need(3, "images (channels, height, width)")
    return nn.AvgPool2d(size)


@layers.register("upsample", source=_TORCH)
def upsample(
    place: Place, *, scale: Annotated[int, Knob("how often a pixel is repeated", 1, 64)] = 2
) -> nn.Module:
    """A larger image by repeating pixels."""
    place.need(3, "images (channels, height, width)")
    return nn.Upsample(scale_factor=scale)


@layers.register("pool", source=_TORCH)
def pool(
    place: Place, *, how: Annotated[Literal["mean", "max", "last"], Knob("last: of a sequence only")] = "mean"
) -> nn.Module:
    """One vector for a whole image or sequence."""
    if len(place.shape) == 2:
        reads: dict[str, Callable[[Tensor], Tensor]] = {
            "mean": lambda x: x.mean(dim=1),
            "max": lambda x: x.amax(dim=1),
            "last": lambda x: x[:, -1],
        }
        return Function(reads[how])
    place.need(3, "images (channels, height, width) or sequences (time, width)")
    if how == "last":
        raise TuilabError('has no last of an image; give how = "mean" or "max"')
    return Function(lambda x: x.mean(dim=(2, 3)) if how == "mean" else x.amax(dim=(2, 3)))


@layers.register("batch-norm", source="https://arxiv.org/abs/1502.03167")
def batch_norm(place: Place) -> nn.Module:
    """Each feature at one scale over the batch."""
    if len(place.shape) == 2:
        return OverTime(nn.BatchNorm1d(place.shape[1]))
    made = vector_norm if len(place.shape) == 1 else image_norm
    return made("batch", place.shape[0]) or nn.Identity()


@layers.register("layer-norm", source="https://arxiv.org/abs/1607.06450")
def layer_norm(place: Place) -> nn.Module:
    """Each sample, or each time of it, at one scale over its features."""
    if len(place.shape) == 3:
        return image_norm("layer", place.shape[0]) or nn.Identity()
    return nn.LayerNorm(place.shape[-1])


@layers.register("dropout", source="https://jmlr.org/papers/v15/srivastava14a.html")
def dropout(place: Place, *, share: Annotated[float, Knob("share switched off", 0, 0.95)] = 0.5) -> nn.Module:
    """Some units switched off in each training step."""
    return nn.Dropout(share)


@layers.register("embedding", source=_TORCH)
def embedding(
    place: Place, *, width: Annotated[int, Knob("size of each vector", 1, 16_384)] = 64
) -> nn.Module:
    """A vector for each token; the first layer where tokens come in."""
    return nn.Embedding(place.tokens, width, padding_idx=place.padding)


def _recurrent(kind: Callable[..., nn.RNNBase], place: Place, width: int, bidirectional: bool) -> nn.Module:
    place.need(2, "sequences (time, width)")
    return States(kind(place.shape[1], width, batch_first=True, bidirectional=bidirectional))


@layers.register("rnn", source=_TORCH)
def rnn(place: Place, *, width: Memory = 64, bidirectional: Both = False) -> nn.Module:
    """The states of a plain recurrent network."""
    return _recurrent(nn.RNN, place, width, bidirectional)


@layers.register("lstm", source=_TORCH)
def lstm(place: Place, *, width: Memory = 64, bidirectional: Both = False) -> nn.Module:
    """The states of an LSTM."""
    return _recurrent(nn.LSTM, place, width, bidirectional)


@layers.register("gru", source=_TORCH)
def gru(place: Place, *, width: Memory = 64, bidirectional: Both = False) -> nn.Module:
    """The states of a GRU."""
    return _recurrent(nn.GRU, place, width, bidirectional)


@layers.register("transformer", source="https://arxiv.org/abs/1706.03762")
def transformer(
    place: Place,
    *,
    heads: Annotated[int, Knob("attention heads; must divide the width", 1, 128)] = 4,
    causal: Annotated[bool, Knob("see only what came before: for language models")] = False,
    dropout: Annotated[float, Knob("share switched off", 0, 0.95)] = 0.0,
) -> nn.Module:
    """A transformer block; it knows no order but what the layers before it put in."""
    place.need(2, "sequences (time, width)")
    if place.shape[1] % heads:
        raise TuilabError(f"has {heads} heads, which cannot share a width of {place.shape[1]} evenly")
    return Block(place.shape[1], heads, dropout, causal=causal)


def _activation(name: str) -> None:
    """Enter an activation under its own name."""

    def bend(place: Place) -> nn.Module:
        return activation_layer(name)

    bend.__doc__ = f"The bend called {name}, between two other layers."
    layers.register(name, source=_TORCH)(bend)


for _name in get_args(get_args(Activation)[0]):
    _activation(_name)
