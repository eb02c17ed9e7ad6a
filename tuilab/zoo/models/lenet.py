"""LeNet: convolutions that halve the image, then fully connected layers."""

from typing import Annotated

from torch import Tensor, nn

from tuilab.errors import TuilabError
from tuilab.knobs import Knob
from tuilab.zoo.models.activations import Activation, activation_layer
from tuilab.zoo.models.inputs import need_images
from tuilab.zoo.models.norms import Norm, image_norm
from tuilab.zoo.registries import models
from tuilab.zoo.shapes import Float
from tuilab.zoo.tasks.task import Task

_KERNEL = 5
"""As in LeNet-5; padded here, so that 8x8 images fit as well as 32x32."""


@models.register("lenet", source="https://doi.org/10.1109/5.726791", tasks=["classification", "regression"])
class LeNet(nn.Module):
    """Convolutions of 5x5 with pooling between them, then fully connected layers.

    LeCun et al. 1998 with today's parts: max pooling, relu, and padding. Each
    stage halves height and width, so an 8x8 image takes at most three stages
    and a 28x28 image four. `channels = [32, 64]` is worth its time on clothes.
    """

    def __init__(
        self,
        task: Task,
        *,
        channels: Annotated[list[int], Knob("feature maps of each convolution", 1, 1024)] = [6, 16],  # noqa: B006
        width: Annotated[list[int], Knob("units in each fully connected layer", 1, 8192)] = [120, 84],  # noqa: B006
        activation: Activation = "relu",
        norm: Norm = "none",
        dropout: Annotated[
            float, Knob("share of units switched off before each fully connected layer", 0, 0.95)
        ] = 0.0,
    ) -> None:
        super().__init__()
        depth, rows, columns = _image_shape(task, stages=len(channels))
        layers: list[nn.Module] = []
        for maps in channels:
            layers.append(nn.Conv2d(depth, maps, _KERNEL, padding=_KERNEL // 2))
            if (normalised := image_norm(norm, maps)) is not None:
                layers.append(normalised)
            layers += [activation_layer(activation), nn.MaxPool2d(2)]
            depth, rows, columns = maps, rows // 2, columns // 2
        layers.append(nn.Flatten())
        inputs = depth * rows * columns
        for units in [*width, task.outputs]:
            if dropout > 0:
                layers.append(nn.Dropout(dropout))
            layers += [nn.Linear(inputs, units), activation_layer(activation)]
            inputs = units
        self.layers = nn.Sequential(*layers[:-1])  # the scores stay raw

    def forward(self, x: Float[Tensor, "batch channels height width"]) -> Float[Tensor, "batch out"]:
        """Return raw scores, one row an image."""
        scores: Tensor = self.layers(x)
        return scores


def _image_shape(task: Task, stages: int) -> tuple[int, int, int]:
    """Return channels, height and width of an image that survives all stages.

    Raises:
        TuilabError: the inputs are no images, or too small for so many stages.
    """
    depth, rows, columns = need_images("lenet", task, "classification", "regression")
    most = min(rows, columns).bit_length() - 1
    if stages > most:
        raise TuilabError(
            f"model.channels: {stages} stages halve a {rows}x{columns} image below one pixel; "
            f"give at most {most} numbers."
        )
    return depth, rows, columns
