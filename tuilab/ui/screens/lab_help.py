"""Every key that works here, read from the bindings themselves."""

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from tuilab.ui.screens.lab_dialog import Dialog
from tuilab.ui.widgets.key_bar import KeyBar, key_name

if TYPE_CHECKING:
    from textual.app import ComposeResult


class HelpScreen(Dialog[None]):
    """A page that cannot say anything else than what works."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark", "dismiss", "Back", key_display="esc")
    ]

    def __init__(self, about: Screen[object]) -> None:
        super().__init__()
        self._sections = keys_of(about)
        if hasattr(about, "MOUSE"):
            first, *others = self._sections.items()
            self._sections = dict([first, ("With the mouse", list(about.MOUSE)), *others])

    def compose(self) -> "ComposeResult":
        """Lay out one page that scrolls."""
        with VerticalScroll(classes="sheet") as sheet:
            sheet.border_title = "Keys"
            indent, column = (2, 18) if self.app.size.width >= _NARROW else (0, 6)
            sections = (_section(*section, indent, column) for section in self._sections.items())
            yield Static(Content("\n\n").join(sections))
        yield KeyBar()


def keys_of(screen: Screen[object]) -> dict[str, list[tuple[str, str]]]:
    """Return the keys that work on a screen, and what they do, by what they belong to."""
    sections: dict[str, dict[str, list[str]]] = {}
    for node, binding, enabled, tooltip in screen.active_bindings.values():
        words = tooltip or binding.description
        if not enabled or not words or binding.system:
            continue
        title = "Everywhere" if node is screen.app else "On this screen" if node is screen else "In this pane"
        keys = sections.setdefault(title, {}).setdefault(words, [])
        keys.append(key_name(binding, screen.app.get_key_display(binding)))
    return {
        title: [(" ".join(dict.fromkeys(keys)), words) for words, keys in section.items()]
        for title, section in sections.items()
    }


_NARROW = 40
"""Columns of a screen below which the keys stand close to what they do."""


def _section(title: str, keys: list[tuple[str, str]], indent: int, column: int) -> Content:
    lines = [Content.styled(title, "$text-muted")]
    for key, words in keys:
        lines.append(Content.assemble((" " * indent + f"{key} ".ljust(column), "bold $accent"), words))
    return Content("\n").join(lines)
