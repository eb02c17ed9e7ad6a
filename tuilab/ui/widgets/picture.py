"""What a chart is to show, and the one way it is drawn: on the screen and in its plain twin alike."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tuilab.charts.frame import Frame
from tuilab.charts.heat import HeatView, heat
from tuilab.charts.line import Curve, View, draw
from tuilab.charts.xmap import STEPS, XMap
from tuilab.ui.screens.run_sight import Asked, Sight
from tuilab.ui.widgets.chart_header import header, header_rows, heading
from tuilab.ui.widgets.lens import Lens
from tuilab.ui.widgets.pieces import Piece

_FLAGGED = 8
"""Rows from which a chart spares one for flags."""


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """What a chart is to show."""

    title: str
    curves: Sequence[Curve]
    whole: tuple[float, float]
    """Ends of the x axis where nothing is zoomed."""
    planned: Callable[[NDArray[np.float64]], NDArray[np.float64]] | None = None
    flags: Sequence[tuple[int, str]] | None = None
    number: int = 0
    """The key that chooses this chart."""
    heat: bool = False
    """Shaded rows instead of curves."""
    logarithmic: bool = False
    """Whether the vertical axis is; of shaded rows: whether their scale is another than the usual."""
    chosen: bool = False
    """Whether keys reach it."""
    sight: Sight | None = None
    """What is drawn instead of curves."""
    xmap: XMap = STEPS
    """From steps to the x axis, for a sight."""


def signature(picture: Picture, lens: Lens) -> object | None:
    """Return what a drawing hangs on: another picture with an equal one looks the same.

    None where it hangs on more: on how the clock goes, or on what is planned.
    """
    if picture.planned or picture.heat or picture.sight or lens.x_mode == "time":
        return None
    versions = [curve.series.version for curve in picture.curves]
    looks = picture.title, picture.number, picture.logarithmic, picture.chosen
    return lens, looks, picture.whole, tuple(picture.flags or ()), tuple(picture.curves), versions


def drawn(
    picture: Picture, lens: Lens, width: int, height: int, held: tuple[float, float] | None = None
) -> Frame:
    """Draw a chart, without the header above it.

    Args:
        picture: What it shows.
        lens: How the reader looks at it.
        width: Cells across.
        height: Cells down.
        held: Limits of the frame before, kept while they serve.
    """
    left, right = lens.window or picture.whole
    if picture.sight is not None:
        return picture.sight.drawn(Asked(lens, (left, right), picture.xmap, (width, height), held))
    if picture.heat:
        rows = HeatView(
            width=width,
            height=height,
            x0=left,
            x1=right,
            x_mode=lens.x_mode,
            xmap=picture.curves[0].xmap if picture.curves else STEPS,
            other_scale=picture.logarithmic,
            held=held,
            glyphs=lens.glyphs,
            cursor=lens.cursor,
        )
        return heat(rows, [(curve.name, curve.series) for curve in picture.curves])
    view = View(
        width=width,
        height=height,
        x0=left,
        x1=right,
        x_mode=lens.x_mode,
        x_scale="log" if lens.x_log else "linear",
        y_scale="log" if picture.logarithmic else "linear",
        y_held=held,
        robust=lens.robust,
        glyphs=lens.glyphs,
        legend=False,
        cursor=lens.cursor,
        flags=picture.flags if height >= _FLAGGED and picture.flags else None,
        planned=picture.planned if lens.x_mode != "time" else None,
    )
    return draw(view, picture.curves)


def head(picture: Picture, frame: Frame | None, lens: Lens, width: int, rows: int) -> list[list[Piece]]:
    """Return the rows above a chart as drawn; without a frame there was no room for one."""
    return header(_heading(picture, lens), _named(picture), frame, lens, width, rows)


def head_rows(picture: Picture, lens: Lens, width: int, height: int) -> int:
    """Return how many of a chart's rows are above what is drawn."""
    return header_rows(_heading(picture, lens), _named(picture), lens, width, height)


def _heading(picture: Picture, lens: Lens) -> list[Piece]:
    log = "log" if picture.logarithmic and not picture.heat else ""  # a heat map names its scale itself
    marks = " ".join(filter(None, (log, lens.marks if picture.chosen else "")))
    return heading(picture.title, picture.number, marks, picture.chosen)


def _named(picture: Picture) -> Sequence[Curve]:
    """Return the curves that the header names; the rows of a heat map are named where they are."""
    return () if picture.heat else picture.curves
