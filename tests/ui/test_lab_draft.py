"""The draft behind the lab: what changes when a person changes something."""

import tomllib
from typing import Any

import pytest

from tests.ui.lab_kit import TINY
from tuilab.catalog import Catalog
from tuilab.errors import SpecError
from tuilab.ui.screens.lab_draft import Draft
from tuilab.ui.screens.lab_row import Row


@pytest.fixture
def draft(catalog: Catalog) -> Draft:
    return Draft({**tomllib.loads(TINY), "preset": {"name": "tiny", "expect": {"a": [0, 1]}}}, catalog)


def row(draft: Draft, key: str) -> Row:
    panes = ("data", "model", "optimizer", "schedule", "train")
    return next(one for pane in panes for one in draft.rows(pane) if one.key == key)


def test_rows_show_name_knobs_and_options_in_this_order(draft: Draft) -> None:
    rows = draft.rows("model")
    assert [one.label for one in rows] == [
        "model",
        "width",
        "activation",
        "bias",
        "init",
        "init_std",
        "freeze",
        "lora",
    ]
    assert [one.text for one in rows] == ["mlp", "[8]", "relu", "true", "default", "0.02", "[]", "off"]


def test_what_was_typed_is_a_change_and_the_way_back_is_none(draft: Draft) -> None:
    draft.set("model.width", "[16, 16]")
    assert draft.changes == ["model.width = [16, 16]"]
    draft.set("model.width", "[8]")
    assert draft.changes == []


def test_what_cannot_be_read_stays_with_its_problem(draft: Draft) -> None:
    draft.set("optimizer.lr", "-1")
    assert row(draft, "optimizer.lr").text == "-1"
    assert "from 0 to 100" in row(draft, "optimizer.lr").problem
    assert draft.spec is None


def test_a_misspelt_word_is_answered_with_the_nearest(draft: Draft) -> None:
    draft.set("model.activation", "rely")
    assert "Did you mean 'relu'?" in row(draft, "model.activation").problem


def test_another_component_swaps_the_knobs_and_coming_back_brings_them_again(draft: Draft) -> None:
    draft.set("model.width", "[32]")
    draft.set("model.name", "lenet")
    assert [one.label for one in draft.rows("model")] == [
        "model",
        "dropout",
        "init",
        "init_std",
        "freeze",
        "lora",
    ]
    draft.set("model.name", "mlp")
    assert row(draft, "model.width").text == "[32]"


def test_an_option_beside_the_knobs_survives_another_component(draft: Draft) -> None:
    draft.set("model.init", "he")
    draft.set("model.name", "lenet")
    assert row(draft, "model.init").text == "he"


def test_a_problem_of_a_component_goes_with_it(draft: Draft) -> None:
    draft.set("model.width", "nothing")
    draft.set("model.name", "lenet")
    assert draft.problems == {}


def test_a_loss_that_does_not_fit_the_data_is_said_at_the_loss(catalog: Catalog) -> None:
    draft = Draft({**tomllib.loads(TINY), "loss": {"name": "cross-entropy"}}, catalog)
    draft.set("data.name", "diabetes")
    assert "does not fit" in row(draft, "loss.name").problem


def test_the_loss_follows_the_data_where_nobody_named_one(draft: Draft) -> None:
    draft.set("data.name", "diabetes")
    assert row(draft, "loss.name").text == "mse"


def test_a_loss_is_still_named_while_something_else_is_wrong(draft: Draft) -> None:
    draft.set("optimizer.lr", "x")
    assert row(draft, "loss.name").text == "cross-entropy"
    assert draft.changes == ["optimizer.lr = x"]


def test_reset_goes_to_the_preset_and_default_to_the_component(draft: Draft) -> None:
    draft.set("model.width", "[1]")
    draft.reset("model.width")
    assert row(draft, "model.width").text == "[8]"
    draft.reset("model.width", to_default=True)
    assert row(draft, "model.width").text == "[64]"


def test_epochs_take_steps_back_and_resetting_either_brings_the_preset_again(draft: Draft) -> None:
    draft.set("train.epochs", "5")
    assert (draft.value("train.epochs"), draft.value("train.steps")) == (5.0, 0)
    draft.reset("train.epochs")
    assert (draft.value("train.epochs"), draft.value("train.steps")) == (0.0, 100)


def test_undo_takes_back_one_change_at_a_time(draft: Draft) -> None:
    for text in ("[1]", "[2]"):
        draft.remember()
        draft.set("model.width", text)
    assert draft.undo()
    assert row(draft, "model.width").text == "[1]"
    assert draft.undo()
    assert row(draft, "model.width").text == "[8]"
    assert not draft.undo()


def test_what_the_worker_found_stands_until_the_next_change(draft: Draft) -> None:
    draft.report({"model.name": "does not take images."})
    assert row(draft, "model.name").problem == "does not take images."
    draft.set("model.name", "lenet")
    assert draft.problems == {}


def test_a_changed_preset_promises_nothing(draft: Draft) -> None:
    assert "expect" in draft.to_run().preset
    draft.set("train.seed", "1")
    assert "expect" not in draft.to_run().preset


def test_a_draft_with_problems_is_no_run(draft: Draft) -> None:
    draft.set("train.seed", "x")
    with pytest.raises(SpecError, match="seed"):
        draft.to_run()


def test_a_component_that_is_not_here_can_be_replaced(catalog: Catalog) -> None:
    raw: dict[str, Any] = {"data": {"name": "digits"}, "model": {"name": "mpl", "width": [3]}}
    draft = Draft(raw, catalog)
    assert "Did you mean 'mlp'?" in row(draft, "model.name").problem
    draft.set("model.name", "mlp")
    assert draft.spec is not None
