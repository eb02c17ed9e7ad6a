"""The tables of an experiment as the lab sees them: which pane each is in, what stands at a key."""

from collections.abc import Mapping
from typing import Any

from tuilab.catalog import Catalog
from tuilab.errors import SpecError, TuilabError
from tuilab.resolve import fields_of, resolve
from tuilab.spec import Raw, Spec

PANES: Mapping[str, tuple[str, ...]] = {
    "data": ("data",),
    "model": ("model",),
    "optimizer": ("optimizer", "loss"),
    "schedule": ("schedule",),
    "train": ("train", "probes"),
}
"""Tables that stand in each pane of the lab."""


def standing(raw: Raw, key: str, catalog: Catalog) -> Any:
    """Return what loose tables say at a key, or the default; None where there is no such knob."""
    table, _, knob = key.partition(".")
    given = raw.get(table, {})
    if isinstance(given, dict) and knob in given:
        return given[knob]
    if key == "train.epochs" and isinstance(given, dict) and given.get("steps"):
        return 0.0  # steps decide
    try:
        # The field of a name has for default what is meant where none is given.
        return next(field.default for field in fields_of(raw, table, catalog) if field.name == knob)
    except (TuilabError, StopIteration):
        return None


def resolved(raw: Raw, catalog: Catalog) -> tuple[Spec | None, dict[str, str]]:
    """Return the spec, or what is wrong by key."""
    try:
        return resolve(raw, catalog), {}
    except SpecError as error:
        return None, {problem.key: problem.message for problem in error.problems}
