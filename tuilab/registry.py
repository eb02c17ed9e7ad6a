"""Components and their knobs: a signature is the form.

A component is a class or function whose keyword-only, annotated arguments are
its knobs. From that one signature come the form in the lab, validation, the
range, the help line and the TOML keys. A `Card` is all of that without the
code, so that the screen can hold it without loading torch.
"""

import inspect
import re
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Generic, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from tuilab.errors import UnknownName
from tuilab.knobs import Field, Knob

T = TypeVar("T")

_NAME = re.compile(r"\w[\w.-]*")
"""Of a component: it is typed in a shell, and stands in files."""

_EXAMPLE = 'as in {}: Annotated[int, Knob("what it is", 1, 4096)] = 32'

_KINDS = {int: "int", float: "float", bool: "bool", str: "str", dict: "table"}


class RegistrationError(ValueError):
    """Something was registered that nothing can be made of; a programmer's error, so not a TuilabError."""


@dataclass(frozen=True, slots=True)
class Card:
    """What can be known of a component without importing it."""

    name: str
    about: str
    """The first line of the docstring."""
    doc: str
    """The docstring, whole."""
    source: str
    """The paper or page that defines it."""
    fields: tuple[Field, ...]
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What its kind adds: tasks it fits, licence, sizes. Plain JSON values."""

    def __getitem__(self, knob: str) -> Field:
        for candidate in self.fields:
            if candidate.name == knob:
                return candidate
        raise UnknownName(f"knob of {self.name}", knob, (f.name for f in self.fields))

    def to_json(self) -> dict[str, Any]:
        """Return the card as plain values."""
        return {
            "name": self.name,
            "about": self.about,
            "doc": self.doc,
            "source": self.source,
            "fields": [knob.to_json() for knob in self.fields],
            "facts": dict(self.facts),
        }

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> "Card":
        """Rebuild a card from `to_json`."""
        fields = tuple(Field.from_json(knob) for knob in raw["fields"])
        return cls(raw["name"], raw["about"], raw["doc"], raw["source"], fields, raw["facts"])


@dataclass(frozen=True, slots=True)
class Entry(Generic[T]):
    """A card together with the thing itself."""

    card: Card
    build: Callable[..., T]

    @property
    def name(self) -> str:
        """The name users type."""
        return self.card.name


class Registry(Generic[T]):
    """The components of one kind, by name, in the order they were registered."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        """Singular, as it stands in messages: "model"."""
        self._entries: dict[str, Entry[T]] = {}

    def register(
        self, name: str = "", *, source: str = "", **facts: Any
    ) -> Callable[[Callable[..., T]], Any]:
        """Return a decorator that enters a class or function under `name`.

        Args:
            name: what users type; unique within the kind.
            source: the paper or page that defines the thing; must be given.
            facts: plain JSON values that its kind adds to the card.

        Raises:
            RegistrationError: the name is none or taken, there is no source or docstring, or a knob has
                no type, no range phrase or no default.
        """
        if not isinstance(name, str) or not _NAME.fullmatch(name) or not source:
            many = {"loss": "losses"}.get(self.kind, f"{self.kind}s")
            raise RegistrationError(
                "register takes a name of letters, digits and dashes, and a source: "
                f'@{many}.register("my-{self.kind}", source="where it is from").'
            )

        def enter(build: Callable[..., T]) -> Callable[..., T]:
            if name in self._entries:
                there = self._entries[name].build
                where = (
                    "in tuilab itself" if there.__module__.startswith("tuilab.") else f"of {_place(there)}"
                )
                raise RegistrationError(
                    f"there is a {self.kind} {name!r} {where} already. Choose another name."
                )
            doc = inspect.cleandoc(build.__doc__ or "")
            if not doc:
                raise RegistrationError(f"the {self.kind} {name!r} has no docstring to describe it.")
            card = Card(name, doc.splitlines()[0], doc, source, knobs_of(build), facts)
            self._entries[name] = Entry(card, build)
            return build

        return enter

    def __getitem__(self, name: str) -> Entry[T]:
        if name not in self._entries:
            raise UnknownName(self.kind, name, self._entries, "One of your own needs its file: --zoo FILE.")
        return self._entries[name]

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __iter__(self) -> Iterator[Entry[T]]:
        return iter(self._entries.values())

    def __len__(self) -> int:
        return len(self._entries)


def _place(build: Callable[..., Any]) -> str:
    """Return the file that holds a component, without its folder."""
    return Path(inspect.getfile(build)).name


def knobs_of(build: Callable[..., Any]) -> tuple[Field, ...]:
    """Read the knobs off a signature's keyword-only arguments.

    Raises:
        RegistrationError: an argument lacks its `Knob`, its default or a known type.
    """
    owner = build.__init__ if inspect.isclass(build) else build
    hints = get_type_hints(owner, include_extras=True)
    fields = []
    for parameter in inspect.signature(build).parameters.values():
        where = f"{build.__qualname__}({parameter.name})"
        hint = hints.get(parameter.name)
        if parameter.kind is not inspect.Parameter.KEYWORD_ONLY:
            if any(isinstance(note, Knob) for note in get_args(hint)):
                raise RegistrationError(
                    f"{where}: knobs stand behind a bare *, as in (task, *, {parameter.name})."
                )
            continue
        if get_origin(hint) is not Annotated:
            raise RegistrationError(
                f"{where}: a knob needs a type and a Knob, {_EXAMPLE.format(parameter.name)}."
            )
        kind, *notes = get_args(hint)
        knob = next((note for note in notes if isinstance(note, Knob)), None)
        if knob is None or parameter.default is inspect.Parameter.empty:
            raise RegistrationError(
                f"{where}: a knob needs a Knob and a default, {_EXAMPLE.format(parameter.name)}."
            )
        kinds, words = _kinds(kind, where)
        # A tuple is how a signature writes an immutable list.
        default = list(parameter.default) if isinstance(parameter.default, tuple) else parameter.default
        fields.append(Field(parameter.name, kinds, words, default, knob.about, knob.low, knob.high))
    return tuple(fields)


def _kinds(hint: Any, where: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the value kinds and the words that an annotation admits."""
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        parts = [_kinds(part, where) for part in get_args(hint)]
        return tuple(k for kinds, _ in parts for k in kinds), tuple(w for _, words in parts for w in words)
    if origin is Literal:
        return (), tuple(str(word) for word in get_args(hint))
    if origin in (list, tuple, Sequence):
        item = get_args(hint)[0]
        item = get_origin(item) or item  # dict[str, Any] is a dict
        if item in (int, float, str, dict):
            return (f"{_KINDS[item]}s",), ()
    if hint in _KINDS:
        return (_KINDS[hint],), ()
    if origin is dict:
        return ("table",), ()
    raise RegistrationError(f"{where}: {hint} is not a kind of value that a TOML file can hold here.")
