"""Whatever can be chosen says what it is, where it comes from and which shapes it takes."""

import re
from typing import Any, get_type_hints

import pytest
from torch import nn

from tuilab import zoo
from tuilab.registry import Card, Entry
from tuilab.zoo.models.layers import layers
from tuilab.zoo.registries import Loss
from tuilab.zoo.tasks.task import Task

CARDS = [
    pytest.param(entry.card, id=f"{kind}-{entry.name}")
    for kind, registry in [*zoo.REGISTRIES.items(), ("layers", layers)]
    for entry in registry
]


def _says_a_shape(hint: Any) -> bool:
    """Whether an annotation is a tensor with its axes named, and not any tensor."""
    return hasattr(hint, "dim_str")


@pytest.mark.parametrize("card", CARDS)
def test_a_card_has_a_sentence_a_source_and_a_phrase_for_every_knob(card: Card) -> None:
    assert re.fullmatch(r"[A-Z0-9\"'].{10,}[.?]", card.about), card.about
    assert re.fullmatch(r"https?://\S+\.\S+", card.source), card.source
    assert all(len(knob.about) > 4 for knob in card.fields)


def test_a_model_says_the_shape_it_gives(model: Entry[nn.Module]) -> None:
    build: Any = model.build
    assert _says_a_shape(get_type_hints(build.forward)["return"])


def test_a_loss_says_the_shapes_it_compares(loss: Entry[Loss], sample_tasks: dict[str, list[Task]]) -> None:
    task = sample_tasks[loss.card.facts["tasks"][0]][0]
    hints = get_type_hints(loss.build(task))
    assert _says_a_shape(hints["outputs"])
    assert _says_a_shape(hints["return"])
