"""The keys that work now, on the last line."""

from textual.binding import Binding
from textual.content import Content
from textual.keys import key_to_character
from textual.widget import Widget

_NAMES = {"enter": "enter", "escape": "esc", "backspace": "bksp", "tab": "tab", "shift+tab": "shift+tab"}
_LAST = ("?", "q")
"""Keys that are never left out, at the right end."""


class KeyBar(Widget):
    """Reads the bindings that are in force, so that it cannot say anything else than what works.

    One widget and one line, however many keys: a change of focus repaints what differs.
    """

    DEFAULT_CSS = """
    KeyBar { dock: bottom; height: 1; background: $surface; padding: 0 1; }
    """

    def on_mount(self) -> None:
        """Follow what is focused."""
        self.screen.bindings_updated_signal.subscribe(self, lambda _: self.refresh())

    def render(self) -> Content:
        """Return as many keys as fit."""
        keys: dict[str, str] = {}
        focused = self.screen.focused
        for key, (_, binding, enabled, _) in self.screen.active_bindings.items():
            if focused is not None and focused.check_consume_key(key, key_to_character(key)):
                continue  # it would be typed
            if binding.show and enabled and binding.description not in keys.values():
                keys.setdefault(key_name(binding, self.app.get_key_display(binding)), binding.description)
        last = [key for key in _LAST if key in keys]
        tail = [_key(key, keys.pop(key)) for key in last]
        room = self.size.width - sum(len(part) + 2 for part in tail)
        if room < 0:  # keys without words say more than words that are cut
            tail = [Content.styled(key, "bold $accent") for key in last]
            room = self.size.width - sum(len(part) + 2 for part in tail)
        head: list[Content] = []
        for key, words in keys.items():
            part = _key(key, words)
            if len(part) + 2 > room:
                break
            room -= len(part) + 2
            head.append(part)
        return Content("  ").join([*head, Content(" " * max(room, 0)), *tail])


def key_name(binding: Binding, otherwise: str) -> str:
    """Return a key as it is printed on the keyboard; signs for it are not in every font."""
    return binding.key_display or _NAMES.get(binding.key, otherwise)


def _key(key: str, words: str) -> Content:
    return Content.assemble((key, "bold $accent"), (" " + words, "$text-muted"))
