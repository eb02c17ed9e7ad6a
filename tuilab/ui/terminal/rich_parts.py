"""What lines are made of: the two Rich classes of Textual's line API, named in this one place."""

from rich.segment import Segment  # noqa: TID251  a Strip is a list of these
from rich.style import Style as CellStyle  # noqa: TID251  and each carries one of these

__all__ = ["CellStyle", "Segment"]
