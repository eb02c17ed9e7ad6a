"""Where the parts of a form stand: rows of knobs to lines of text with styles.

Pure arithmetic: values start in one column, what does not fit ends in an ellipsis,
and a problem is spelled out whole beneath its field, wrapped.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tuilab.ui.screens.lab_row import Row
from tuilab.ui.terminal.cells import cells, cut, filled, wrapped

Part = tuple[str, str]
"""Text and its style."""

MARK_WIDTH = 2
LABEL_WIDTH = 16
"""The longest of the common knobs, "checkpoint_every": values stand in one column across panes."""
VALUE_WIDTH = 19
"""Where there is room for a phrase beside the value."""
LEAST_PHRASE = 18
"""Columns below which a phrase beside the value is not worth having."""

CHANGED, PROBLEM, OPENS, EMPTY = "●", "✗", "▼", "–"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a form."""

    row: int
    """Which knob it belongs to; -1 for a blank."""
    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        """The line without styles."""
        return "".join(text for text, _ in self.parts)


@dataclass(frozen=True, slots=True)
class Columns:
    """Where a form of this width has its columns."""

    label: int
    value: int
    phrase: int
    """0: there is no room for one."""

    @property
    def value_at(self) -> int:
        """The column where values start."""
        return MARK_WIDTH + self.label + 1

    @classmethod
    def of(cls, width: int, rows: Sequence[Row]) -> "Columns":
        """Divide a width."""
        longest = max((len(row.label) for row in rows), default=0)
        label = max(longest, LABEL_WIDTH) if width >= 36 else min(longest, max(width // 2 - MARK_WIDTH, 1))
        rest = max(width - MARK_WIDTH - label - 1, 1)
        phrase = rest - VALUE_WIDTH - 2
        if phrase < LEAST_PHRASE:
            return cls(label, rest, 0)
        return cls(label, VALUE_WIDTH, phrase)


def lay_out(rows: Sequence[Row], width: int, cursor: int) -> list[Line]:
    """Return the lines of a form; `cursor` is the row that is being looked at, -1 for none."""
    columns = Columns.of(width, rows)
    lines: list[Line] = []
    for number, row in enumerate(rows):
        if row.starts_table and number > 0:
            lines.append(Line(-1, ()))
        lines.append(Line(number, tuple(_parts(row, columns, number == cursor))))
        if row.problem:
            lines += _problem_lines(number, row.problem, width)
    return lines


def first_clause(text: str, width: int) -> str:
    """Return a phrase up to its first semicolon or colon, where the whole has no room.

    >>> first_clause("samples in a step; full: the whole set", 20)
    'samples in a step'
    >>> first_clause("auto: what is fastest here; off: plain PyTorch", 20)
    'auto: what is fastest here; off: plain PyTorch'
    """
    clause = text.partition(";")[0].partition(":")[0]
    # A word that stands before a colon is one of several: alone it says nothing.
    return text if len(text) <= width or " " not in clause or clause.startswith("{") else clause


def _parts(row: Row, columns: Columns, chosen: bool) -> Iterator[Part]:
    if row.problem:
        yield f"{PROBLEM} ", "bold $error"
    elif row.changed:
        yield f"{CHANGED} ", "$accent"
    else:
        yield "  ", ""
    label_style = "bold" if row.names_component else "$text-muted"
    yield filled(row.label, columns.label) + " ", label_style
    value = _value(row, columns.value, chosen)
    yield value, _value_style(row)
    if columns.phrase:
        yield " " * (columns.value - cells(value) + 2), ""
        yield cut(first_clause(row.about, columns.phrase), columns.phrase), "$text-muted"


def _value(row: Row, width: int, chosen: bool) -> str:
    text = row.text or EMPTY
    if row.names_component:
        return f"{cut(text, width - 2)} {OPENS}"
    if chosen and row.choices:
        return f"← {cut(text, width - 4)} →"
    return cut(text, width)


def _value_style(row: Row) -> str:
    if row.problem:
        return "bold $error"
    if row.changed:
        return "bold $accent"
    if row.names_component:
        return "bold"
    return "$text-muted" if row.default else ""


def _problem_lines(number: int, problem: str, width: int) -> Iterator[Line]:
    """Wrap a message beneath its field."""
    for text in wrapped(problem, max(width - 2 * MARK_WIDTH, 8)):
        yield Line(number, ((" " * (2 * MARK_WIDTH), ""), (text.strip(), "$error")))
