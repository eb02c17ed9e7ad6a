"""A knob reads and checks every kind of value."""

import contextlib
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuilab.errors import TuilabError
from tuilab.knobs import Field, show


def knob(
    *kinds: str, words: tuple[str, ...] = (), low: float | None = None, high: float | None = None
) -> Field:
    return Field("knob", kinds, words, 0, "a knob", low, high)


@pytest.mark.parametrize(
    ("kinds", "text", "value"),
    [
        (("int",), "12", 12),
        (("int",), " 1_000 ", 1000),
        (("int",), "1e4", 10_000),
        (("float",), "3e-3", 0.003),
        (("float",), ".5", 0.5),
        (("float",), "2", 2.0),
        (("bool",), "true", True),
        (("str",), "true", "true"),
        (("str",), "a path/with space", "a path/with space"),
        (("ints",), "[64, 32]", [64, 32]),
        (("floats",), "[0.9, 1]", [0.9, 1.0]),
        (("strs",), '["a", "b"]', ["a", "b"]),
        (("table",), '{ from = "last" }', {"from": "last"}),
        (("tables",), "[{ layer = 3 }]", [{"layer": 3}]),
    ],
)
def test_what_a_person_types_is_read_as_the_knobs_type(kinds: tuple[str, ...], text: str, value: Any) -> None:
    found = knob(*kinds).read(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("field", "text", "words"),
    [
        (knob("int", low=1, high=8), "9", "9 is out of range; expected a whole number from 1 to 8."),
        (
            knob("int", low=1, high=1 << 20),
            "0",
            "0 is out of range; expected a whole number from 1 to 1,048,576.",
        ),
        (knob("float", low=1e-9), "0", "0 is out of range; expected a number, 1e-09 or more."),
        (knob("float", low=0), "-1", "-1 is out of range; expected a number, 0 or more."),
        (knob("float", high=2), "3", "3 is out of range; expected a number, at most 2."),
        (knob("int"), "1.5", "1.5 is not a whole number."),
        (knob("int"), "many", "'many' is not a whole number."),
        (knob("float"), "nan", "nan is not a finite number; expected a number."),
        (knob("float"), "inf", "inf is not a finite number; expected a number."),
        (knob("int"), "true", "true is not a whole number."),
        (knob("bool"), "1", "1 is not true or false."),
        (
            knob("ints", low=1),
            "[4, 0]",
            "0 is out of range; expected a list of whole numbers, like [64, 64], each 1 or more.",
        ),
        (knob("ints"), "[true]", "[true] is not a list of whole numbers, like [64, 64]."),
        (knob(words=("relu", "tanh")), "rleu", "there is no 'rleu' here. Did you mean 'relu'?"),
        (knob("float", words=("off",), low=0), "on", "'on' is not a number, 0 or more, or 'off'."),
    ],
)
def test_what_does_not_fit_says_what_does(field: Field, text: str, words: str) -> None:
    with pytest.raises(TuilabError) as raised:
        field.read(text)
    assert str(raised.value) == words


def test_a_word_stands_beside_numbers() -> None:
    field = knob("float", words=("off",), low=0)
    assert field.read("off") == "off"
    assert field.read("1") == 1.0
    assert field.check("off") == "off"


@pytest.mark.parametrize(
    "text", ["9" * 5000, "[" * 5000, "1\nother = 2", '"', "1e400", "", "{", "1979-05-27"]
)
@pytest.mark.parametrize("kind", ["int", "float", "bool", "ints", "floats", "strs", "table", "tables"])
def test_hostile_text_is_refused_with_a_message(kind: str, text: str) -> None:
    with pytest.raises(TuilabError):
        knob(kind).read(text)


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    for kind in ("int", "float", "bool", "str", "ints", "floats", "strs", "table", "tables"):
        with contextlib.suppress(TuilabError):
            knob(kind, words=("off",)).read(text)


toml_values = st.recursive(
    st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(
    toml_values, st.sampled_from(["int", "float", "bool", "str", "ints", "floats", "strs", "table", "tables"])
)
def test_a_checked_value_stays_as_it_is_when_checked_again(value: Any, kind: str) -> None:
    field = knob(kind)
    try:
        once = field.check(value)
    except TuilabError:
        return
    assert field.check(once) == once
    assert type(field.check(once)) is type(once)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_shown_number_reads_back_to_the_last_bit(value: float) -> None:
    assert knob("float").read(show(value)) == value


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**60), 2**60)))
def test_a_shown_list_reads_back(values: list[float]) -> None:
    assert knob("floats").read(show(list(values))) == [float(value) for value in values]


@given(st.floats())
def test_no_number_beyond_the_range_gets_through(value: float) -> None:
    field = knob("float", low=0, high=1)
    if math.isfinite(value) and 0 <= value <= 1:
        assert field.check(value) == value
    else:
        with pytest.raises(TuilabError):
            field.check(value)


def test_a_field_survives_json() -> None:
    field = knob("int", "floats", words=("off",), low=0, high=9)
    assert Field.from_json(field.to_json()) == field
