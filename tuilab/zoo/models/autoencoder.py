"""An hourglass: what comes in must pass through a narrow place and be restored behind it."""

import math
from collections.abc import Sequence
from typing import Annotated, Literal

import torch
from torch import Tensor, nn

from tuilab.errors import TuilabError
from tuilab.knobs import Knob
from tuilab.zoo.models.activations import Activation, activation_layer
from tuilab.zoo.models.inputs import need_images, need_numbers
from tuilab.zoo.registries import models
from tuilab.zoo.shapes import Float
from tuilab.zoo.tasks.autoencoder import Autoencoder
from tuilab.zoo.tasks.task import Task


@models.register("autoencoder", source="https://doi.org/10.1126/science.1127647", tasks=[Autoencoder.name])
class AutoencoderNet(nn.Module):
    """An encoder down to a few numbers and a decoder that restores the input from them.

    Hinton and Salakhutdinov 2006. The code is linear: without hidden layers the
    whole finds what principal components find. Noise makes it a denoiser
    (Vincent et al. 2008): it is held against the input before the noise.
    """

    def __init__(
        self,
        task: Task,
        *,
        kind: Annotated[
            Literal["dense", "conv"], Knob("dense: any shape, by `width`; conv: images, by `channels`")
        ] = "dense",
        code: Annotated[int, Knob("numbers that an input is squeezed into", 1, 65_536)] = 16,
        width: Annotated[
            Sequence[int],
            Knob("units in each dense layer of the encoder; the decoder mirrors them", 1, 65_536),
        ] = (128,),
        channels: Annotated[
            Sequence[int], Knob("feature maps of each convolution; each halves the image", 1, 1024)
        ] = (16, 32),
        activation: Activation = "relu",
        noise: Annotated[float, Knob("spread of noise on the inputs while training", 0, 100)] = 0.0,
    ) -> None:
        super().__init__()
        need_numbers("autoencoder", task, Autoencoder.name)
        self.noise = noise
        self.shape = task.input_shape
        parts = (
            _dense(self.shape, code, list(width), activation)
            if kind == "dense"
            else _convolutional(task, code, list(channels), activation)
        )
        self.encoder, self.decoder = parts

    def encode(self, x: Float[Tensor, "batch *input"]) -> Float[Tensor, "batch code"]:
        """Return what each input is squeezed into."""
        code: Tensor = self.encoder(x)
        return code

    def forward(self, x: Float[Tensor, "batch *input"]) -> Float[Tensor, "batch *input"]:
        """Return each input restored from its code."""
        if self.training and self.noise:
            x = x + self.noise * torch.randn_like(x)
        restored: Tensor = self.decoder(self.encode(x))
        return restored.unflatten(1, self.shape) if restored.ndim == 2 else restored


def _dense(
    shape: tuple[int, ...], code: int, width: list[int], activation: str
) -> tuple[nn.Sequential, nn.Sequential]:
    sizes = [math.prod(shape), *width]
    encoder, decoder = nn.Sequential(nn.Flatten()), nn.Sequential()
    for inputs, units in zip(sizes, width, strict=False):
        encoder.extend([nn.Linear(inputs, units), activation_layer(activation)])
    encoder.append(nn.Linear(sizes[-1], code))
    inputs = code
    for units in reversed(width):
        decoder.extend([nn.Linear(inputs, units), activation_layer(activation)])
        inputs = units
    decoder.append(nn.Linear(inputs, sizes[0]))
    return encoder, decoder


def _convolutional(
    task: Task, code: int, channels: list[int], activation: str
) -> tuple[nn.Sequential, nn.Sequential]:
    """Return convolutions that halve, and their mirror that enlarges by repeating pixels.

    Raises:
        TuilabError: the inputs are no images, or too small for so many halvings.
    """
    depth, height, across = need_images("autoencoder with kind = conv", task, Autoencoder.name)
    most = (min(height, across) - 1).bit_length()
    if len(channels) > most:
        raise TuilabError(
            f"model.channels: {len(channels)} stages halve a {height}x{across} image more often than it "
            f"can be; give at most {most} numbers."
        )
    sizes = [(height, across)]
    encoder, decoder = nn.Sequential(), nn.Sequential()
    for inputs, maps in zip([depth, *channels], channels, strict=False):
        encoder.extend([nn.Conv2d(inputs, maps, 3, 2, padding=1), activation_layer(activation)])
        sizes.append(((sizes[-1][0] + 1) // 2, (sizes[-1][1] + 1) // 2))
    innermost = [depth, *channels][-1]
    units = innermost * sizes[-1][0] * sizes[-1][1]
    encoder.extend([nn.Flatten(), nn.Linear(units, code)])
    decoder.extend([nn.Linear(code, units), nn.Unflatten(1, (innermost, *sizes[-1]))])
    for inputs, maps, size in zip(channels[::-1], [depth, *channels][-2::-1], sizes[-2::-1], strict=True):
        decoder.extend(
            [activation_layer(activation), nn.Upsample(size), nn.Conv2d(inputs, maps, 3, padding=1)]
        )
    return encoder, decoder
