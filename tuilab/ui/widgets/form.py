"""A pane of knobs: labels, values in one column, what is wrong beneath its field.

What is being typed stands in an input laid over its value; every key
stroke is told to whoever owns the values, and what comes back is drawn.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.geometry import Region
from textual.message import Message

from tuilab.ui.screens.lab_row import Row
from tuilab.ui.widgets.form_layout import Columns
from tuilab.ui.widgets.form_rows import FormRows

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.widgets import Input


class Form(VerticalScroll, can_focus=True, inherit_bindings=False):
    """Shows rows and says what the reader wants of them; it holds no values of its own."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "edit", "Edit"),
        Binding("left", "cycle(-1)", "Choice before", show=False),
        Binding("right,space", "cycle(1)", "Next choice", show=False),
        Binding("backspace", "want('preset')", "As preset"),
        Binding("d", "want('default')", "Default"),
        Binding("i", "want('about')", "About"),
        Binding("up,k", "move(-1)", "Field above", show=False),
        Binding("down,j", "move(1)", "Field below", show=False),
        Binding("pageup", "move(-10)", "Ten fields up", show=False),
        Binding("pagedown", "move(10)", "Ten fields down", show=False),
        Binding("home", "move(-999)", "First field", show=False),
        Binding("end", "move(999)", "Last field", show=False),
        Binding("escape", "give_up", "Give up"),
    ]

    DEFAULT_CSS = """
    Form { overflow-x: hidden; }
    """

    @dataclass
    class Looked(Message):
        """The reader looks at a knob."""

        form: "Form"
        row: Row

    @dataclass
    class Typed(Message):
        """A knob's text is now this."""

        form: "Form"
        key: str
        text: str

    @dataclass
    class Began(Message):
        """Typing begins: what stands now is what giving up goes back to."""

        key: str

    @dataclass
    class GaveUp(Message):
        """What was typed does not count."""

        key: str

    @dataclass
    class Wanted(Message):
        """The reader wants something of a knob: "pick", "preset", "default" or "about"."""

        form: "Form"
        what: str
        row: Row

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._body = FormRows()
        self._cursor = 0
        self._editor: Input | None = None
        self._typing = ""
        """The key that is being typed at."""
        self._editable = True

    def compose(self) -> "ComposeResult":
        """Lay the rows out."""
        yield self._body

    @property
    def row(self) -> Row | None:
        """The row that is looked at."""
        rows = self._body.rows
        return rows[self._cursor] if self._cursor < len(rows) else None

    def show(self, rows: Sequence[Row], empty: str = "", editable: bool = True) -> None:
        """Draw these rows, or where there are none say why; the cursor stays where it is."""
        before = self.row
        self._body.empty = empty
        if editable != self._editable:
            self._editable = editable
            self.refresh_bindings()
            self.call_after_refresh(self._relight)  # what is looked at can be told in full now
        self._cursor = max(min(self._cursor, len(rows) - 1), 0)
        self._body.show(rows, self._cursor if self.has_focus_within and rows else -1)
        if self._typing:
            self._place_editor()
        if self.row is not None and self.row != before and self.has_focus_within:
            self.post_message(self.Looked(self, self.row))  # it is another one where it stands, too

    def look_at(self, key: str) -> None:
        """Move the cursor to a knob."""
        for number, row in enumerate(self._body.rows):
            if row.key == key:
                self._move_to(number)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer while typing only what makes sense then."""
        if action == "give_up":
            return bool(self._typing)
        if action in ("edit", "cycle", "want"):
            return self._editable and not self._typing
        return True

    def action_move(self, rows: int) -> None:
        """Look at another knob; what was typed is kept."""
        if self._typing:
            self._stop_typing()
            self.focus()
        self._move_to(max(min(self._cursor + rows, len(self._body.rows) - 1), 0))

    def action_edit(self) -> None:
        """Type at the knob, or choose where there is a list."""
        row = self.row
        if row is None:
            return
        if row.names_component or (row.choices and row.field.kinds != ("bool",)):
            self.post_message(self.Wanted(self, "pick", row))
        elif row.choices:
            self.action_cycle(1)
        else:
            self._start_typing(row)

    def action_cycle(self, places: int) -> None:
        """Take the next of a few choices."""
        row = self.row
        if row is None or not row.choices:
            return
        at = row.choices.index(row.text) if row.text in row.choices else -1
        self.post_message(self.Began(row.key))
        self.post_message(self.Typed(self, row.key, row.choices[(at + places) % len(row.choices)]))

    def action_want(self, what: str) -> None:
        """Ask something of the knob."""
        if self.row is not None:
            self.post_message(self.Wanted(self, what, self.row))

    def action_give_up(self) -> None:
        """Forget what was typed."""
        key = self._typing
        self._stop_typing()
        self.focus()
        self.post_message(self.GaveUp(key))

    def on_focus(self) -> None:
        """Light the row."""
        self._relight()

    def on_blur(self) -> None:
        """Put the light out, unless it is the editor that has the focus now."""
        self.call_after_refresh(self._relight)

    def on_descendant_blur(self) -> None:
        """Leaving the editor by any way keeps what was typed."""
        if self._typing:
            self._stop_typing()
        self.call_after_refresh(self._relight)

    def on_input_changed(self, event: "Input.Changed") -> None:
        """Tell what is being typed, key stroke by key stroke."""
        event.stop()
        if self._typing and event.input is self._editor and event.input.has_focus:
            self.post_message(self.Typed(self, self._typing, event.value))

    def on_input_submitted(self, event: "Input.Submitted") -> None:
        """Keep it and go on to the next knob."""
        event.stop()
        self.action_move(1)

    def on_click(self, event: events.Click) -> None:
        """Look at a knob by pointing; point again to edit it."""
        y = event.screen_y - self._body.region.y
        lines = self._body.lines
        if event.widget is not self._body or not 0 <= y < len(lines) or lines[y].row < 0:
            return
        again = self.has_focus and lines[y].row == self._cursor
        self._move_to(lines[y].row)
        if again:
            self.action_edit()

    def _relight(self) -> None:
        if not self.is_attached:
            return
        self.show(self._body.rows, self._body.empty, self._editable)
        if self.has_focus_within and self.row is not None:
            self.post_message(self.Looked(self, self.row))

    def _move_to(self, row: int) -> None:
        self._cursor = row
        self._relight()
        if self.row is not None:
            self._bring_into_view()

    def _bring_into_view(self) -> None:
        """Scroll this pane, or the column it is in, until the row is seen."""
        line = self._body.line_of(self._cursor)
        region = Region(0, line, 1, 2 if self.row is not None and self.row.problem else 1)
        self.scroll_to_region(region, animate=False)
        if isinstance(self.parent, VerticalScroll):
            here = region.translate(self.virtual_region.offset).translate((0, 1 - self.scroll_offset.y))
            self.parent.scroll_to_region(here, animate=False)

    def _start_typing(self, row: Row) -> None:
        if self._editor is None:
            from tuilab.ui.widgets.line_input import FieldEditor

            self._editor = FieldEditor()
            self.mount(self._editor)
        self._typing = row.key
        self.post_message(self.Began(row.key))
        with self.prevent(self._editor.Changed):
            self._editor.value = row.text
        self._place_editor()
        self._editor.display = True
        self._editor.focus(scroll_visible=False)

    def _stop_typing(self) -> None:
        self._typing = ""
        if self._editor is not None:
            self._editor.display = False
        self.refresh_bindings()

    def _place_editor(self) -> None:
        """Lay the editor over the value it changes."""
        assert self._editor is not None
        width = self._body.size.width
        columns = Columns.of(width, self._body.rows)
        self._editor.styles.width = max(columns.value, 4)
        self._editor.styles.offset = (columns.value_at, self._body.line_of(self._cursor))
