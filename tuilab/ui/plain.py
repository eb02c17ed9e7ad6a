"""One frame of a run as text, at any size: the screen of the same size, without its keys.

For logs, for pipes, for a reader who wants one look. Every row comes from the
functions that the screen's widgets call, so the two cannot tell different things.
"""

import itertools
from collections import deque
from collections.abc import Sequence

from tuilab.charts.frame import Frame
from tuilab.runs import Run
from tuilab.ui.plain_paint import row_text
from tuilab.ui.plain_read import Seen, see
from tuilab.ui.screens.run_panels import MOST_FLAGS, flags_of
from tuilab.ui.terminal.abilities import replacements
from tuilab.ui.widgets.advice import advice
from tuilab.ui.widgets.board_layout import FLAT, LOW, SLIM, arrangement, page
from tuilab.ui.widgets.chart_colours import ROLES
from tuilab.ui.widgets.chart_overlay import legend
from tuilab.ui.widgets.chart_pictures import Pictures
from tuilab.ui.widgets.event_text import briefly, event_rows
from tuilab.ui.widgets.lens import Lens
from tuilab.ui.widgets.picture import Picture, drawn, head, head_rows
from tuilab.ui.widgets.pieces import Piece, clean
from tuilab.ui.widgets.status_text import bar_row, status_row
from tuilab.ui.widgets.tab_text import tab_entries

Row = list[Piece]

_KEYS = 1
"""Rows that the screen's keys take, where there is room for them; they are left out here."""

_GUTTER = 2
"""Columns between two charts, as the board has them."""


def frame(
    run: Run,
    width: int,
    height: int,
    glyphs: str = "braille",
    colour: bool = False,
    charts: Sequence[str] = (),
    others: Sequence[Run] = (),
) -> list[str]:
    """Return a run's state, charts and last events as at most `height` rows.

    Args:
        run: what to show, live or old.
        width: columns.
        height: rows.
        glyphs: "braille", "quadrant", "half" or "ascii".
        colour: whether escape codes for colours may be used.
        charts: keys of the charts wanted; none means those that the screen would show.
        others: runs drawn in the same charts.

    Raises:
        UnknownName: the run has no such chart.
        TuilabError: the directory holds something else than a run.
    """
    seen = see(run, charts, others)
    margin = 0 if width < SLIM else 1
    inner = max(width - 2 * margin, 1)
    rows = _rows(seen, inner, height, seen.memory.lens(glyphs))
    plain, space = replacements(glyphs), [(" " * margin, "")]
    texts = [row_text([*space, *row], width - margin, plain, colour) for row in rows[:height]]
    while texts and not texts[-1]:
        texts.pop()
    return texts


def _rows(seen: Seen, width: int, height: int, lens: Lens) -> list[Row]:
    """Lay the rows out as the screen's stylesheet does."""
    flat, low = height + _KEYS < FLAT, height + _KEYS < LOW
    top = [status_row(seen.status, clean(seen.run.id), width), bar_row(seen.status, None, width)]
    top = top[: 1 if flat else 2]
    if said := advice(seen.status, seen.events, width, keys=False):
        top.append(list(said))
    most = 0 if flat else 4 if low else 8
    named = briefly(seen.events)[-max(most, 1) :]
    events = [row for event in named for row in event_rows(event, width)][-most:]
    below: list[Row] = [] if flat else [*([[]] * (not low)), *events, *([[]] * (most - len(events)))]
    room = height - len(top) - len(below)
    columns, lines = arrangement(width, room - bool(seen.others.shown), len(seen.panels))
    if not flat and columns * lines < len(seen.panels):
        # Not all charts are in sight: they are named in a row above, which takes one from the charts.
        entries = tab_entries(seen.panels, 0, seen.feed.series, width)
        top.append([piece for entry in entries for piece in entry])
        room -= 1
    return [*top, *_board(seen, width, room, lens), *below]


def _board(seen: Seen, width: int, height: int, lens: Lens) -> list[Row]:
    """Return the charts that there is room for, in a grid; above them which letter is which run."""
    pictures = Pictures(seen.feed)
    pictures.status = seen.status
    pictures.beside(seen.others.shown, seen.others.name)
    legends = [legend(pictures.shown, width)] if seen.others.shown else []
    height -= len(legends)
    if height < 1 or not seen.panels:
        return legends
    columns, lines = arrangement(width, height, len(seen.panels))
    lens = pictures.known(lens)
    pictures.flags = tuple(deque(flags_of(seen.events), maxlen=MOST_FLAGS))
    whole = pictures.whole(seen.panels, lens)
    shown = page(0, len(seen.panels), columns * lines)
    charts = [
        pictures.picture(
            seen.panels[number],
            lens,
            whole,
            number=number + 1,
            chosen=number == 0,
            logarithmic=seen.memory.log,
        )
        for number in shown
    ]
    rows: list[Row] = legends
    for line, share in enumerate(_shares(height, lines)):
        beside = charts[line * columns : (line + 1) * columns]
        widths = _shares(width - _GUTTER * (columns - 1), columns)
        if 0 < len(beside) < columns:  # the last chart has what is left of its row
            widths[len(beside) - 1 :] = [sum(widths[len(beside) - 1 :]) + _GUTTER * (columns - len(beside))]
        parts = [_chart(picture, lens, each, share) for picture, each in zip(beside, widths, strict=False)]
        for y in range(share):
            cells = [part[y] for part in parts]
            rows.append([piece for cell in cells for piece in (*cell, (" " * _GUTTER, ""))][:-1])
    return rows


def _shares(whole: int, parts: int) -> list[int]:
    """Return a length in parts as even as whole cells allow."""
    edges = [whole * part // parts for part in range(parts + 1)]
    return [right - left for left, right in itertools.pairwise(edges)]


def _chart(picture: Picture, lens: Lens, width: int, height: int) -> list[Row]:
    """Return a chart with its header, each row of exactly this width."""
    above = head_rows(picture, lens, width, height)
    body = drawn(picture, lens, width, height - above) if height > above else None
    top = head(picture, body, lens, width, above)
    for row in top:
        row.append((" " * (width - sum(len(text) for text, _ in row)), ""))
    return [*top, *(_painted(body) if body else ())]


def _painted(body: Frame) -> list[Row]:
    """Return a frame's rows as pieces."""
    return [[(text, ROLES[style]) for text, style in body.pieces(y)] for y in range(len(body.chars))]
