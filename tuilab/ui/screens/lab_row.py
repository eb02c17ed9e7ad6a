"""A row: one knob of a draft, as forms and dialogs are given it."""

from dataclasses import dataclass

from tuilab.knobs import Field


@dataclass(frozen=True, slots=True)
class Row:
    """One knob as a form shows it."""

    key: str
    label: str
    text: str
    field: Field
    about: str
    """What the knob means, or what the component is."""
    changed: bool = False
    """It differs from the preset."""
    default: bool = False
    """It has the component's default."""
    default_text: str = ""
    preset_text: str = ""
    """What the preset says, where it speaks of the same component."""
    problem: str = ""
    starts_table: bool = False
    """The first row of its table."""

    @property
    def names_component(self) -> bool:
        """Whether choosing here swaps the knobs below."""
        return self.key.endswith(".name")

    @property
    def choices(self) -> tuple[str, ...]:
        """All that can be chosen, where that is a short list."""
        if self.field.kinds == ("bool",):
            return ("false", "true")
        return () if self.field.kinds else self.field.words
