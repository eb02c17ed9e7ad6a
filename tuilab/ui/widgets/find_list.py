"""A list with headings in which one finds by typing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual import events
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.widgets import Input


class Item(NamedTuple):
    """One thing in the list."""

    key: str
    shown: str
    group: str = ""
    words: str = ""
    """What else it is found by."""

    def fits(self, wanted: Sequence[str]) -> bool:
        """Whether every word that was typed is somewhere in it."""
        text = f"{self.shown} {self.group} {self.words}".lower()
        return all(word in text for word in wanted)


class Items(OptionList, inherit_bindings=False):
    """The list itself."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select", "Choose"),
        Binding("up,k", "cursor_up", "One up", show=False),
        Binding("down,j", "cursor_down", "One down", show=False),
        Binding("pageup", "page_up", "A page up", show=False),
        Binding("pagedown", "page_down", "A page down", show=False),
        Binding("home", "first", "First", show=False),
        Binding("end", "last", "Last", show=False),
    ]

    DEFAULT_CSS = """
    Items, Items:focus {
        border: none; padding: 0; background: transparent; height: 1fr;
        overflow-x: hidden; text-wrap: nowrap; text-overflow: ellipsis;
        scrollbar-size-vertical: 1; scrollbar-background: $background; scrollbar-color: $border-blurred;
        &>.option-list--option { padding: 0; color: $foreground; }
        &>.option-list--option-disabled { color: $text-muted; }
        &>.option-list--option-highlighted { background: $accent 10%; color: $foreground; text-style: none; }
        &>.option-list--option-hover { background: $foreground 6%; }
        &.-few-colours>.option-list--option-highlighted { text-style: reverse; }
    }
    Items:focus>.option-list--option-highlighted {
        background: $accent 22%; color: $foreground; text-style: bold;
    }
    """


class Startable(Items):
    """A list whose items are started."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "select", "Start")]

    def on_click(self, event: events.Click) -> None:
        """Look at what is pointed at; only a double click starts it."""
        event.prevent_default()
        option: int | None = event.style.meta.get("option")
        if option is not None and not self.options[option].disabled:
            self.highlighted = option
            if event.chain == 2:
                self.action_select()


class FindList(Vertical):
    """Shows items under their headings; `/` or typing narrows them down."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "find", "Find"),
        Binding("escape", "give_up", "Show all"),
        Binding("down", "to_list", "To the list", show=False),
    ]

    DEFAULT_CSS = """
    FindList { height: 1fr; }
    """

    @dataclass
    class Looked(Message):
        """The reader looks at an item."""

        key: str

    @dataclass
    class Chosen(Message):
        """The reader has chosen an item."""

        key: str

    def __init__(
        self,
        *,
        finds_at_once: bool = False,
        starts: bool = False,
        id: str | None = None,  # noqa: A002
    ) -> None:
        """Make an empty list.

        Args:
            finds_at_once: The field to type in is there from the start.
            starts: Choosing an item starts it, and the footer says so.
            id: The widget's id.
        """
        super().__init__(id=id)
        self._items: Sequence[Item] = ()
        self._marks: Mapping[str, str] = {}
        self._list = Startable() if starts else Items()
        # Sixteen colours have no two greys to spare for the row under the cursor.
        self._list.set_class(self.app.console.color_system == "standard", "-few-colours")
        self._find: Input | None = None
        self._finds_at_once = finds_at_once

    def compose(self) -> "ComposeResult":
        """Lay out the list, under the field where that is there from the start."""
        if self._finds_at_once:
            self._find = self._make_input()
            yield self._find
        yield self._list

    @property
    def looked_at(self) -> str:
        """The item under the cursor; "" where there is none."""
        option = self._list.highlighted_option
        return (option.id or "") if option is not None else ""

    @property
    def finding(self) -> bool:
        """Whether the list is narrowed down."""
        return self._find is not None and bool(self._find.value)

    def show(self, items: Sequence[Item], look_at: str = "") -> None:
        """Show these items, with the cursor on one."""
        self._items = items
        self._fill(look_at)

    def mark(self, marks: Mapping[str, str]) -> None:
        """Put a sign before some items: name to one character."""
        changed = {name for name in {*marks, *self._marks} if marks.get(name) != self._marks.get(name)}
        self._marks = dict(marks)
        there = {option.id for option in self._list.options}
        for item in self._items:
            if item.key in changed and item.key in there:
                self._list.replace_option_prompt(item.key, self._prompt(item))

    def take_focus(self) -> None:
        """Focus the list, or the field where finding comes first."""
        (self._find if self._find is not None and self._finds_at_once else self._list).focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to show all only where something is left out."""
        if action == "give_up":
            return self._find is not None and self._find.display and not self._finds_at_once
        if action == "find":
            return self._list.has_focus
        return True

    def action_find(self) -> None:
        """Open the field."""
        if self._find is None:
            self._find = self._make_input()
            self.mount(self._find, before=0)
        self._find.display = True
        self._find.focus()

    def action_give_up(self) -> None:
        """Close the field and show everything."""
        if self._find is not None:
            self._find.value = ""
            self._find.display = False
        self._list.focus()

    def action_to_list(self) -> None:
        """Go from the field into the list."""
        if not self._list.has_focus:
            self._list.focus()
            self._list.action_cursor_down()

    def on_input_changed(self, event: "Input.Changed") -> None:
        """Narrow down as one types."""
        event.stop()
        self._fill(self.looked_at)

    def on_input_submitted(self, event: "Input.Submitted") -> None:
        """Take the first that fits: choose it, or look at it where the field was opened for that."""
        event.stop()
        if self._finds_at_once:
            self._list.action_select()
        else:
            self._list.focus()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Say what is looked at."""
        event.stop()
        if event.option.id:
            self.post_message(self.Looked(event.option.id))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Say what is chosen."""
        event.stop()
        if event.option.id:
            self.post_message(self.Chosen(event.option.id))

    def _fill(self, look_at: str) -> None:
        wanted = self._find.value.lower().split() if self._find is not None else []
        fitting = [item for item in self._items if item.fits(wanted)]
        options: list[Option] = []
        group = ""
        for item in fitting:
            if item.group != group:
                group = item.group
                options.append(Option(Content.styled(group, "$text-muted"), disabled=True))
            options.append(Option(self._prompt(item), id=item.key))
        if not fitting:
            words = "Nothing fits. Press esc to see all." if self._items else ""
            options.append(Option(Content.styled(words, "$text-muted"), disabled=True))
        self._list.set_options(options)
        names = [option.id for option in options]
        if fitting:
            self._list.highlighted = names.index(look_at if look_at in names else fitting[0].key)

    def _prompt(self, item: Item) -> Content:
        return Content.assemble((f"{self._marks.get(item.key, ' ')} ", "bold $accent"), item.shown)

    def _make_input(self) -> "Input":
        from tuilab.ui.widgets.line_input import FindInput

        return FindInput(placeholder="find")
