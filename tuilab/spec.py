"""An experiment as a file: what it holds, and how it is read and written.

A spec is a handful of tables. Some name a component (`[model] name = "mlp"`) and
hold its knobs beside the options that every experiment has; `[train]` and
`[probes]` are options alone. A resolved spec has every default spelled out, so
that the file beside a run says all there is to say.
"""

import tomllib
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, TypeVar

from tuilab import toml
from tuilab.errors import TuilabError
from tuilab.knobs import Field, Value
from tuilab.options import DataOptions, LoraOptions, ModelOptions, ProbeOptions, TrainOptions
from tuilab.registry import knobs_of

Raw = dict[str, Any]
"""Tables as TOML gives them, before they are checked."""

Options = TypeVar("Options", DataOptions, ModelOptions, TrainOptions, ProbeOptions)

COMPONENTS = {
    "data": "datasets",
    "model": "models",
    "loss": "losses",
    "optimizer": "optimizers",
    "schedule": "schedules",
}
"""Tables that name a component, and the kind it is of."""

OPTIONS = {
    "data": knobs_of(DataOptions),
    "model": knobs_of(ModelOptions),
    "train": knobs_of(TrainOptions),
    "probes": knobs_of(ProbeOptions),
}
"""Knobs of a table that do not depend on the component."""

NESTED = {
    "model.init": (
        Field("from", ("str",), (), "", "a run, or a preset: then its newest finished run"),
        Field("checkpoint", ("int",), ("auto", "best", "last"), "auto", "a step; auto: as it was tested", 0),
        Field("state", ("bool",), (), False, "go on as it would have: `tuilab fork`"),
    ),
    "model.lora": knobs_of(LoraOptions),
}
"""Keys of the tables that stand within a table."""

TABLES = (*COMPONENTS, "train", "probes")

PRESET_FIELDS = (
    Field("name", ("str",), (), "", "how the run is called"),
    Field("group", ("str",), (), "", "the heading it stands under"),
    Field("order", ("int",), (), 0, "its place under the heading; the smallest comes first"),
    Field("about", ("str",), (), "", "what it shows"),
    Field("watch", ("str",), (), "", "what to look at while it runs"),
    Field("takes", ("str",), (), "", "about how long, on two CPU cores or on the GPU that it needs"),
    Field("expect", ("table",), (), {}, "metrics and the band that a real run keeps"),
    Field("expect_state", (), ("finished", "diverged"), "", "how a real run ends; nothing: finished"),
    Field("reference", ("str",), (), "", "what others report for the same work, and who"),
    Field("needs", (), ("gpu",), "", "what a machine must have; nothing: any will do"),
    Field("compare", ("str",), (), "", "the family of presets that make a point together"),
    Field("extends", ("str",), (), "", "the preset it starts from"),
)
"""Keys of [preset]."""


@dataclass(frozen=True, slots=True)
class Spec:
    """A whole experiment: valid, with every default spelled out."""

    tables: Mapping[str, Mapping[str, Value]]
    """data, model, loss, optimizer, schedule, train, probes."""
    preset: Mapping[str, Value] = field(default_factory=dict)
    """The table [preset]: name, group, about, watch, expect."""

    @property
    def name(self) -> str:
        """The preset's name, or "own"."""
        return str(self.preset.get("name") or "own")

    def __getitem__(self, key: str) -> Value:
        table, _, knob = key.partition(".")
        return self.tables[table][knob]

    def component(self, table: str) -> tuple[str, dict[str, Value]]:
        """Return a component's name and its own knobs, ready to build it with."""
        common = {knob.name for knob in OPTIONS.get(table, ())}
        knobs = dict(self.tables[table])
        name = str(knobs.pop("name"))
        return name, {key: value for key, value in knobs.items() if key not in common}

    @property
    def data(self) -> DataOptions:
        """The options of [data]."""
        return self._options("data", DataOptions)

    @property
    def model(self) -> ModelOptions:
        """The options of [model]."""
        return self._options("model", ModelOptions)

    @property
    def train(self) -> TrainOptions:
        """The table [train]."""
        return self._options("train", TrainOptions)

    @property
    def probes(self) -> ProbeOptions:
        """The table [probes]."""
        return self._options("probes", ProbeOptions)

    def _options(self, table: str, kind: type[Options]) -> Options:
        names = {knob.name for knob in OPTIONS[table]}
        return kind(**{key: value for key, value in self.tables[table].items() if key in names})  # type: ignore[arg-type]

    def raw(self) -> Raw:
        """Return plain tables that resolve to this spec again."""
        preset = {"preset": dict(self.preset)} if self.preset else {}
        return deepcopy({**preset, **{name: dict(table) for name, table in self.tables.items()}})


def loads(text: str, where: str) -> Raw:
    """Return the tables of a TOML text, unchecked.

    Raises:
        TuilabError: it is not TOML; the message has line and column.
    """
    try:
        return tomllib.loads(text)
    except ValueError as error:  # also a number of more digits than Python reads
        raise TuilabError(f"{where} is not valid TOML: {str(error).rstrip('.')}.") from error
    except RecursionError as error:
        raise TuilabError(f"{where} is not valid TOML: it is nested too deeply.") from error


def dumps(spec: Spec) -> str:
    """Return the spec as TOML; `resolve(loads(dumps(spec)))` gives it back."""
    return toml.dumps(spec.raw())


def trusted(text: str) -> Spec:
    """Return a spec that `dumps` wrote, without a catalogue to check it against."""
    tables = tomllib.loads(text)
    preset = tables.pop("preset", {})
    return Spec(tables, preset)
