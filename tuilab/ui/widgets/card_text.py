"""A component in words: what it is, where it comes from, what can be set."""

from textual.content import Content

from tuilab.knobs import Field, show
from tuilab.registry import Card

_SHOWN_FACTS = ("task", "tasks", "rows", "unit", "shape", "licence", "where")
_QUIET = "$text-muted"


def card_text(card: Card) -> Content:
    """Return a page about a component."""
    return Content("\n\n").join([about_text(card), *map(knob_text, card.fields)])


def about_text(card: Card) -> Content:
    """Return the page without the knobs."""
    parts = [Content.assemble((card.name, "bold $accent")), Content(_reflowed(card.doc))]
    facts = [f"{name}  {_plain(card.facts[name])}" for name in _SHOWN_FACTS if card.facts.get(name)]
    if facts:
        parts.append(Content.styled("\n".join(facts), _QUIET))
    if card.source:
        parts.append(Content.assemble(("source  ", _QUIET), card.source))
    return Content("\n\n").join(parts)


def knob_text(field: Field) -> Content:
    """Return what a knob does, what it may be and what it is unless one says otherwise."""
    default = "" if field.default in ("", None) else f" · default {show(field.default)}"
    return Content.assemble(
        (field.name, "bold"), "  ", field.about, "\n", (f"{field.expected}{default}", _QUIET)
    )


def _reflowed(doc: str) -> str:
    r"""Return a docstring as paragraphs that the screen wraps anew, without examples for programmers.

    >>> _reflowed("One line\nand more.\n\n>>> code\n1")
    'One line and more.'
    """
    blocks = [block.splitlines() for block in doc.split("\n\n") if not block.lstrip().startswith(">>>")]
    return "\n\n".join(("\n" if lines[0].startswith(" ") else " ").join(lines) for lines in blocks if lines)


def _plain(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return f"{value:,}" if isinstance(value, int) else str(value)
