"""The rows of a form in one widget: a change repaints a line or two and not a tree of widgets."""

from collections.abc import Sequence

from textual.content import Content
from textual.geometry import Region, Size
from textual.widget import Widget

from tuilab.ui.screens.lab_row import Row
from tuilab.ui.widgets.form_layout import Line, lay_out


class FormRows(Widget):
    """The rows of a form, drawn line by line."""

    DEFAULT_CSS = """
    FormRows { height: auto; width: 1fr; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.rows: Sequence[Row] = ()
        self.cursor = -1
        """The row that is lit; -1 while the pane does not have the focus."""
        self.lines: list[Line] = []
        self.empty = ""
        """What stands here while there are no rows."""

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return one line a knob, and those that problems take."""
        return max(len(self._laid_out(width)), 1)

    def render(self) -> Content:
        """Return all lines."""
        width = self.size.width
        if not self.rows:
            return Content.styled(self.empty, "$text-muted")
        self.lines = self._laid_out(width)
        return Content("\n").join(self._line(line, width) for line in self.lines)

    def show(self, rows: Sequence[Row], cursor: int) -> None:
        """Draw these rows, repainting the lines that differ."""
        before, lit = self.lines, self.cursor
        self.rows, self.cursor = rows, cursor
        after = self._laid_out(self.size.width) if self.size.width else []
        if len(before) != len(after) or not before:
            self.refresh(layout=True)
            return
        changed = [
            Region(0, y, self.size.width, 1)
            for y, (old, new) in enumerate(zip(before, after, strict=True))
            if old != new or (lit != cursor and new.row in (lit, cursor))
        ]
        if changed:
            self.refresh(*changed)

    def line_of(self, row: int) -> int:
        """Return the line that a row's knob stands on."""
        lines = self._laid_out(self.size.width)
        return next((y for y, line in enumerate(lines) if line.row == row), 0)

    def _laid_out(self, width: int) -> list[Line]:
        return lay_out(self.rows, width, self.cursor)

    def _line(self, line: Line, width: int) -> Content:
        content = Content.assemble(*line.parts)
        if line.row == self.cursor and line.row >= 0:
            if self.app.console.color_system == "standard":  # there is no faint green among sixteen colours
                return Content.styled(line.text.ljust(width), "reverse")
            return content.pad_right(max(width - len(content), 0)).stylize_before("on $accent 18%")
        return content
