"""Screens that do not repaint themselves because the focus moved."""

from typing import TypeVar

from textual.reactive import Reactive
from textual.screen import ModalScreen, Screen
from textual.widget import Widget

Answer = TypeVar("Answer")

# Textual repaints all cells whenever the focus changes hands: 25 KB at 120x40, for two
# frames that change their colour. The widgets concerned repaint themselves anyway.


class StillScreen(Screen[Answer]):
    """A screen on which moving the focus costs what changes."""

    focused: Reactive[Widget | None] = Reactive(None, repaint=False)


class StillModal(ModalScreen[Answer]):
    """A dialog on which moving the focus costs what changes."""

    focused: Reactive[Widget | None] = Reactive(None, repaint=False)
