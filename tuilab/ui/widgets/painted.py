"""What every widget of the run screen is made of: cells with a role, painted only where they changed."""

from collections.abc import Iterable, Sequence

from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from tuilab.ui.terminal.cells import one_cell_each
from tuilab.ui.terminal.rich_parts import CellStyle, Segment
from tuilab.ui.widgets.looks import LOOKS, style_of
from tuilab.ui.widgets.pieces import Piece, differing


class Painted(Widget):
    """A widget whose cells have roles; keeps each role's style until the theme changes."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._palette: dict[str, CellStyle] = {}

    def cell_style(self, role: str) -> CellStyle:
        """Return what a role looks like; no role is plain text."""
        style = self._palette.get(role)
        if style is None:
            style = self._palette[role] = self._styled(role)
        return style

    def _styled(self, role: str) -> CellStyle:
        if role in LOOKS:
            return style_of(LOOKS[role], self.app.theme_variables, self.background_colors[1])
        return self.get_component_rich_style(role) if role else self.rich_style

    def notify_style_update(self) -> None:
        """Forget the colours of the theme that was."""
        self._palette.clear()
        super().notify_style_update()

    def strip(self, pieces: Iterable[Piece], width: int) -> Strip:
        """Return pieces as a line of exactly this width."""
        segments = [Segment(text, self.cell_style(role)) for text, role in pieces if text]
        cells = sum(len(segment.text) for segment in segments)
        if cells > width or not all(one_cell_each(segment.text) for segment in segments):
            return Strip(segments).adjust_cell_length(width, self.cell_style(""))
        if cells < width:
            segments.append(Segment(" " * (width - cells), self.cell_style("")))
        return Strip(segments, width)  # made once: a strip brings seven caches with it


class Lines(Painted):
    """Shows rows of text that it is given and repaints the cells that differ."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._rows: Sequence[Sequence[Piece]] = ()

    def show(self, rows: Sequence[Sequence[Piece]]) -> None:
        """Show these rows from now on."""
        before, self._rows = self._rows, rows
        regions = []
        for y in range(max(len(before), len(rows))):
            old = before[y] if y < len(before) else ()
            new = rows[y] if y < len(rows) else ()
            if old != new:
                regions += [Region(x, y, width, 1) for x, width in differing(old, new, self.size.width)]
        if regions:
            self.refresh(*regions)

    def render_line(self, y: int) -> Strip:
        """Return one row."""
        return self.strip(self._rows[y] if y < len(self._rows) else (), self.size.width)
