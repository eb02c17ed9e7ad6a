"""What lines are made of: the two Rich classes of Textual's line API, named in this one place, and cells."""

from rich.cells import cell_len as cell_count  # noqa: TID251  how Textual counts cells
from rich.segment import Segment  # noqa: TID251  a Strip is a list of these
from rich.style import Style as CellStyle  # noqa: TID251  and each carries one of these

__all__ = ["CellStyle", "Segment", "cell_count"]
