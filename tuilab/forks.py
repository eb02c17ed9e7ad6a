"""Forks: a run that goes on from another run's checkpoint, with other settings.

All of the checkpoint comes over: weights, optimizer state, position in the data, random
numbers. In a spec that is `[model] init = { from = "RUN", checkpoint = 500, state = true }`;
everything else in it says what holds from there on. So a fork's `spec.toml` stands on its own,
and what was changed is what differs from the run it comes from, as that run was at the time.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tuilab import origins, runs
from tuilab.catalog import Catalog
from tuilab.errors import Problem, SpecError
from tuilab.knobs import Value, show
from tuilab.resolve import assigned, resolve
from tuilab.runs import Run
from tuilab.spec import OPTIONS, Raw, Spec

_PREFIX = "fork-"
"""Of a fork's name; in front, for a list cuts long names behind."""

_CHANGEABLE_DATA = ("batch_size", "augment")
_FIXED_MODEL = ("name", *(knob.name for knob in OPTIONS["model"]))
_SHOWN = 6
"""Changes told in a sentence."""


def forked(run: Run, step: int | None, wanted: Mapping[str, str], catalog: Catalog) -> Spec:
    """Return the spec of a fork.

    Args:
        run: what it comes from, live or over.
        step: of one of its checkpoints; None is the newest.
        wanted: what is to be changed, by dotted key, as `--set` gives it.
        catalog: what values may be.

    Raises:
        TuilabError: there is no such checkpoint.
        SpecError: what cannot be changed, and values that do not fit, each with its key.
    """
    checkpoint = origins.checkpoint_of(run, "last" if step is None else step)
    before = as_it_was(run, checkpoint, catalog).raw()
    after = assigned(before, wanted, catalog)
    changed = _differences(before, after)
    # Knobs that went with a component's name are no wish of anybody's.
    asked = {".".join(key.split(".")[:2]) for key in wanted}
    fixed = [problem for problem in _fixed(changed) if problem.key in asked]
    fixed += [
        Problem(key, "is where the fork comes from: that are RUN and --step.")
        for key in wanted
        if key.startswith(origins.KEY) and not key.startswith(f"{origins.KEY}_")
    ]
    if fixed:
        raise SpecError(fixed, f"fork {run.id}")
    about = {key: run.spec.preset[key] for key in ("about", "watch") if key in run.spec.preset}
    after["preset"] = {"name": name_of(run), **about}  # what its preset promises of a run holds no longer
    after["model"]["init"] = _init(str(run.path), runs.step_of(checkpoint))
    return resolve(after, catalog, f"fork {run.id}")


def unchanged(run: Run, step: int, origin: str) -> Raw:
    """Return the tables of a fork in which nothing is changed yet, to be changed by hand.

    Args:
        run: what it comes from.
        step: of one of its checkpoints.
        origin: how the run is named in them.

    Raises:
        TuilabError: there is no such checkpoint.
    """
    tables = _tables_at(run, origins.checkpoint_of(run, step))
    tables["model"]["init"] = _init(origin, step)
    about = (
        f"Goes on from step {step:,} of {run.id} as a new run: weights, optimizer state, position in "
        "the data and random numbers come over. Change anything but the data and the model's shape."
    )
    return {**tables, "preset": {"name": name_of(run), "about": about}}


def name_of(run: Run) -> str:
    """Return what a run that goes on from this one is called.

    A fork of a fork keeps its name.
    """
    return run.spec.name if run.spec.name.startswith(_PREFIX) else _PREFIX + run.spec.name


def as_it_was(run: Run, checkpoint: Path, catalog: Catalog) -> Spec:
    """Return a run's spec with everything that had been changed on the way to a checkpoint.

    Raises:
        SpecError: the checkpoint holds weights alone, or the catalogue lacks what the run is made of.
    """
    # Knobs that are newer than the run take their defaults.
    return resolve(_tables_at(run, checkpoint), catalog, run.id)


def _tables_at(run: Run, checkpoint: Path) -> Raw:
    tables = Spec({name: dict(table) for name, table in run.spec.tables.items()}).raw()
    for key, value in _settings(checkpoint).items():
        table, _, knob = key.partition(".")
        tables[table][knob] = value
        if key == "train.steps":
            tables["train"]["epochs"] = 0.0
    return tables


def _init(origin: str, step: int) -> dict[str, Value]:
    return {"from": origin, "checkpoint": step, "state": True}


def changes(before: Spec, after: Spec) -> dict[str, Value]:
    """Return what a fork does otherwise, by dotted key.

    Raises:
        SpecError: what cannot be changed, each with its key.
    """
    changed = _differences(before.raw(), after.raw())
    if fixed := list(_fixed(changed)):
        raise SpecError(fixed)
    return changed


def told(changed: Mapping[str, Value]) -> str:
    """Return changes as a phrase."""
    if not changed:
        return "nothing is changed"
    shown = [f"{key} = {show(value)}" for key, value in changed.items()][:_SHOWN]
    more = f" and {len(changed) - _SHOWN} more" if len(changed) > _SHOWN else ""
    return ", ".join(shown) + more


def _differences(before: Raw, after: Raw) -> dict[str, Value]:
    """Return the keys of `after` with other values than before; of another component only what it has."""
    return {
        f"{table}.{key}": value
        for table, values in after.items()
        if table != "preset"
        for key, value in values.items()
        if f"{table}.{key}" != origins.KEY and before.get(table, {}).get(key, _MISSING) != value
    }


_MISSING = object()


def _fixed(changed: Mapping[str, Value]) -> Iterator[Problem]:
    """Find what no checkpoint can be taken over to."""
    for key in changed:
        table, _, knob = key.partition(".")
        if table == "data" and knob not in _CHANGEABLE_DATA:
            what = "the data are what the checkpoint's position is in"
        elif table == "model" and knob in _FIXED_MODEL:
            what = "the model is what the checkpoint's weights are of"
        elif key == "train.seed":
            what = "the seed also cuts the data into train, eval and test"
        else:
            continue
        yield Problem(
            key, f"stays as it was: {what}. A new run with model.init.from takes over the weights alone."
        )


def _settings(checkpoint: Path) -> dict[str, Any]:
    """Return what had been changed when a checkpoint was written; its tensors stay on disk.

    Raises:
        SpecError: the checkpoint has no state, as what early stopping kept.
    """
    file = checkpoint / "state.json"
    if not file.is_file():
        raise SpecError(
            [Problem(origins.KEY, f"{checkpoint.name} holds weights alone; give the number of a step.")]
        )
    state = dict(json.loads(file.read_text(encoding="utf-8")))
    return {key: _plain(value) for key, value in state["settings"]}


def _plain(value: Any) -> Any:
    """Return a value of a setting as `engine.packing` wrote it: a list lies within a table."""
    return value["list"] if isinstance(value, dict) else value
