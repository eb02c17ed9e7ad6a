"""The user's own architecture: a list of layers, without a line of code.

Each layer is built for what the one before it gives, which is found out by
running a sample of zeros through it. So sizes that follow need not be given,
and what does not fit is known by its number.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any

import torch
from torch import Tensor, nn

from tuilab.errors import TuilabError, nearest
from tuilab.knobs import Knob, Value
from tuilab.registry import Card
from tuilab.zoo.models.inputs import fitting
from tuilab.zoo.models.layers import Place, layers
from tuilab.zoo.models.wrappers import Added
from tuilab.zoo.registries import models
from tuilab.zoo.shapes import Float
from tuilab.zoo.tasks.autoencoder import Autoencoder
from tuilab.zoo.tasks.masked_model import MaskedModel
from tuilab.zoo.tasks.task import Task

_TASKS = ["classification", "regression", "language-model", MaskedModel.name, Autoencoder.name]
_RESIDUAL = "residual"


@models.register(
    "sequential", source="https://pytorch.org/docs/stable/generated/torch.nn.Sequential.html", tasks=_TASKS
)
class OwnLayers(nn.Module):
    """Layers of your own, one after the other, written as a list of tables.

    `layers = [{ layer = "conv", channels = 16 }, { layer = "relu" }, { layer =
    "flatten" }, { layer = "linear" }]`. A linear layer without a width gives what the
    data set wants. There are linear, flatten, reshape, conv, max-pool, avg-pool,
    upsample, pool, batch-norm, layer-norm, dropout, embedding, rnn, lstm, gru,
    transformer and every activation; { layer = "residual", layers = [...] } adds what
    its layers give to what went into them. Tokens begin with an embedding.
    """

    def __init__(
        self,
        task: Task,
        *,
        layers: Annotated[
            Sequence[dict[str, Any]], Knob("the layers in their order, each with its name and knobs")
        ] = (
            {"layer": "flatten"},
            {"layer": "linear", "width": 64},
            {"layer": "relu"},
            {"layer": "linear"},
        ),
    ) -> None:
        super().__init__()
        if task.name not in _TASKS:
            raise TuilabError(
                f"model.name: sequential is for {', '.join(_TASKS)}, and this data set poses a {task.name} "
                f"task. Choose {fitting(task)}."
            )
        place = Place(task.input_shape, task.outputs, task.tokens, task.padding)
        self.layers, place = _chain(layers, place, "")
        wanted = _wanted(task)
        if place.shape != wanted or not len(self.layers):
            last = '{ layer = "linear" }, whose width follows, or shape what comes before it'
            if len(self.layers) and math.prod(place.shape) == math.prod(wanted):
                last = f'{{ layer = "reshape", shape = {list(wanted)} }}'
            raise TuilabError(
                f"model.layers: the last layer gives {list(place.shape)}, and the task wants {list(wanted)}. "
                f"End with {last}."
            )
        if task.name == "language-model":
            _refuse_foresight(self.layers, layers, task.input_shape[0])

    def forward(self, x: Tensor) -> Float[Tensor, "batch *out"]:
        """Return what the last layer gives."""
        outputs: Tensor = self.layers(x)
        return outputs


def _wanted(task: Task) -> tuple[int, ...]:
    """Return the shape of what a model of this task gives for one sample."""
    if isinstance(task, Autoencoder):
        return task.input_shape
    each_position = task.name in ("language-model", MaskedModel.name)
    return (*task.input_shape, task.outputs) if each_position else (task.outputs,)


def _refuse_foresight(chain: nn.Sequential, tables: Sequence[Any], length: int) -> None:
    """Refuse layers through which a place sees what comes after it: the very token it is to guess.

    Raises:
        TuilabError: names the first such layer.
    """
    vectors = chain[0](torch.zeros(1, length, dtype=torch.int64)).detach().requires_grad_()
    if vectors.is_meta or length < 2:
        return
    stages, stream = [], vectors
    for layer in list(chain.eval())[1:]:
        stream = layer(stream)
        stages.append(stream)
    chain.train()
    if not stages or not _foresees(stages[-1], vectors):
        return
    number = next(n for n, stage in enumerate(stages, start=2) if _foresees(stage, vectors))
    raise TuilabError(
        f"model.layers: layer {number} ({tables[number - 1]['layer']}) shows every place what comes after "
        "it, and so the token that it is to guess. Give a transformer causal = true and a recurrent layer "
        "bidirectional = false; flatten, pool and a conv wider than 1 fit no language model."
    )


def _foresees(stage: Tensor, vectors: Tensor) -> bool:
    """Return whether what a layer gives before the last place follows from the vector at the last."""
    if stage.ndim < 3 or stage.shape[1] != vectors.shape[1]:
        return False
    before = stage[:, :-1]
    weights = torch.linspace(1, 2, before.numel()).view_as(before)  # a plain sum of norms never moves
    (slope,) = torch.autograd.grad((before * weights).sum(), vectors, retain_graph=True)
    return bool(slope[:, -1].any())


def _chain(tables: Sequence[Any], place: Place, inside: str) -> tuple[nn.Sequential, Place]:
    """Build layers one after the other; return them and what the last one gives.

    Args:
        tables: as the user wrote them.
        place: what comes into the first.
        inside: the numbers of the layers around, "3." within the third.

    Raises:
        TuilabError: names the first layer that is wrong by its number.
    """
    chain = nn.Sequential()
    for number, table in enumerate(tables, start=1):
        name = table.get("layer") if isinstance(table, Mapping) else None
        if not isinstance(name, str):
            raise TuilabError(
                f"model.layers: layer {inside}{number} has no name. "
                'Write a table like { layer = "linear", width = 64 }.'
            )
        where = f"model.layers: layer {inside}{number} ({name})"
        layer = (
            _residual(table, place, where, f"{inside}{number}.")
            if name == _RESIDUAL
            else _layer(name, table, place, where)
        )
        place = replace(place, shape=_shape_after(layer, place, where), tokens=0)
        chain.append(layer)
    return chain, place


def _layer(name: str, table: Mapping[str, Any], place: Place, where: str) -> nn.Module:
    """Build one layer from its table."""
    if name not in layers:
        known = [entry.name for entry in layers] + [_RESIDUAL]
        raise TuilabError(f"{where}: there is no such layer. {nearest(name, known)}")
    entry = layers[name]
    knobs = _checked(entry.card, table, where)
    if bool(place.tokens) != (name == "embedding"):
        first = 'is given token numbers; put { layer = "embedding", width = 64 } first'
        raise TuilabError(
            f"{where} {first if place.tokens else 'takes token numbers, which come in first only'}."
        )
    try:
        return entry.build(place, **knobs)
    except TuilabError as error:
        raise TuilabError(f"{where} {error}; it is given {list(place.shape)}.") from error


def _residual(table: Mapping[str, Any], place: Place, where: str, inside: str) -> nn.Module:
    """Build the layers that go around."""
    inner = table.get("layers")
    if not isinstance(inner, list) or set(table) != {"layer", "layers"}:
        raise TuilabError(f"{where} has one key: layers = [...], the layers whose result is added.")
    chain, after = _chain(inner, place, inside)
    if after.shape != place.shape:
        raise TuilabError(
            f"{where} cannot add {list(after.shape)} to the {list(place.shape)} that went in; "
            "its layers must give back the shape they take."
        )
    return Added(chain)


def _checked(card: Card, table: Mapping[str, Any], where: str) -> dict[str, Value]:
    """Return a layer's knobs, checked as a component's are."""
    known = {knob.name: knob for knob in card.fields}
    checked = {}
    for key, value in table.items():
        if key == "layer":
            continue
        if key not in known:
            raise TuilabError(f"{where} has no key {key!r}. {nearest(key, known)}")
        try:
            checked[key] = known[key].check(value)
        except TuilabError as error:
            raise TuilabError(f"{where}, {key}: {error}") from error
    return checked


@torch.no_grad()
def _shape_after(layer: nn.Module, place: Place, where: str) -> tuple[int, ...]:
    """Return what a layer gives for one sample, as found by giving it zeros."""
    sample = torch.zeros(2, *place.shape, dtype=torch.int64 if place.tokens else torch.float32)
    try:
        shape = layer.eval()(sample).shape[1:]
    except (RuntimeError, ValueError, IndexError) as error:
        raise TuilabError(f"{where} does not fit {list(place.shape)}, which it is given: {error}") from error
    layer.train()
    return tuple(shape)
