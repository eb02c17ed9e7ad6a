"""View and curves: what a line chart is asked to show."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tuilab.charts.buckets import Floats
from tuilab.charts.series import Series
from tuilab.charts.xmap import STEPS, XMap


@dataclass(frozen=True, slots=True)
class Curve:
    """One series in a chart, and how to tell it from the others; equal where all of it is."""

    name: str
    series: Series
    style: int = 0
    """Colour slot."""
    dash: int = 0
    """0 solid, 1 dashed, 2 dotted, 3 dash-dot."""
    letter: str = ""
    """One character that stands on the line every so often."""
    smoothing: float = 0.0
    """Weight of the past, 0 to below 1, in the mean that the line follows; 0 is each column's own mean."""
    dim: bool = False
    """Drawn in the background, as a run to compare with."""
    kind: str = "line"
    """"line", or "points" for a series of few values, each of which is marked."""
    xmap: XMap = STEPS
    """From steps to what the x axis shows."""


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """What of a chart is shown, and how large."""

    width: int
    """Columns of the whole chart."""
    height: int
    """Rows of the whole chart."""
    x0: float
    x1: float
    """X from and to, both included, in the units of `x_mode`."""
    x_mode: str = "step"
    """"step", "epoch", "samples" or "time": how x is written. Curves bring the map itself."""
    x_scale: str = "linear"
    """"linear" or "log"; what lies before 1 joins the first column of a logarithmic one."""
    y_scale: str = "linear"
    """"linear" or "log"."""
    y_limits: tuple[float, float] | None = None
    """Exactly these; left out, or not above zero on a logarithmic axis: round limits for what is visible."""
    y_held: tuple[float, float] | None = None
    """Limits of the frame before, kept while they serve."""
    robust: bool = False
    """Limits from the 1st to the 99th percentile; what lies outside is marked by arrows."""
    glyphs: str = "braille"
    """Rung of the ladder: "braille", "quadrant", "half" or "ascii"."""
    title: str = ""
    legend: bool = True
    """Whether the first row names the curves."""
    cursor: float | None = None
    """X whose column is read."""
    flags: Sequence[tuple[int, str]] | None = None
    """Steps, each with a kind of `marks.FLAGS` or a character; a row is kept for them unless None."""
    planned: Callable[[Floats], Floats] | None = None
    """Values at given steps, drawn dim after the newest row of the first curve."""
