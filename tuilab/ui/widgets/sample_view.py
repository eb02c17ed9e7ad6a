"""Samples of a data set as text: small pictures, a table, points in a plane, a passage, a map of heights."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from textual.content import Content

from tuilab.charts.letters import UNSETTLED
from tuilab.ui.terminal.abilities import glyphs
from tuilab.ui.terminal.cells import cells, cut, filled

_QUIET = "$text-muted"
_SHADES = " ░▒▓█"
"""Readable without colour, and on a terminal of any kind."""
_INKS = " .:*#"
_LETTERS = "ox+*#%@abcdefgh"
_COLOURS = ("$accent", "$primary", "$warning", "$secondary", "$error", "$success")


def sample_content(sample: Mapping[str, Any], width: int) -> Content:
    """Return what a look into a data set found, fitted to a width."""
    rows, shape = sample["rows"], "x".join(map(str, sample["shape"]))
    splits = " · ".join(f"{name} {count:,}" for name, count in rows.items())
    facts = [f"{sample['task']} · shape {shape}", splits]
    if classes := sample.get("classes"):
        named = ", ".join(_signed(classes) if sample["kind"] == "points" else map(str, classes))
        facts.append(cut(f"{len(classes)} classes: {named}", 4 * width))
    facts += [f"{name}: {note}" for name, note in sample.get("notes", {}).items()]
    facts.append(" · ".join(part for part in (sample.get("licence", ""), sample.get("source", "")) if part))
    head = Content.styled("\n".join(fact for fact in facts if fact), _QUIET)
    draw = _DRAW.get(sample["kind"])
    return Content("\n\n").join([head, draw(sample["samples"], width)]) if draw else head


def _signed(classes: Sequence[object]) -> list[str]:
    """Return class names with their signs: points have no names beside them."""
    return [f"{_LETTERS[at % len(_LETTERS)]} {name}" for at, name in enumerate(classes)]


def _images(images: Sequence[Mapping[str, Any]], width: int) -> Content:
    """Return pictures side by side, each with its label above."""
    draw = _letter_rows if glyphs() == "ascii" else _block_rows
    blocks = []
    for image in images:
        rows = draw(image["pixels"])
        across = max((len(row) for row in rows), default=0)
        label = filled(str(image["label"]), across)
        blocks.append((across, [Content.styled(label, "bold"), *rows]))
    lines: list[Content] = []
    while blocks:
        used = 0
        strip: list[list[Content]] = []
        while blocks and (not strip or used + blocks[0][0] + 2 <= width):
            used += blocks[0][0] + 2
            strip.append(blocks.pop(0)[1])
        height = max(len(block) for block in strip)
        lines += [Content("  ").join(block[y] for block in strip if y < len(block)) for y in range(height)]
        lines.append(Content(""))
    return Content("\n").join(lines)


def _letter_rows(pixels: Sequence[Sequence[float]]) -> list[Content]:
    """Return pixels as letters of growing weight, two a pixel, for a terminal without blocks."""
    most = len(_INKS) - 1
    return [
        Content("".join(2 * _INKS[min(int(level * (most + 1)), most)] for level in row)) for row in pixels
    ]


def _block_rows(pixels: Sequence[Sequence[float]]) -> list[Content]:
    """Return pixels two rows by two as half blocks; the last of an odd number stands over nothing."""
    below = [*pixels[1::2], [0.0] * len(pixels[0])]
    return [_pixel_row(upper, lower) for upper, lower in zip(pixels[::2], below, strict=False)]


def _pixel_row(upper: Sequence[float], lower: Sequence[float]) -> Content:
    """Return two rows of pixels as one of half blocks, in greys."""
    return Content.assemble(
        *(("▀", f"{_grey(top)} on {_grey(bottom)}") for top, bottom in zip(upper, lower, strict=True))
    )


def _grey(level: float) -> str:
    value = round(min(max(level, 0.0), 1.0) * 255)
    return f"rgb({value},{value},{value})"


def _table(table: Mapping[str, Any], width: int) -> Content:
    """Return a table with its numbers in columns; columns that do not fit are counted."""
    columns = [str(column) for column in table["columns"]]
    rows = [[_figure(value) for value in row] for row in table["rows"]]
    widths = [
        min(max(cells(name), *(cells(row[at]) for row in rows)), 14) if rows else cells(name)
        for at, name in enumerate(columns)
    ]
    # The last column is what is to be predicted: it is always shown.
    kept, room = [], width - widths[-1]
    for at, wide in enumerate(widths[:-1]):
        if room < wide + 2:
            break
        room -= wide + 2
        kept.append(at)
    left_out = len(columns) - 1 - len(kept)
    kept.append(len(columns) - 1)
    lines = [Content.styled("  ".join(_right(columns[at], widths[at]) for at in kept), "bold")]
    lines += [Content("  ".join(_right(row[at], widths[at]) for at in kept)) for row in rows]
    if left_out:
        lines.append(Content.styled(f"{left_out} more columns", _QUIET))
    return Content("\n").join(lines)


def _right(text: str, width: int) -> str:
    shown = cut(text, width)
    return " " * (width - cells(shown)) + shown


def _figure(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _points(points: Sequence[Sequence[float]], width: int) -> Content:
    """Return points in the plane, a letter and a colour for each class."""
    across, down = min(width, 76), min(width, 76) // 4
    cells: dict[tuple[int, int], int] = {}
    xs, ys = [point[0] for point in points], [point[1] for point in points]
    if not points:
        return Content("")
    for x, y, label in points:
        column = _place(x, min(xs), max(xs), across)
        row = down - 1 - _place(y, min(ys), max(ys), down)
        cells[row, column] = int(label)
    lines = []
    for row in range(down):
        parts = [_dot(cells.get((row, column))) for column in range(across)]
        lines.append(Content.assemble(*parts))
    return Content("\n").join(lines)


def _dot(label: int | None) -> tuple[str, str]:
    if label is None:
        return " ", ""
    return _LETTERS[label % len(_LETTERS)], _COLOURS[label % len(_COLOURS)]


def _place(value: float, low: float, high: float, cells: int) -> int:
    share = (value - low) / (high - low) if high > low else 0.5
    return min(int(share * cells), cells - 1)


def _text(passage: str, width: int) -> Content:
    lines = passage.translate(UNSETTLED)
    return Content("".join(char if char.isprintable() or char == "\n" else "·" for char in lines))


def _surface(surface: Mapping[str, Any], width: int) -> Content:
    """Return heights as shades by rank, with where one starts and where the valleys are."""
    heights = surface["heights"]
    ranked = sorted(height for row in heights for height in row)
    bounds = [ranked[len(ranked) * part // len(_SHADES)] for part in range(1, len(_SHADES))]
    rows = [[_SHADES[sum(height >= bound for bound in bounds)] for height in row] for row in heights]
    left, right, bottom, top = surface["window"]
    marks = [(*surface["start"], "S"), *((*minimum, "M") for minimum in surface["minima"])]
    for x, y, sign in marks:
        if left <= x <= right and bottom <= y <= top:
            column = _place(x, left, right, len(rows[0]))
            rows[len(rows) - 1 - _place(y, bottom, top, len(rows))][column] = sign
    picture = Content("\n").join(
        Content.assemble(*((char, "bold $accent" if char in "SM" else _QUIET) for char in row))
        for row in rows
    )
    return Content("\n").join([picture, Content.styled("denser is higher · S start · M lowest", _QUIET)])


_DRAW: Mapping[str, Callable[[Any, int], Content]] = {
    "images": _images,
    "table": _table,
    "points": _points,
    "text": _text,
    "surface": _surface,
}
"""How each kind of sample is drawn."""
