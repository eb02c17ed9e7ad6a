"""The knobs that every experiment has, whatever its components.

They are read off these signatures just like a component's own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from tuilab.knobs import Knob

Interval = int | Literal["auto", "off"]
Every = int | Literal["off"]

AUGMENTATIONS = ("flip", "shift", "cutout", "mixup")
"""How training images are varied."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DataOptions:
    """Stand in [data] beside the data set's own knobs."""

    batch_size: Annotated[
        int | Literal["full"], Knob("samples in a step; full: the whole set", 1, 1 << 20)
    ] = 64
    normalize: Annotated[
        Literal["none", "standard", "minmax"], Knob("how features are scaled, fitted on train")
    ] = "none"
    split: Annotated[
        Sequence[float], Knob("shares of train, eval and test; an official test set stays as it is", 0, 1)
    ] = (0.72, 0.08, 0.2)
    augment: Annotated[
        Sequence[str], Knob("vary training images anew at every look: flip, shift, cutout, mixup")
    ] = ()
    limit: Annotated[int | Literal["off"], Knob("train on the first so many samples only", 1)] = "off"
    path: Annotated[str, Knob("a file or folder of your own in place of the source")] = ""
    task: Annotated[
        Literal["auto", "autoencoder", "masked-model"],
        Knob("what is learned from the data; auto: what they were made for"),
    ] = "auto"


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelOptions:
    """Stand in [model] beside the model's own knobs."""

    init: Annotated[
        Literal["default", "normal", "uniform", "xavier", "he", "orthogonal", "zeros"] | dict[str, Any],
        Knob('how weights start; default: as the model says; { from = "RUN" }: as a run left them'),
    ] = "default"
    init_std: Annotated[float, Knob("standard deviation of init = normal and uniform", 0, 100)] = 0.02
    freeze: Annotated[
        Sequence[str], Knob('weights that stay as they are, by name: ["tokens*", "blocks.0.*"]')
    ] = ()
    lora: Annotated[
        Literal["off"] | dict[str, Any],
        Knob("{ rank = 8 }: train an addition of that rank to linear layers, and nothing else"),
    ] = "off"


@dataclass(frozen=True, kw_only=True, slots=True)
class LoraOptions:
    """What stands in [model] lora = { ... }."""

    rank: Annotated[int, Knob("of the addition; 8 is usual", 1, 4096)] = 8
    alpha: Annotated[float, Knob("the addition is scaled by alpha / rank", 0, 1e4)] = 16.0
    target: Annotated[Sequence[str], Knob('linear layers by name: ["*.attention.*"]')] = ("*",)
    dropout: Annotated[float, Knob("share of the addition's inputs switched off", 0, 0.95)] = 0.0
    beside: Annotated[Sequence[str], Knob('weights trained in full all the same: ["head*"]')] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainOptions:
    """The table [train]."""

    epochs: Annotated[float, Knob("passes over the training data; 0: steps decide", 0, 1e6)] = 10.0
    steps: Annotated[int, Knob("optimizer steps; 0: epochs decide", 0, 10**12)] = 0
    seed: Annotated[int, Knob("the same seed gives the same run", 0, 2**31)] = 0
    clip_norm: Annotated[float | Literal["off"], Knob("scale gradients down to this norm", 1e-6)] = "off"
    clip_value: Annotated[float | Literal["off"], Knob("cut each gradient off at this value", 1e-9)] = "off"
    accumulate: Annotated[int, Knob("batches whose gradients make one step", 1, 65536)] = 1
    ema: Annotated[
        float | Literal["off"], Knob("decay of an average of the weights, used to evaluate", 0, 1)
    ] = "off"
    precision: Annotated[
        Literal["float32", "tf32", "bf16"],
        Knob("numbers of the forward pass; tf32: products rounded to 10 bits, on NVIDIA GPUs"),
    ] = "float32"
    fast: Annotated[
        Literal["auto", "off"],
        Knob("auto: try at the start what makes steps faster here; off: PyTorch's plain way"),
    ] = "auto"
    graph: Annotated[
        Literal["auto", "on", "off"],
        Knob("record a step as a CUDA graph and replay it; auto: where that is sound"),
    ] = "auto"
    compile: Annotated[
        bool, Knob("torch.compile the model: minutes at the start, for faster steps on a GPU")
    ] = False
    device: Annotated[str, Knob("auto, cpu, cuda, cuda:1, mps")] = "auto"
    workers: Annotated[
        int, Knob("processes that read data too large for memory ahead; 0: a thread does", 0, 64)
    ] = 0
    threads: Annotated[int, Knob("CPU threads; 0: PyTorch's own choice", 0, 1024)] = 0
    eval_every: Annotated[Interval, Knob("steps between evaluations; auto: fifty a run", 1)] = "auto"
    checkpoint_every: Annotated[Interval, Knob("steps between checkpoints; auto: ten a run", 1)] = "auto"
    sample_every: Annotated[Interval, Knob("steps between samples; auto: ten a run", 1)] = "auto"
    early_stop: Annotated[
        int | Literal["off"], Knob("evaluations without a better eval loss before stopping", 1)
    ] = "off"
    int8: Annotated[bool, Knob("test once more at the end, with weights rounded to int8")] = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ProbeOptions:
    """The table [probes]: what else is measured, each at its price."""

    layers: Annotated[Every, Knob("gradient norm of each layer, every so many steps", 1)] = 10
    updates: Annotated[Every, Knob("weight norm and update:weight ratio of each layer", 1)] = "off"
    activations: Annotated[Every, Knob("mean, spread, dead and saturated share of activations", 1)] = "off"
    histograms: Annotated[Every, Knob("spread of weights and gradients, layer by layer", 1)] = "off"
    noise_scale: Annotated[Every, Knob("gradient noise scale: how large a batch pays", 1)] = "off"
    sharpness: Annotated[Every, Knob("largest curvature, against what the rate can bear", 1)] = "off"
