"""A draft: an experiment while a person works on it.

It holds the tables as they stand, the texts that could not be read, and what is
wrong with both. Everything here is plain values, so the lab can be tested without
a terminal.
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from tuilab import origins
from tuilab.catalog import Catalog
from tuilab.errors import Problem, SpecError, TuilabError
from tuilab.knobs import Field, Value, show
from tuilab.resolve import field_of, fields_of, overlay
from tuilab.spec import COMPONENTS, Raw, Spec
from tuilab.ui.screens.lab_row import Row
from tuilab.ui.screens.lab_tables import PANES, resolved, standing

_LENGTHS = ("steps", "epochs")
"""Two keys of [train] that take each other back."""


class Draft:
    """A preset and what has been changed in it."""

    def __init__(self, base: Raw, catalog: Catalog) -> None:
        self.catalog = catalog
        self.base = base
        self.raw: Raw = deepcopy(base)
        self.spec: Spec | None = None
        """The whole experiment, where nothing is wrong."""
        self.problems: dict[str, str] = {}
        """What is wrong, by dotted key; "" is the experiment as a whole."""
        self._unread: dict[str, tuple[str, str]] = {}
        self._stash: dict[tuple[str, str], dict[str, Any]] = {}
        self._past: list[tuple[Raw, dict[str, tuple[str, str]]]] = []
        self._reported: dict[str, str] = {}
        self._base_spec = resolved(base, catalog)[0]
        self._review()

    def rows(self, pane: str) -> list[Row]:
        """Return the knobs of a pane, in order."""
        return [row for table in PANES[pane] for row in self._table_rows(table)]

    def all_rows(self) -> Iterator[Row]:
        """Yield the knobs of all panes."""
        for pane in PANES:
            yield from self.rows(pane)

    def value(self, key: str) -> Any:
        """Return the value that stands at a key; None where there is no such knob now."""
        table, _, knob = key.partition(".")
        if self.spec is not None:
            return self.spec.tables[table].get(knob)
        return standing(self.raw, key, self.catalog)

    @property
    def changes(self) -> list[str]:
        """What differs from the preset, as "model.width = [64]"."""
        rows = (row for row in self.all_rows() if row.changed)
        return [f"{row.key.removesuffix('.name')} = {row.text or '(none)'}" for row in rows]

    def set(self, key: str, text: str) -> None:
        """Put what was typed at a key; what cannot be read stays there with its problem."""
        try:
            value = field_of(self.raw, key, self.catalog).read(text)
        except TuilabError as error:
            self._unread[key] = (text, str(error))
        else:
            self._unread.pop(key, None)
            self._put(key, value)
        self._reported = {}
        self._review()

    def reset(self, key: str, to_default: bool = False) -> None:
        """Put a key back to what the preset says, or to the component's default."""
        table, _, knob = key.partition(".")
        self._unread.pop(key, None)
        if knob == "name":
            name = self.base.get(table, {}).get("name")
            self._put(key, name) if name else self.raw.pop(table, None)
        else:
            given = self.raw.setdefault(table, {})
            knobs = _LENGTHS if table == "train" and knob in _LENGTHS else (knob,)
            for each in knobs:
                given.pop(each, None)
                if not to_default and each in self.base.get(table, {}) and self._same_component(table):
                    given[each] = deepcopy(self.base[table][each])
        self._reported = {}
        self._review()

    def report(self, problems: Mapping[str, str]) -> None:
        """Take in what the worker found wrong with the experiment as it stands."""
        self._reported = dict(problems)
        self._review()

    def ask_again(self) -> None:
        """Forget what the worker found of the run that this one starts from: it may be there by now."""
        if origins.KEY in self._reported:
            self.report({})

    def remember(self) -> None:
        """Keep the present state, so that `undo` comes back to it."""
        self._past.append((deepcopy(self.raw), dict(self._unread)))

    def undo(self) -> bool:
        """Go back to the state that was last remembered; return whether there was one that differs."""
        while self._past:
            raw, unread = self._past.pop()
            if (raw, unread) != (self.raw, self._unread):
                self.raw, self._unread, self._reported = raw, unread, {}
                self._review()
                return True
        return False

    @property
    def standing(self) -> dict[str, Any]:
        """All that was changed, as plain values that `take_up` understands."""
        unread = {key: list(problem) for key, problem in self._unread.items()}
        return {"raw": deepcopy(self.raw), "unread": unread}

    def take_up(self, raw: Raw, unread: Mapping[str, tuple[str, str]]) -> None:
        """Go on where an earlier launch was left; what the preset says can be come back to."""
        self.remember()
        self.raw, self._unread, self._reported = deepcopy(raw), dict(unread), {}
        try:
            self._review()
        except Exception:
            self.undo()  # written by another version: the preset as it is
            raise

    def to_run(self) -> Spec:
        """Return the experiment as a run gets it: what a changed preset promised no longer binds.

        Raises:
            SpecError: something is wrong with it.
        """
        if self.spec is None:
            raise SpecError([Problem(key, message) for key, message in self.problems.items()])
        if not self.changes:
            return self.spec
        return Spec(self.spec.tables, {k: v for k, v in self.spec.preset.items() if k != "expect"})

    def to_save(self, about: str) -> Spec:
        """Return the experiment as a preset of one's own.

        Raises:
            SpecError: something is wrong with it.
        """
        kept = self.to_run()
        watch = kept.preset.get("watch", "")
        preset: dict[str, Value] = {"group": "your own", "about": about}
        return Spec(kept.tables, {**preset, "watch": watch} if watch else preset)

    def _put(self, key: str, value: Any) -> None:
        """Set a value; another component brings the knobs it had when it was last chosen."""
        table, _, knob = key.partition(".")
        if knob != "name":
            self.raw = overlay(self.raw, {table: {knob: value}})
            return
        before = standing(self.raw, key, self.catalog)
        if value == before:
            return
        self._stash[table, str(before)] = deepcopy(self.raw.get(table, {}))
        self.raw = overlay(self.raw, {table: {"name": value}})
        known = self._stash.get((table, value))
        if known is None and self.base.get(table, {}).get("name") == value:
            known = self.base[table]
        if known:
            # Options beside the knobs stay as they are now.
            own = {field.name for field in self.catalog.card(COMPONENTS[table], value).fields}
            self.raw[table].update({k: deepcopy(v) for k, v in known.items() if k in own})
        for unread in [k for k in self._unread if k.startswith(f"{table}.")]:
            del self._unread[unread]

    def _table_rows(self, table: str) -> Iterator[Row]:
        for number, field in enumerate(self._fields(table)):
            key = f"{table}.{field.name}"
            value = self.value(key)
            text = self._unread[key][0] if key in self._unread else "" if value is None else show(value)
            label = table if field.name == "name" else field.name
            if number == 0 and field.name != "name" and table not in PANES:
                label = f"{table}.{field.name}"
            yield Row(
                key,
                label,
                text,
                field,
                self._about(table, field, text),
                changed=key in self._unread or self._differs(key, value),
                default=value == field.default and field.name != "name",
                default_text="" if field.name == "name" else show(field.default),
                preset_text=self._preset_text(key),
                problem=self.problems.get(key, ""),
                starts_table=number == 0,
            )

    def _preset_text(self, key: str) -> str:
        if not key.endswith(".name") and not self._same_component(key.partition(".")[0]):
            return ""
        value = standing(self.base, key, self.catalog)
        return "" if value is None else show(value)

    def _about(self, table: str, field: Field, text: str) -> str:
        card = self.catalog.cards[COMPONENTS[table]].get(text) if field.name == "name" else None
        return card.about if card else field.about

    def _fields(self, table: str) -> list[Field]:
        try:
            return fields_of(self.raw, table, self.catalog)
        except TuilabError:  # a component that is not here: only its name can be mended
            return [field_of(self.raw, f"{table}.name", self.catalog)]

    def _differs(self, key: str, value: Any) -> bool:
        table, _, knob = key.partition(".")
        if knob != "name" and not self._same_component(table):
            return False  # a knob of another component than the preset's: its name is the change
        if self._base_spec is not None:
            return bool(value != self._base_spec.tables[table].get(knob))
        return bool(value != standing(self.base, key, self.catalog))

    def _same_component(self, table: str) -> bool:
        if table not in COMPONENTS:
            return True
        key = f"{table}.name"
        return bool(standing(self.raw, key, self.catalog) == standing(self.base, key, self.catalog))

    def _review(self) -> None:
        self.spec, found = resolved(self.raw, self.catalog)
        unread = {key: message for key, (_, message) in self._unread.items()}
        self.problems = {**self._reported, **found, **unread}
        if self.problems:
            self.spec = None
