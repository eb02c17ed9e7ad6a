"""From loose tables to a spec: laid over each other, set by key, checked against the catalogue.

Everything wrong is reported at once, each problem with the dotted key it
stands at. Nothing is clamped, guessed or silently replaced.
"""

import contextlib
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from tuilab.catalog import Catalog
from tuilab.errors import Problem, SpecError, TuilabError, UnknownName, nearest
from tuilab.knobs import Field, Value
from tuilab.misfits import conflicts, misfits, posed
from tuilab.spec import COMPONENTS, NESTED, OPTIONS, PRESET_FIELDS, TABLES, Raw, Spec


def overlay(base: Raw, top: Raw) -> Raw:
    """Lay one set of tables over another, as an extending preset or `--set` does.

    Another component's knobs do not carry over; the options beside them do.
    Naming steps takes back epochs, and the other way round.

    >>> overlay({"model": {"name": "mlp", "width": [8]}}, {"model": {"name": "linear"}})
    {'model': {'name': 'linear'}}
    """
    merged = deepcopy(base)
    for table, values in top.items():
        below = merged.get(table)
        if not isinstance(below, dict) or not isinstance(values, dict):
            merged[table] = deepcopy(values)
            continue
        if "name" in values and values["name"] != below.get("name"):
            common = {knob.name for knob in OPTIONS.get(table, ())}
            below = {key: value for key, value in below.items() if key in common}
        if table == "train":
            other = {"steps": "epochs", "epochs": "steps"}
            taken_back = {other[key] for key in other if key in values}
            below = {key: value for key, value in below.items() if key not in taken_back}
        merged[table] = {**below, **deepcopy(values)}
    return merged


def assigned(raw: Raw, settings: Mapping[str, str], catalog: Catalog) -> Raw:
    """Return the tables with dotted keys set to typed text, as `--set` gives them.

    Raises:
        SpecError: keys that are not there and values that do not fit, all of them.
    """
    problems: list[Problem] = []
    names = [key for key in settings if key.endswith(".name")]
    # Names first: they change which keys there are. The rest is laid over in one
    # piece, so that keys which exclude each other are seen to, not lost in their order.
    for keys in (names, [key for key in settings if key not in names]):
        top: Raw = {}
        for key in keys:
            table, _, knob = key.partition(".")
            try:
                value = field_of(raw, key, catalog).read(settings[key])
                knob, _, inner = knob.partition(".")
                if inner:  # one key of a table: the others stay
                    whole = top.get(table, {}).get(knob, _given(raw, table, knob))
                    value = {**(whole if isinstance(whole, dict) else {}), inner: value}
                top.setdefault(table, {})[knob] = value
            except TuilabError as error:
                problems.append(Problem(key, str(error)))
        raw = overlay(raw, {table: values for table, values in top.items() if values})
    if problems:
        raise SpecError(problems)
    return raw


def field_of(raw: Raw, key: str, catalog: Catalog) -> Field:
    """Return the knob that a dotted key stands for, given the components named in the tables.

    Raises:
        TuilabError: there is no such table or knob.
    """
    table, _, knob = key.partition(".")
    if table not in TABLES:
        meant = [] if knob else _tables_with(table, raw, catalog)
        if meant:
            raise TuilabError(f"a key begins with its table. Did you mean {' or '.join(meant)}?")
        raise UnknownName("table", table, TABLES)
    if not knob:
        raise TuilabError(f"[{table}] is a table; name one of its keys, like {table}.{_example(table)}.")
    if knob == "name" and table in COMPONENTS:
        return Field("name", (), tuple(catalog.cards[COMPONENTS[table]]), "", f"the {table} to use")
    known = {candidate.name: candidate for candidate in fields_of(raw, table, catalog)}
    whole, _, inner = knob.partition(".")
    if nested := {candidate.name: candidate for candidate in NESTED.get(f"{table}.{whole}", ()) if inner}:
        if inner not in nested:
            raise TuilabError(f"[{table}] {whole} has no key {inner!r}. {nearest(inner, nested)}")
        return nested[inner]
    if knob not in known:
        raise TuilabError(f"[{table}] has no key {knob!r}. {nearest(knob, known)}")
    return known[knob]


