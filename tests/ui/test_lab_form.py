"""Where the parts of a form stand, line by line."""

import tomllib

import pytest

from tests.ui.lab_kit import TINY
from tuilab.catalog import Catalog
from tuilab.ui.screens.lab_draft import Draft
from tuilab.ui.widgets.form_layout import lay_out


@pytest.fixture
def draft(catalog: Catalog) -> Draft:
    return Draft(tomllib.loads(TINY), catalog)


def lines(draft: Draft, pane: str, width: int, cursor: int = -1) -> list[str]:
    return [line.text.rstrip() for line in lay_out(draft.rows(pane), width, cursor)]


def test_values_stand_in_one_column(draft: Draft) -> None:
    assert lines(draft, "model", 40) == [
        "  model            mlp ▼",
        "  width            [8]",
        "  activation       relu",
        "  bias             true",
        "  init             default",
        "  init_std         0.02",
        "  freeze           []",
        "  lora             off",
    ]


def test_a_problem_is_spelled_out_beneath_its_field(draft: Draft) -> None:
    draft.set("optimizer.lr", "-1")
    assert lines(draft, "optimizer", 40)[:4] == [
        "  optimizer        adamw ▼",
        "✗ lr               -1",
        "    -1 is out of range; expected a",
        "    number from 0 to 100.",
    ]


def test_a_change_is_marked_and_the_choice_under_the_cursor_shows_its_keys(draft: Draft) -> None:
    draft.set("model.activation", "tanh")
    assert lines(draft, "model", 40, cursor=2)[2] == "● activation       ← tanh →"


def test_a_second_table_stands_apart(draft: Draft) -> None:
    assert lines(draft, "optimizer", 40)[3:6] == [
        "  weight_decay     off",
        "",
        "  loss             cross-entropy ▼",
    ]


def test_with_room_a_phrase_stands_beside_the_value(draft: Draft) -> None:
    assert lines(draft, "schedule", 76) == [
        "  schedule         cosine ▼             Linear warm-up, then half a cosine …",
        "  warmup           0.05                 share of the run in which the rate …",
        "  floor            0                    multiplier at the end of the run",
    ]


@pytest.mark.parametrize("width", [0, 1, 2, 5, 11, 20, 36, 80])
def test_no_width_is_too_small(draft: Draft, width: int) -> None:
    draft.set("optimizer.lr", "-1")
    assert len(lines(draft, "optimizer", width, cursor=1)) > 5
