"""A signature is read as a form."""

import json
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import pytest

from tuilab.catalog import Catalog, load_cached, save_cached
from tuilab.errors import UnknownName
from tuilab.knobs import Knob
from tuilab.registry import Card, Registry, knobs_of


def everything(
    given: object,
    *,
    whole: Annotated[int, Knob("a whole number", 1, 9)] = 3,
    share: Annotated[float | Literal["off", "auto"], Knob("a share", 0, 1)] = "off",
    yes: Annotated[bool, Knob("a switch")] = True,
    word: Annotated[Literal["a", "b"], Knob("a word")] = "a",
    text: Annotated[str, Knob("a text")] = "",
    widths: Annotated[Sequence[int], Knob("widths", 1)] = (8, 8),
    rates: Annotated[tuple[float, ...], Knob("rates")] = (0.5,),
    layers: Annotated[list[dict[str, Any]], Knob("layers")] = [],  # noqa: B006
    start: Annotated[dict[str, str] | Literal["he"], Knob("start")] = "he",
) -> None:
    """Hold every kind of knob."""


def test_every_kind_of_knob_is_read_off_a_signature() -> None:
    found = {field.name: (field.kinds, field.words) for field in knobs_of(everything)}
    assert found == {
        "whole": (("int",), ()),
        "share": (("float",), ("off", "auto")),
        "yes": (("bool",), ()),
        "word": ((), ("a", "b")),
        "text": (("str",), ()),
        "widths": (("ints",), ()),
        "rates": (("floats",), ()),
        "layers": (("tables",), ()),
        "start": (("table",), ("he",)),
    }


def test_every_default_passes_its_own_check() -> None:
    for field in knobs_of(everything):
        assert field.check(field.default) == field.default


def no_knob(*, width: Annotated[int, "a phrase"] = 3) -> None:
    """Lack a Knob."""


def no_default(*, width: Annotated[int, Knob("units")]) -> None:
    """Lack a default."""


def no_type(*, width: int = 3) -> None:
    """Lack the annotation."""


def odd_type(*, width: Annotated[set[int], Knob("units")] = frozenset()) -> None:  # type: ignore[assignment]
    """Have a type that TOML cannot hold."""


@pytest.mark.parametrize("build", [no_knob, no_default, no_type, odd_type])
def test_an_incomplete_signature_is_the_programmers_error(build: Any) -> None:
    with pytest.raises(ValueError, match=build.__name__):
        knobs_of(build)


def test_a_name_is_registered_once_and_found_with_its_neighbours() -> None:
    registry: Registry[None] = Registry("model")
    registry.register("everything", source="x")(everything)
    with pytest.raises(ValueError, match=r"there is a model 'everything' .*already"):
        registry.register("everything", source="x")(everything)
    with pytest.raises(UnknownName, match=r"no model called 'evrything'. Did you mean 'everything'\?"):
        registry["evrything"]
    with pytest.raises(UnknownName, match=r"'of-my-own'\. Choose from everything\. .* needs its file: --zoo"):
        registry["of-my-own"]
    assert "everything" in registry
    assert len(registry) == 1


def test_a_card_survives_json() -> None:
    registry: Registry[None] = Registry("model")
    registry.register("everything", source="x", tasks=["classification"])(everything)
    card = registry["everything"].card
    assert Card.from_json(json.loads(json.dumps(card.to_json()))) == card


def test_the_catalogue_survives_json(catalog: Catalog) -> None:
    assert Catalog.from_json(json.loads(json.dumps(catalog.to_json()))) == catalog


def test_the_catalogue_is_kept_until_a_file_of_the_zoo_changes(tmp_path: Any, catalog: Catalog) -> None:
    own = tmp_path / "own.py"
    own.write_text("x = 1")
    assert load_cached(tmp_path, [own]) is None
    save_cached(catalog, tmp_path, [own])
    assert load_cached(tmp_path, [own]) == catalog
    own.write_text("x = 1  # changed")
    assert load_cached(tmp_path, [own]) is None


@pytest.mark.parametrize("broken", ["", "{", "[]", '{"cards": 3}', '{"cards": {}, "tasks": [{"name": 1}]}'])
def test_a_broken_cache_counts_as_none(tmp_path: Any, catalog: Catalog, broken: str) -> None:
    save_cached(catalog, tmp_path)
    (kept,) = (tmp_path / "cache").glob("catalog-*.json")
    kept.write_text(broken)
    assert load_cached(tmp_path) is None


def test_a_home_that_cannot_be_written_costs_only_the_cache(tmp_path: Any, catalog: Catalog) -> None:
    (tmp_path / "cache").write_text("a file in the way")
    save_cached(catalog, tmp_path)
    assert load_cached(tmp_path) is None
