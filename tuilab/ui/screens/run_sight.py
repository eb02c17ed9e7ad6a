"""A sight: a picture among the charts that is not curves, and how it is asked for."""

from typing import NamedTuple, Protocol

from tuilab.charts.frame import Frame
from tuilab.charts.xmap import XMap
from tuilab.ui.widgets.lens import Lens


class Asked(NamedTuple):
    """How a picture is asked for."""

    lens: Lens
    span: tuple[float, float]
    """Ends of the x axis, for what has steps."""
    xmap: XMap
    """From steps to that axis."""
    size: tuple[int, int]
    """Columns and rows."""
    held: tuple[float, float] | None
    """Limits of the frame before, kept while they serve."""


class Sight(Protocol):
    """Something that can be drawn at any size."""

    def drawn(self, asked: Asked) -> Frame:
        """Draw it."""
        ...
