"""A live chart that costs what changed.

It draws what it is given, compares the new frame with the one on screen and
repaints the cells that differ. It neither reads runs nor keeps time. Its top rows
say what the curves are and what they are at, or read under the cursor.
"""

from contextlib import AbstractContextManager
from dataclasses import dataclass

from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip

from tuilab.charts.frame import Frame
from tuilab.ui.terminal.rich_parts import CellStyle, Segment
from tuilab.ui.widgets.chart_colours import ROLES
from tuilab.ui.widgets.lens import Lens
from tuilab.ui.widgets.painted import Painted
from tuilab.ui.widgets.picture import Picture, drawn, head, head_rows, signature
from tuilab.ui.widgets.pieces import Piece, differing


class Chart(Painted):
    """One chart; give it a `Picture` and a `Lens` whenever either is new."""

    @dataclass
    class Pointed(Message):
        """The reader points at an x, or lets go where it is None."""

        chart: "Chart"
        x: float | None

    @dataclass
    class Wheeled(Message):
        """The reader turned the wheel over an x: towards them is -1, away is 1."""

        chart: "Chart"
        x: float
        turns: int
        sideways: bool

    @dataclass
    class Maximise(Message):
        """The reader wants this chart alone, or no longer."""

        chart: "Chart"

    def __init__(self, guard: AbstractContextManager[object], *, id: str | None = None) -> None:  # noqa: A002
        """Make an empty chart.

        Args:
            guard: Held while the series are read; another thread extends them.
            id: The widget's id.
        """
        super().__init__(id=id)
        self._guard = guard
        self._picture: Picture | None = None
        self._lens = Lens()
        self._signature: object | None = None
        self._frame: Frame | None = None
        self._head: list[list[Piece]] = [[]]
        self._rows: dict[int, Strip] = {}
        """Rows as the screen takes them, until they change."""
        self._rows_for = (0, 0)
        self._drawn_for = (0, 0)
        self._held: tuple[object, tuple[float, float]] | None = None

    @property
    def frame(self) -> Frame | None:
        """What is on screen."""
        return self._frame

    def show(self, picture: Picture, lens: Lens) -> None:
        """Draw, and repaint what differs."""
        drawn_from, self._signature = self._signature, signature(picture, lens)
        self._picture, self._lens = picture, lens
        same = self._signature is not None and self._signature == drawn_from
        if same and self._frame is not None and self._drawn_for == self.size:
            return
        before, head_before = self._frame, self._head
        self._draw()
        if len(head_before) != len(self._head) or before is None or self._frame is None:
            self._rows.clear()
            self.refresh()
            return
        regions = [
            Region(x, y, width, 1)
            for y, (old, new) in enumerate(zip(head_before, self._head, strict=True))
            for x, width in differing(old, new, self.size.width)
        ]
        top = len(self._head)
        regions += [Region(x, y + top, end - x, 1) for y, x, end in self._frame.changed(before)]
        if regions:
            for region in regions:
                self._rows.pop(region.y, None)
            self.refresh(*regions)

    def x_at(self, column: int) -> float | None:
        """Return the x in a column of this widget."""
        return self._frame.plot.x_at(column) if self._frame else None

    def moved(self, x: float, columns: int) -> float:
        """Return the x that lies so many columns beside another."""
        if self._frame is None:
            return x
        plot = self._frame.plot
        return plot.x_at(plot.column_at(x) + columns)

    def notify_style_update(self) -> None:
        """Forget the colours of the theme that was."""
        self._rows.clear()
        super().notify_style_update()

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return rows of the frame, drawn anew where the widget has another size.

        A chart has neither border nor padding; to ask for them costs Textual more than the rows.
        """
        if self._drawn_for != self.size:
            self._draw()
        if self._rows_for != self.size:
            self._rows_for = self.size
            self._rows.clear()
        rows = [self._rows.get(y) or self._finished(y) for y in crop.line_range]
        left, right = crop.column_span
        return rows if (left, right) == (0, self.size.width) else [row.crop(left, right) for row in rows]

    def _finished(self, y: int) -> Strip:
        """Return a row, and keep it."""
        row = self._rows[y] = self.render_line(y)
        return row

    def _styled(self, role: str) -> CellStyle:
        """Return what a role looks like on this terminal: filters look at a style once, not at every row."""
        segments = [Segment(" ", super()._styled(role))]
        for line_filter in self.get_line_filters():
            segments = line_filter.apply(segments, self.background_colors[1])
        return segments[0].style or CellStyle.null()

    def render_line(self, y: int) -> Strip:
        """Return one row of the frame."""
        if y < len(self._head):
            return self.strip(self._head[y], self._drawn_for[0])
        y -= len(self._head)
        if self._frame is None or y >= len(self._frame.chars):
            return self.strip((), self.size.width)
        segments = [Segment(text, self.cell_style(ROLES[style])) for text, style in self._frame.pieces(y)]
        return Strip(segments, self._frame.chars.shape[1])

    def _draw(self) -> None:
        """Make the frame and the header for the present size."""
        self._drawn_for = (width, height) = self.size
        picture, lens = self._picture, self._lens
        if picture is None or width < 1:
            return
        with self._guard:
            rows = head_rows(picture, lens, width, height)
            height -= rows
            if height < 1:
                self._frame = None
            else:
                held = self._held_limits(width, height)
                self._frame = drawn(picture, lens, width, height, held)
                self._held = (self._held_for(width, height), self._frame.y_limits)
            self._head = head(picture, self._frame, lens, width, rows)

    def _held_limits(self, width: int, height: int) -> tuple[float, float] | None:
        """Limits of the frame before, while nothing else about it has changed."""
        if self._held is None or self._held[0] != self._held_for(width, height):
            return None
        return self._held[1]

    def _held_for(self, width: int, height: int) -> object:
        """What limits were chosen for: they are held while this stays."""
        picture = self._picture
        if picture is None:
            return None
        curves = tuple(id(curve.series) for curve in picture.curves)
        return (width, height, picture.logarithmic, self._lens.robust, self._lens.window, curves)

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the reader points; twice maximises."""
        if event.chain == 2:
            self.post_message(self.Maximise(self))
        else:
            self.post_message(self.Pointed(self, self.x_at(event.x)))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Drag the cursor along while the button is down."""
        if event.button:
            self.post_message(self.Pointed(self, self.x_at(event.x)))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Zoom in where the pointer is."""
        self._wheel(event, 1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Zoom out."""
        self._wheel(event, -1)

    def _wheel(self, event: events.MouseEvent, turns: int) -> None:
        event.stop()
        if (x := self.x_at(event.x)) is not None:
            self.post_message(self.Wheeled(self, x, turns, event.shift))
