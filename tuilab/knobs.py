"""One knob of a component: its type, range, default and phrase, and how a value for it is read.

Values are what TOML holds: bool, int, float, str, lists of them, tables. "Off" and
"auto" are words that a knob admits beside numbers, so that every default can be
spelled out in a file: TOML has no null.
"""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from tuilab.errors import TuilabError, nearest

Value = bool | int | float | str | list[Any] | dict[str, Any]


@dataclass(frozen=True, slots=True)
class Knob:
    """What an annotation adds to a type: `Annotated[int, Knob("units a layer", 1, 4096)]`."""

    about: str
    low: float | None = None
    """The smallest value allowed, inclusive; for a list, of each element."""
    high: float | None = None


_PHRASES = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "str": "a text",
    "ints": "a list of whole numbers, like [64, 64]",
    "floats": "a list of numbers, like [0.9, 0.99]",
    "strs": 'a list of texts, like ["a", "b"]',
    "table": "a table, like { name = value }",
    "tables": 'a list of tables, like [{ layer = "linear", width = 64 }]',
}

_LONG, _TOO_LONG = 10_000, 10**15
"""A whole bound between them is read in groups of three digits; beyond, its power of ten is."""


@dataclass(frozen=True, slots=True)
class Field:
    """A knob as read off a signature; it validates and reads values."""

    name: str
    kinds: tuple[str, ...]
    """Among int, float, bool, str, ints, floats, strs, table, tables."""
    words: tuple[str, ...]
    """Words admitted beside the kinds; alone, they make a choice."""
    default: Any
    about: str
    low: float | None = None
    high: float | None = None

    def check(self, value: Any) -> Value:
        """Return the value as this knob's type.

        Raises:
            TuilabError: wrong type, unknown word or out of range; the message
                says what is allowed, not where: the caller knows the key.
        """
        if isinstance(value, str) and value in self.words:
            return value
        for kind in self.kinds:
            fitting: Value | None = _as_kind(kind, value)
            if fitting is not None:
                self._check_range(fitting)
                return fitting
        if isinstance(value, str) and self.words and not self.kinds:
            raise TuilabError(f"there is no {value!r} here. {nearest(value, self.words)}")
        raise TuilabError(f"{_shown(value)} is not {self.expected}.")

    def read(self, text: str) -> Value:
        """Return the value that a person typed, as a form or `--set` gives it.

        The text is TOML where it parses as such (`3e-3`, `[64, 64]`, `true`) and
        otherwise itself, so that words need no quotes.

        Raises:
            TuilabError: as `check`.
        """
        text = text.strip()
        if text in self.words or self.kinds == ("str",):
            return self.check(text)
        try:
            typed = tomllib.loads(f"value = {text}")
        except (ValueError, RecursionError):  # not TOML, or more digits or brackets than Python reads
            typed = {}
        return self.check(typed["value"] if list(typed) == ["value"] else _lenient_number(text))

    @property
    def expected(self) -> str:
        """What is allowed, as a phrase: "a whole number from 1 to 4096"."""
        phrases = [_PHRASES[kind] + self._range_phrase(kind) for kind in self.kinds]
        if self.words:
            phrases.append(" or ".join(repr(word) for word in self.words))
        return ", or ".join(phrases)

    def _range_phrase(self, kind: str) -> str:
        if kind not in ("int", "float", "ints", "floats") or (self.low is None and self.high is None):
            return ""
        each = ", each" if kind.endswith("s") else ""
        if self.high is None:
            assert self.low is not None
            return f"{each or ','} {_bound(self.low)} or more"
        if self.low is None:
            return f"{each or ','} at most {_bound(self.high)}"
        return f"{each} from {_bound(self.low)} to {_bound(self.high)}"

    def _check_range(self, value: Value) -> None:
        for number in value if isinstance(value, list) else [value]:
            if isinstance(number, bool) or not isinstance(number, int | float):
                continue
            if not math.isfinite(number):
                raise TuilabError(f"{number} is not a finite number; expected {self.expected}.")
            too_low = self.low is not None and number < self.low
            if too_low or (self.high is not None and number > self.high):
                raise TuilabError(f"{_shown(number)} is out of range; expected {self.expected}.")

    def to_json(self) -> dict[str, Any]:
        """Return the field as plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> "Field":
        """Rebuild a field from `to_json`."""
        return cls(**{**raw, "kinds": tuple(raw["kinds"]), "words": tuple(raw["words"])})


def show(value: Value) -> str:
    """Return a value as a form shows it: TOML without quotes around plain words.

    >>> show(0.003), show([64, 64]), show(True), show("relu")
    ('0.003', '[64, 64]', 'true', 'relu')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "[" + ", ".join(_shown(item) for item in value) + "]"
    return value if isinstance(value, str) else _shown(value)


def _shown(value: Any) -> str:
    """Return a value as it would stand in a TOML file."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return repr(value)
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_shown(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list):
        return show(value)
    return f"{value:g}" if isinstance(value, float) and float(f"{value:g}") == value else str(value)


def _bound(value: float) -> str:
    """Return an end of a range, exact to its last digit.

    >>> _bound(1e-9), _bound(4096), _bound(1 << 20)
    ('1e-09', '4096', '1,048,576')
    """
    if float(value).is_integer() and _LONG <= abs(value) < _TOO_LONG:
        return f"{int(value):,}"
    return _shown(value)


def _lenient_number(text: str) -> Any:
    """Return the number a person meant by `.5` or `1_000`, or the text itself."""
    try:
        return float(text)
    except ValueError:
        return text


def _as_kind(kind: str, value: Any) -> Any:
    """Return the value as that kind, or None where it is not of it.

    A whole float is an int (`steps = 1e4`): nothing is lost. A bool never is a number.
    """
    if kind in ("ints", "floats", "strs", "tables"):
        if not isinstance(value, list):
            return None
        items = [_as_kind(kind[:-1], item) for item in value]
        return None if any(item is None for item in items) else items
    if isinstance(value, bool):
        return value if kind == "bool" else None
    if kind == "int" and isinstance(value, float) and value.is_integer():
        return int(value)
    if kind == "float" and isinstance(value, int):
        try:
            return float(value)
        except OverflowError:
            return None
    wanted: dict[str, type] = {"int": int, "float": float, "str": str, "table": dict}
    return value if kind in wanted and isinstance(value, wanted[kind]) else None