def _tables_with(knob: str, raw: Raw, catalog: Catalog) -> list[str]:
    """Return the dotted keys that end with a word, of tables that can be read."""
    keys = []
    for table in TABLES:
        with contextlib.suppress(TuilabError):
            keys += [
                f"{table}.{field.name}" for field in fields_of(raw, table, catalog) if field.name == knob
            ]
    return keys


def _given(raw: Raw, table: str, knob: str) -> Any:
    """Return what tables give for a knob, or None."""
    values = raw.get(table)
    return values.get(knob) if isinstance(values, dict) else None


def _example(table: str) -> str:
    return "name" if table in COMPONENTS else OPTIONS[table][0].name


def fields_of(raw: Raw, table: str, catalog: Catalog) -> list[Field]:
    """Return the knobs of a table: the name, the component's own, and the common options.

    Raises:
        UnknownName: the table names a component that there is not.
    """
    fields = list(OPTIONS.get(table, ()))
    kind = COMPONENTS.get(table)
    if kind is None:
        return fields
    name = _component_name(raw, table, catalog)
    choices = Field("name", (), tuple(catalog.cards[kind]), name, f"the {table} to use")
    return [choices, *catalog.card(kind, name).fields, *fields]


def _component_name(raw: Raw, table: str, catalog: Catalog) -> str:
    """Return the name a table gives, or the one that is meant where it gives none."""
    given = raw.get(table)
    if isinstance(given, dict) and "name" in given:
        return str(given["name"])
    if table == "loss":
        dataset = _component_name(raw, "data", catalog)
        if dataset in catalog.cards["datasets"]:
            return catalog.task_of(dataset, posed(raw)).default_loss
    return {"optimizer": "adamw", "schedule": "constant"}.get(table, "")


def resolve(raw: Raw, catalog: Catalog, where: str = "") -> Spec:
    """Check tables against the catalogue and spell every default out.

    Raises:
        SpecError: all that is wrong, each problem with its key.
    """
    problems = [
        Problem(table, f"there is no table [{table}]. {nearest(table, ('preset', *TABLES))}")
        for table in raw
        if table not in TABLES and table != "preset"
    ]
    preset, preset_problems = _checked(raw.get("preset", {}), list(PRESET_FIELDS), "preset")
    tables: dict[str, dict[str, Value]] = {}
    for table in TABLES:
        given = raw.get(table, {})
        if table in ("data", "model") and not (isinstance(given, dict) and given.get("name")):
            choices = ", ".join(catalog.cards[COMPONENTS[table]])
            problems.append(Problem(f"{table}.name", f"is missing. Choose from {choices}."))
            continue
        if table == "loss" and not _component_name(raw, "loss", catalog):
            continue  # the data set decides, and what is wrong with that is said above
        try:
            tables[table], found = _checked(given, fields_of(raw, table, catalog), table)
        except UnknownName as error:
            found = [Problem(f"{table}.name", str(error))]
        problems += found
    problems += preset_problems
    problems += misfits(tables, catalog)
    problems += conflicts(raw, tables, catalog)
    if problems:
        raise SpecError(problems, where)
    if tables["train"]["steps"]:
        tables["train"]["epochs"] = 0.0
    # What it extends is laid under it already: the file beside a run stands on its own.
    return Spec(tables, {key: preset[key] for key in preset if preset[key] and key != "extends"})


def _checked(given: Any, fields: list[Field], table: str) -> tuple[dict[str, Value], list[Problem]]:
    """Return a table with defaults filled in, and what is wrong with what was given."""
    if not isinstance(given, dict):
        return {}, [Problem(table, f"is a table: write [{table}] and its keys below.")]
    known = {knob.name: knob for knob in fields}
    problems = [
        Problem(f"{table}.{key}", f"there is no such key. {nearest(key, known)}")
        for key in given
        if key not in known
    ]
    values: dict[str, Value] = {}
    for name, knob in known.items():
        try:
            values[name] = knob.check(given[name]) if name in given else deepcopy(knob.default)
        except TuilabError as error:
            problems.append(Problem(f"{table}.{name}", str(error)))
        within, key = values.get(name), f"{table}.{name}"
        if isinstance(within, dict) and key in NESTED:
            values[name], found = _checked(within, list(NESTED[key]), key)
            # A form has one line for all of it.
            problems += [Problem(key, f"{one.key.removeprefix(key)[1:]}: {one.message}") for one in found]
    return values, problems
