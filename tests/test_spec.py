"""From loose tables to a spec and back."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tuilab.catalog import Catalog
from tuilab.errors import SpecError, TuilabError
from tuilab.knobs import Field
from tuilab.options import AUGMENTATIONS
from tuilab.resolve import assigned, fields_of, overlay, resolve
from tuilab.spec import COMPONENTS, TABLES, Spec, dumps, loads, trusted

SMALL = {"data": {"name": "digits"}, "model": {"name": "mlp"}}


def problems_of(raw: dict[str, Any], catalog: Catalog) -> dict[str, str]:
    with pytest.raises(SpecError) as raised:
        resolve(raw, catalog)
    return {problem.key: problem.message for problem in raised.value.problems}


def test_every_default_is_spelled_out(catalog: Catalog) -> None:
    spec = resolve(SMALL, catalog)
    assert spec["loss.name"] == "cross-entropy"
    assert spec["optimizer.name"] == "adamw"
    assert spec["optimizer.betas"] == [0.9, 0.999]
    assert spec["schedule.name"] == "constant"
    assert spec["data.split"] == [0.72, 0.08, 0.2]
    assert spec.train.epochs == 10
    assert spec.component("model") == ("mlp", {"width": [64], "activation": "relu", "bias": True})


def test_everything_wrong_is_said_at_once_each_with_its_key(catalog: Catalog) -> None:
    raw = {
        "data": {"name": "digits", "batch_size": 0, "split": [0.5, 0.5]},
        "model": {"name": "mlp", "width": "wide", "wdith": [3]},
        "optimizer": {"name": "adamm"},
        "train": 3,
        "modle": {"name": "mlp"},
        "schedule": {"warmup": 2},
    }
    found = problems_of(raw, catalog)
    assert found["data.batch_size"].startswith("0 is out of range; expected a whole number from 1 to")
    assert (
        found["model.width"] == "'wide' is not a list of whole numbers, like [64, 64], each from 1 to 4096."
    )
    assert found["model.wdith"] == "there is no such key. Did you mean 'width'?"
    assert found["optimizer.name"] == "There is no optimizer called 'adamm'. Did you mean 'adamw'?"
    assert found["train"] == "is a table: write [train] and its keys below."
    assert found["modle"] == "there is no table [modle]. Did you mean 'model'?"
    assert found["schedule.warmup"].startswith("2 is out of range")
    assert found["data.split"].startswith("gives three shares")
    assert len(found) == 8


def test_an_empty_file_is_told_what_it_must_name_and_nothing_else(catalog: Catalog) -> None:
    assert problems_of({}, catalog) == {
        "data.name": "is missing. Choose from digits, diabetes.",
        "model.name": "is missing. Choose from mlp, lenet.",
    }


def test_an_unknown_data_set_is_the_only_problem(catalog: Catalog) -> None:
    raw = {"data": {"name": "dgits"}, "model": {"name": "mlp"}}
    assert problems_of(raw, catalog) == {
        "data.name": "There is no dataset called 'dgits'. Did you mean 'digits'?"
    }


@pytest.mark.parametrize(
    ("change", "key", "words"),
    [
        ({"train": {"steps": 5, "epochs": 5}}, "train.epochs", "keep one of the two"),
        ({"train": {"steps": 0, "epochs": 0}}, "train.epochs", "how long to train"),
        ({"train": {"clip_norm": 1, "clip_value": 1}}, "train.clip_value", "keep one of the two"),
        ({"train": {"clip_norm": 0}}, "train.clip_norm", "0 is out of range"),
        ({"train": {"early_stop": 5, "eval_every": "off"}}, "train.early_stop", "eval_every is off"),
        ({"data": {"name": "digits", "split": [0.5, 0.2, 0.2]}}, "data.split", "sum to 1"),
        ({"data": {"name": "digits", "split": [0.8, 0.2, 0.0]}}, "data.split", "above 0"),
        ({"data": {"name": "diabetes"}, "model": {"name": "lenet"}}, "model.name", "Choose from mlp."),
        ({"loss": {"name": "mse"}}, "loss.name", "Choose from cross-entropy."),
        ({"data": {"name": "digits", "augment": ["flop"]}}, "data.augment", "Did you mean 'flip'"),
        (
            {"schedule": {"name": "plateau"}, "train": {"eval_every": "off"}},
            "train.eval_every",
            "waits for evaluations",
        ),
    ],
)
def test_values_that_do_not_go_together_are_named(
    catalog: Catalog, change: dict[str, Any], key: str, words: str
) -> None:
    found = problems_of({**SMALL, **change}, catalog)
    assert list(found) == [key]
    assert words in found[key]


def test_steps_take_the_place_of_epochs(catalog: Catalog) -> None:
    spec = resolve({**SMALL, "train": {"steps": 50}}, catalog)
    assert (spec.train.steps, spec.train.epochs) == (50, 0.0)


def test_another_component_leaves_the_knobs_of_the_first_behind_but_not_the_options() -> None:
    base = {"data": {"name": "digits", "noise": 0.1, "batch_size": 8}, "train": {"epochs": 3, "seed": 1}}
    top = {"data": {"name": "moons"}, "train": {"steps": 9}}
    assert overlay(base, top) == {
        "data": {"name": "moons", "batch_size": 8},
        "train": {"steps": 9, "seed": 1},
    }
    assert base["train"] == {"epochs": 3, "seed": 1}


def test_settings_are_typed_by_their_target_and_names_come_first(catalog: Catalog) -> None:
    raw = assigned(
        SMALL,
        {"optimizer.momentum": "0.9", "optimizer.name": "sgd", "model.width": "[8, 8]", "train.steps": "1e3"},
        catalog,
    )
    spec = resolve(raw, catalog)
    assert spec["optimizer.momentum"] == 0.9
    assert spec["model.width"] == [8, 8]
    assert spec["train.steps"] == 1000


def test_wrong_settings_are_all_named(catalog: Catalog) -> None:
    wrong = {
        "optimizer.lr": "-1",
        "modle.width": "3",
        "model": "mlp",
        "model.wdith": "3",
        "model.name": "mpl",
        "": "3",
    }
    with pytest.raises(SpecError) as raised:
        assigned(SMALL, wrong, catalog)
    found = {problem.key: problem.message for problem in raised.value.problems}
    assert found.keys() == wrong.keys()
    assert found["optimizer.lr"] == "-1 is out of range; expected a number from 0 to 100."
    assert found["modle.width"] == "There is no table called 'modle'. Did you mean 'model'?"
    assert found["model"] == "[model] is a table; name one of its keys, like model.name."
    assert found["model.name"] == "there is no 'mpl' here. Did you mean 'mlp'?"


def test_setting_steps_and_epochs_both_is_a_conflict_whatever_their_order(catalog: Catalog) -> None:
    for settings_ in ({"train.steps": "5", "train.epochs": "5"}, {"train.epochs": "5", "train.steps": "5"}):
        raw = assigned(SMALL, settings_, catalog)
        assert "train.epochs" in problems_of(raw, catalog)


@pytest.mark.parametrize("text", ["a = ", "x = " + "9" * 5000, "x = " + "[" * 3000, "[a]\n[a]", "\0"])
def test_what_is_not_toml_says_so_and_where(text: str) -> None:
    with pytest.raises(TuilabError, match=r"own\.toml is not valid TOML: "):
        loads(text, "own.toml")


def test_a_spec_from_an_extending_preset_stands_on_its_own(catalog: Catalog) -> None:
    spec = resolve({**SMALL, "preset": {"name": "x", "extends": "y", "order": 3}}, catalog)
    assert spec.preset == {"name": "x", "order": 3}


def outcome(raw: dict[str, Any], catalog: Catalog) -> tuple[Spec | None, set[str]]:
    """Return the spec, or the keys that were refused."""
    try:
        return resolve(raw, catalog), set()
    except SpecError as error:
        return None, {problem.key for problem in error.problems}


def texts() -> st.SearchStrategy[str]:
    return st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


def values_for(field: Field) -> st.SearchStrategy[Any]:
    low = field.low if field.low is not None else -1e9
    high = field.high if field.high is not None else 1e9
    whole = st.integers(int(low), int(high))
    real = st.floats(low, high)
    kinds: dict[str, st.SearchStrategy[Any]] = {
        "int": whole,
        "float": real,
        "bool": st.booleans(),
        "str": texts(),
        "ints": st.lists(whole, max_size=4),
        "floats": st.lists(real, max_size=4),
        "strs": st.lists(st.sampled_from(AUGMENTATIONS) if field.name == "augment" else texts(), max_size=4),
        "table": _nested(field),
    }
    choices = [kinds[kind] for kind in field.kinds]
    if field.words:
        choices.append(st.sampled_from(field.words))
    return st.one_of(choices)


def _nested(field: Field) -> st.SearchStrategy[Any]:
    return st.just({"from": "last"} if field.name == "init" else {"rank": 4, "target": ["*"]})


@st.composite
def raw_specs(draw: st.DrawFn, catalog: Catalog) -> dict[str, Any]:
    """Tables of any components, each knob left out or given any allowed value."""
    raw: dict[str, Any] = {"preset": {"name": draw(texts()), "about": draw(texts())}}
    for table in TABLES:
        if table in COMPONENTS:
            raw[table] = {"name": draw(st.sampled_from(sorted(catalog.cards[COMPONENTS[table]])))}
        for field in fields_of(raw, table, catalog):
            if field.name not in ("name", "split") and draw(st.booleans()):
                raw.setdefault(table, {})[field.name] = draw(values_for(field))
    return raw


@given(st.data())
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=150)
def test_a_spec_written_and_read_is_the_same_spec(catalog: Catalog, data: st.DataObject) -> None:
    raw = data.draw(raw_specs(catalog))
    spec, refused = outcome(raw, catalog)
    # Every value was allowed, so only what does not go together may be refused.
    together = {"model.name", "loss.name", "train.epochs", "train.clip_value", "data.path", "train.int8"}
    assert refused <= together | {"train.eval_every", "train.early_stop", "data.augment"}
    if spec is None:
        return
    assert resolve(loads(dumps(spec), "spec"), catalog) == spec
    assert trusted(dumps(spec)) == spec


loose = st.recursive(
    st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.dictionaries(
        st.sampled_from([*TABLES, "preset", "other"]),
        loose | st.dictionaries(st.sampled_from(["name", "lr", "width", "split", "steps"]), loose),
    )
)
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_no_tables_however_wrong_crash_the_check(catalog: Catalog, raw: dict[str, Any]) -> None:
    spec, refused = outcome(raw, catalog)
    assert spec is not None or refused
