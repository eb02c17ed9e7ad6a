"""The user's own architecture, and what it says when a layer does not fit."""

from typing import Any

import pytest
import torch

from tuilab.errors import TuilabError
from tuilab.zoo.models.layers import layers
from tuilab.zoo.registries import models
from tuilab.zoo.tasks.autoencoder import Autoencoder
from tuilab.zoo.tasks.classification import Classification
from tuilab.zoo.tasks.language_model import LanguageModel
from tuilab.zoo.tasks.task import Task

CLASSES = ("a", "b", "c")
IMAGES = Classification(input_shape=(1, 8, 8), outputs=3, classes=CLASSES)
TEXTS = Classification(input_shape=(9,), outputs=3, tokens=11, classes=CLASSES)
LETTERS = LanguageModel(input_shape=(9,), outputs=11, tokens=11, vocabulary=tuple("abcdefghijk"))
COPIES = Autoencoder(input_shape=(1, 8, 8), outputs=64)


def _layers(*tables: str | dict[str, Any]) -> list[dict[str, Any]]:
    return [{"layer": table} if isinstance(table, str) else table for table in tables]


CONV = {"layer": "conv", "channels": 4}


@pytest.mark.parametrize(
    ("task", "tables"),
    [
        (IMAGES, _layers(CONV, "batch-norm", "relu", "max-pool", "flatten", "dropout", "linear")),
        (IMAGES, _layers(CONV, {"layer": "residual", "layers": _layers("relu", CONV)}, "pool", "linear")),
        (TEXTS, _layers("embedding", "lstm", {"layer": "pool", "how": "last"}, "linear")),
        (TEXTS, _layers("embedding", "transformer", CONV, "batch-norm", "layer-norm", "pool", "linear")),
        (LETTERS, _layers("embedding", {"layer": "gru", "width": 5}, "tanh", "linear")),
        (
            LETTERS,
            _layers(
                "embedding",
                {"layer": "transformer", "causal": True},
                {**CONV, "kernel": 1},
                "layer-norm",
                "linear",
            ),
        ),
        (
            COPIES,
            _layers({"layer": "conv", "stride": 2}, "relu", "upsample", {"layer": "conv", "channels": 1}),
        ),
        (
            COPIES,
            _layers(
                "flatten", {"layer": "linear", "width": 4}, "linear", {"layer": "reshape", "shape": [1, 8, 8]}
            ),
        ),
    ],
    ids=lambda value: value.name if isinstance(value, Task) else "",
)
def test_layers_follow_each_other_without_sizes(task: Task, tables: list[dict[str, Any]]) -> None:
    torch.manual_seed(0)
    model = models["sequential"].build(task, layers=tables)
    x = torch.randint(11, (4, 9)) if task.tokens else torch.randn(4, *task.input_shape)
    model(x).square().sum().backward()
    silent = [name for name, p in model.named_parameters() if p.grad is None]
    assert silent == []
    assert model.training


@pytest.mark.parametrize(
    ("task", "tables", "message"),
    [
        (IMAGES, _layers("linear"), r"layer 1 \(linear\) takes numbers in a row; .*flatten.* \[1, 8, 8\]"),
        (IMAGES, _layers("flatten", CONV), r"layer 2 \(conv\) takes images .* sequences .* given \[64\]"),
        (IMAGES, _layers("flaten"), r"layer 1 \(flaten\): there is no such layer\. Did you mean 'flatten'"),
        (
            IMAGES,
            _layers({"layer": "conv", "chanels": 4}),
            r"layer 1 \(conv\) has no key 'chanels'\. Did you mean 'channels'",
        ),
        (IMAGES, _layers({"layer": "conv", "channels": 0}), r"layer 1 \(conv\), channels: 0 is out of range"),
        (IMAGES, [{"width": 3}], r"layer 1 has no name"),
        (IMAGES, _layers("flatten", "relu"), r"the last layer gives \[64\], and the task wants \[3\]"),
        (COPIES, _layers("flatten", "linear"), r'.* End with \{ layer = "reshape", shape = \[1, 8, 8\] \}'),
        (IMAGES, [], r"the last layer gives \[1, 8, 8\]"),
        (IMAGES, _layers(*["max-pool"] * 4), r"layer 4 \(max-pool\) does not fit \[1, 1, 1\]"),
        (TEXTS, _layers("flatten", "linear"), r"layer 1 \(flatten\) is given token numbers; .*embedding"),
        (TEXTS, _layers("embedding", "embedding"), r"layer 2 \(embedding\) takes token numbers"),
        (IMAGES, _layers("flatten", "lstm"), r"layer 2 \(lstm\) takes sequences"),
        (
            IMAGES,
            _layers({"layer": "residual", "layers": _layers("flatten")}),
            r"layer 1 \(residual\) cannot add \[64\] to the \[1, 8, 8\]",
        ),
        (
            IMAGES,
            _layers("relu", {"layer": "residual", "layers": _layers("relu", "conf")}),
            r"layer 2\.2 \(conf\)",
        ),
        (IMAGES, _layers({"layer": "pool", "how": "last"}), r"layer 1 \(pool\) has no last of an image"),
        (
            TEXTS,
            _layers({"layer": "embedding", "width": 6}, "transformer"),
            r"layer 2 \(transformer\) has 4 heads",
        ),
    ],
)
def test_the_layer_that_does_not_fit_is_named(task: Task, tables: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(TuilabError, match=r"^model\.layers: " + message):
        models["sequential"].build(task, layers=tables)


def test_the_help_names_every_layer() -> None:
    doc = models["sequential"].card.doc
    for entry in layers:
        bends = entry.card.about.startswith("The bend called")
        assert bends or entry.name in doc, entry.name


@pytest.mark.parametrize(
    ("number", "tables"),
    [
        (2, _layers("embedding", "transformer", "linear")),
        (3, _layers("embedding", "tanh", {"layer": "lstm", "bidirectional": True}, "linear")),
        (3, _layers("embedding", "gru", CONV, "linear")),
        (2, _layers("embedding", {"layer": "residual", "layers": _layers("transformer")}, "linear")),
        (
            4,
            _layers(
                "embedding",
                "flatten",
                {"layer": "linear", "width": 99},
                {"layer": "reshape", "shape": [9, 11]},
            ),
        ),
    ],
)
def test_a_language_model_that_sees_the_next_token_is_refused(
    number: int, tables: list[dict[str, Any]]
) -> None:
    name = tables[number - 1]["layer"]
    with pytest.raises(
        TuilabError, match=rf"^model\.layers: layer {number} \({name}\) shows .* causal = true"
    ):
        models["sequential"].build(LETTERS, layers=tables)
