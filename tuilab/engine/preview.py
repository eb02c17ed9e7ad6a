"""A look into a data set: shapes, classes, and a few samples as plain values."""

from typing import Any

import torch
from torch import Tensor

from tuilab.words import cells_of
from tuilab.zoo.augment import Augmentation
from tuilab.zoo.data import Data
from tuilab.zoo.sources.texts import TextClassification
from tuilab.zoo.tasks.autoencoder import Autoencoder
from tuilab.zoo.tasks.classification import Classification
from tuilab.zoo.tasks.language_model import LanguageModel
from tuilab.zoo.tasks.masked_model import MaskedModel
from tuilab.zoo.tasks.seq2seq import Seq2Seq
from tuilab.zoo.tasks.surface import Surface

_IMAGES = 12
_TABLE_ROWS = 12
_TABLE_COLUMNS = 12
_CHARACTERS = 600
_PAIRS = 16
_POINTS = 400
_GRID = (40, 24)
"""Columns and rows at which a surface is looked at."""


def preview_of(data: Data, augmentation: Augmentation | None = None) -> dict[str, Any]:
    """Return shape, splits and samples; `kind` says what the samples are.

    Images are shown as they are varied in training, where they are.

    images: pixels 0..1 and label; table: columns and rows; points: x, y, class;
    text: a passage; surface: a grid of heights.
    """
    task = data.task
    kind, samples = _samples(data, augmentation)
    classes = list(task.classes) if isinstance(task, Classification) else []
    rows = {name: data.split(name).rows for name in ("train", "eval", "test")}
    shape = list(task.input_shape)
    common = {"task": task.name, "rows": rows, "shape": shape, "classes": classes, "notes": dict(data.notes)}
    return {**common, "kind": kind, "samples": samples}


def _samples(data: Data, augmentation: Augmentation | None) -> tuple[str, Any]:
    task = data.task
    if isinstance(task, Surface):
        return "surface", {"heights": task.heights(*_GRID).tolist(), **task.landmarks}
    if isinstance(task, LanguageModel | MaskedModel):
        rows = max(1, _CHARACTERS // task.input_shape[0])
        x, _ = data.train.take(data.train.order(None)[:rows])
        tokens = x.flatten().tolist()
        # Where the texts of the tokens are not at hand their numbers say at least that there are some.
        return "text", (task.decode(tokens) or " ".join(map(str, tokens)))[:_CHARACTERS]
    x, y = data.train.take(data.train.order(torch.Generator().manual_seed(0))[:_POINTS])
    if isinstance(task, Seq2Seq):
        return "text", _pairs(x[:_PAIRS].tolist(), y[:_PAIRS].tolist(), task)
    if isinstance(task, TextClassification):
        return "text", _labelled(x[:_PAIRS].tolist(), y[:_PAIRS], task)
    if len(task.input_shape) == 3:
        shown = x[:_IMAGES], y[:_IMAGES]
        if augmentation is not None:
            shown = augmentation.apply(shown, augmentation.draw(len(shown[0]), 0))
        return "images", _images(*shown, task)
    if isinstance(task, Classification) and task.input_shape == (2,):
        return "points", [[*map(float, point), int(label)] for point, label in zip(x, y, strict=True)]
    return "table", _table(x[:_TABLE_ROWS], y[:_TABLE_ROWS], task)


def _images(x: Tensor, y: Tensor, task: Any) -> list[dict[str, Any]]:
    grey = x.mean(dim=1)  # (images, height, width)
    labels = [_label(value, task) for value in y]
    rounded = (grey * 255).round() / 255
    return [{"pixels": image.tolist(), "label": label} for image, label in zip(rounded, labels, strict=True)]


def _pairs(sources: list[list[int]], targets: list[list[int]], task: Seq2Seq) -> str:
    """Return a line for each pair."""
    pairs = zip(sources, targets, strict=True)
    return "\n".join(f"{task.source_text(source)} -> {task.target_text(target)}" for source, target in pairs)


def _labelled(texts: list[list[int]], labels: Tensor, task: TextClassification) -> str:
    """Return a line for each text, behind its class."""
    widest = max(map(cells_of, task.classes))
    names = [_label(label, task) for label in labels]
    return "\n".join(
        f"{name}{' ' * (widest - cells_of(name))}  {task.decode(text)}"
        for name, text in zip(names, texts, strict=True)
    )


def _table(x: Tensor, y: Tensor, task: Any) -> dict[str, Any]:
    flat = x.flatten(1)[:, :_TABLE_COLUMNS]
    names = list(task.features[:_TABLE_COLUMNS]) or [f"x{number}" for number in range(flat.shape[1])]
    rows: list[list[Any]] = [[round(float(value), 4) for value in row] for row in flat]
    if not isinstance(task, Autoencoder):  # which guesses nothing that is not in the row itself
        names.append(getattr(task, "target", "class"))
        rows = [[*row, _label(label, task)] for row, label in zip(rows, y, strict=True)]
    return {"columns": names, "rows": rows}


def _label(value: Tensor, task: Any) -> str:
    if isinstance(task, Classification):
        # A blend of classes is called by the one that it mostly is.
        return task.classes[int(value.argmax() if value.ndim else value)]
    if isinstance(task, Autoencoder):
        return ""
    number = value.flatten()[0] * getattr(task, "target_scale", 1.0) + getattr(task, "target_mean", 0.0)
    return f"{float(number):.4g}"
