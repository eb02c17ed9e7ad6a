"""What lines are made of: the two Rich classes of Textual's line API, named in this one place, and cells."""

from rich.cells import cell_len as cell_count  # how Textual counts cells
from rich.segment import Segment  # a Strip is a list of these
from rich.style import Style as CellStyle  # and each carries one of these

__all__ = ["CellStyle", "Segment", "cell_count"]
