"""What a model has made of fixed prompts: texts, translations, pictures beside their originals.

The newest look stands first. Pictures that belong together stand side by side and share one scale from
dark to light; they are drawn as large as lets one strip of them fit.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from tuilab.charts.canvas import Glyphs, glyphs_named
from tuilab.charts.frame import Frame, Plot, Style, empty
from tuilab.charts.image import image
from tuilab.charts.letters import fitting, wrapped
from tuilab.charts.paper import Sheet

_GAP, _INNER_GAP = 4, 2
"""Columns between pictures of different samples, and between those of one."""

_SHADES = " ░▒▓█"

_LEAST_WRAP = 8
"""Columns below which text is cut rather than wrapped."""

_SCALES = (2.0, 1.0, 0.5)
"""Columns a pixel, the largest first: a cell is about twice as high as wide."""

Row = list[tuple[str, int]]


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """One thing that the model has made."""

    text: str = ""
    given: int = 0
    """How many characters of it the model was given."""
    right: bool | None = None
    """Whether it is what it should be; None where nothing says."""
    pictures: Mapping[str, NDArray[np.uint8]] = field(default_factory=dict)
    """(rows, columns) each, of one size, by what they are."""


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What was made at one step."""

    step: int
    samples: Sequence[Sample]


@dataclass(frozen=True, slots=True, eq=False)
class SamplesView:
    """How samples are shown."""

    width: int
    height: int
    x: tuple[float, float] = (0.0, 1.0)
    """Ends of the axis that the charts beside have, for a cursor that crosses them all."""
    glyphs: str = "braille"


def samples(view: SamplesView, looks: Sequence[Look]) -> Frame:
    r"""Draw looks from the first on, as far as there is room.

    >>> looks = [Look(20, [Sample("To be or not", given=5)]), Look(10, [Sample("To xq", given=5)])]
    >>> print("\n".join(row.rstrip() for row in samples(SamplesView(20, 4), looks).text()))
    step 20 ────────────
    » To be or not
    step 10 ────────────
    » To xq
    """
    if view.width < 1 or view.height < 1:
        return empty(view.width, view.height)
    sheet, glyphs = Sheet(view.width, view.height), glyphs_named(view.glyphs)
    for y, row in zip(range(view.height), _rows(view, looks, glyphs), strict=False):
        column = 0
        for text, style in row:
            sheet.write(y, column, text, style)
            column += len(text)
    return Frame(sheet.chars, sheet.styles, Plot(0, 0, view.width, view.height, *view.x), (0.0, 1.0))


def _rows(view: SamplesView, looks: Sequence[Look], glyphs: Glyphs) -> Iterator[Row]:
    """Yield row after row; who has no room for more asks for no more."""
    scale = _scale(view, looks)
    for look in looks:
        title = f"step {look.step:,} "
        rule = glyphs.marks.rule * max(view.width - len(title), 0)
        yield [(title, Style.TICK), (rule, Style.AXIS)]
        for pictured, found in groupby(look.samples, lambda sample: bool(sample.pictures)):
            if pictured:
                yield from _strips(view, list(found), scale, glyphs)
            else:
                for sample in found:
                    yield from _text(sample, view.width, glyphs)


def _text(sample: Sample, width: int, glyphs: Glyphs) -> Iterator[Row]:
    """Yield a sample's text, wrapped; what was given is quiet, and a mark says whether it is right."""
    signs = ">+x" if glyphs.ascii else "»✓✗"
    mark = f"{signs[0 if sample.right is None else 1 if sample.right else 2]} "
    role = Style.NONFINITE if sample.right is False else Style.CURSOR
    given = sample.given
    for number, line in enumerate(line for line in sample.text.splitlines() if line.strip()):
        room = width - len(mark)
        shown = fitting(line, glyphs.ascii)
        left = len(fitting(line[: max(given, 0)], glyphs.ascii))
        given -= len(line)
        for part, text in enumerate(wrapped(shown, room) if room >= _LEAST_WRAP else [shown]):
            quiet = text[: max(left, 0)]
            left -= len(text)
            start = (mark, int(role)) if not number and not part else (" " * len(mark), int(Style.BLANK))
            yield [start, (quiet, Style.TEXT), (text[len(quiet) :], Style.BLANK)]


def _strips(view: SamplesView, found: Sequence[Sample], scale: float, glyphs: Glyphs) -> Iterator[Row]:
    """Yield pictures, as many samples side by side as there is room for."""
    blocks = [_block(sample, scale, view.glyphs, glyphs) for sample in found]
    across = _across(view.width, len(blocks[0][0]))
    for first in range(0, len(blocks), across):
        strip = blocks[first : first + across]
        for number, parts in enumerate(zip(*strip, strict=False)):
            yield [((" " * _GAP).join(parts), Style.BLANK if number else Style.TEXT)]


def _block(sample: Sample, scale: float, rung: str, glyphs: Glyphs) -> list[str]:
    """Return the pictures of a sample as rows of characters, their names above."""
    pictures = [np.asarray(picture, np.uint8) for picture in sample.pictures.values()]
    down, across = pictures[0].shape
    columns, rows = max(round(across * scale), 1), max(round(down * scale / 2), 1)
    names = [fitting(name, glyphs.ascii)[:columns].ljust(columns) for name in sample.pictures]
    if scale == _SCALES[0] and not glyphs.ascii:
        drawn = [_shaded(picture) for picture in pictures]
    else:
        drawn = [image(picture, columns, rows, rung, (0, 255)) for picture in pictures]
    return [(" " * _INNER_GAP).join(parts) for parts in [names, *zip(*drawn, strict=True)]]


def _shaded(picture: NDArray[np.uint8]) -> list[str]:
    """Return pixels as shades, two characters each."""
    levels = picture.astype(np.int64) * len(_SHADES) // 256
    return ["".join(2 * _SHADES[level] for level in row) for row in levels.tolist()]


def _scale(view: SamplesView, looks: Sequence[Look]) -> float:
    """Return columns a pixel: the most with which a strip fits, or the fewest."""
    pictures = next((made.pictures for look in looks for made in look.samples if made.pictures), None)
    if pictures is None:
        return 0.0
    down, across = next(iter(pictures.values())).shape
    for scale in _SCALES:
        wide = (round(across * scale) + _INNER_GAP) * len(pictures) - _INNER_GAP
        if wide <= view.width and 2 + round(down * scale / 2) <= view.height:
            return scale
    return _SCALES[-1]


def _across(width: int, block: int) -> int:
    """Return how many blocks stand side by side."""
    return max((width + _GAP) // (block + _GAP), 1)
