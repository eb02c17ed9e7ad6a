"""Keys take effect in the order they were typed, each where the one before it has led.

Textual hands a key to what has the focus at that moment. A link that delivers keys in bursts brings those
that follow before a field has opened or a dialog has come: `/svm` in the lab saved a preset.
"""

import time
from collections import deque
from dataclasses import dataclass
from typing import TypeVar

from textual import events, on
from textual.app import App
from textual.driver import Driver
from textual.message import Message

Result = TypeVar("Result")

DIALOG = "dialog"
"""Group of the workers that are about to open a dialog: keys wait for it."""

_ROUNDS = 2
"""Times a message follows a key: what the key makes a widget say goes round once more."""

_LOOK, _LONGEST = 0.02, 2.0
"""Seconds between two looks at a key that others wait for, and until they wait no longer."""


class KeysInTurn(App[Result]):
    """An app that takes a key when the one before it has been dealt with."""

    @dataclass
    class Passed(Message):
        """Follows a key through the same queues: where this has come, the key has been."""

        number: int

    _number = 0
    """Of the message that follows the key under way."""
    _round = 0
    _under_way = False
    _began = 0.0

    def __init__(self, driver_class: type[Driver] | None = None) -> None:
        super().__init__(driver_class)
        self._waiting: deque[events.Key | events.Paste] = deque()

    async def on_event(self, event: events.Event) -> None:
        """Let a key wait while another is under way."""
        if not isinstance(event, events.Key | events.Paste) or event.is_forwarded:
            await super().on_event(event)
        elif self._under_way:
            if not self._waiting:
                self.set_timer(_LOOK, self._mind)
            self._waiting.append(event)
        else:
            await self._hand_on(event)

    async def _hand_on(self, event: events.Key | events.Paste) -> None:
        self._round, self._under_way, self._began = 0, True, time.monotonic()
        await super().on_event(event)
        self._send_after()

    def _send_after(self) -> None:
        """Send a message the way that the key has gone."""
        if self.screen_stack:  # an app that leaves has none
            self._place = self.screen, self.focused
            self._number += 1
            (self.focused or self.screen).post_message(self.Passed(self._number))

    @on(Passed)
    def _come_round(self, message: Passed) -> None:
        # Moving the focus is put off like this too: look when that has been done.
        self.call_later(self._look, message.number)

    async def _look(self, number: int) -> None:
        """Take the next key if all is quiet where the last one has led."""
        if number != self._number or not self.screen_stack:
            return
        self._round += 1
        if self._round < _ROUNDS or self._place != (self.screen, self.focused):
            self._send_after()
        elif self._asking:
            self.set_timer(_LOOK, lambda: self._look(number))
        else:
            await self._next()

    async def _next(self) -> None:
        self._under_way = False
        if self._waiting:
            await self._hand_on(self._waiting.popleft())

    async def _mind(self) -> None:
        """See to it that keys do not wait for what is gone, nor for long."""
        if not self._waiting or not self.screen_stack:
            return
        if time.monotonic() - self._began > _LONGEST:
            self._number += 1
            await self._next()
        elif self._place != (self.screen, self.focused) and not self._asking:
            self._send_after()
        if self._waiting:
            self.set_timer(_LOOK, self._mind)

    @property
    def _asking(self) -> bool:
        """Whether the screen in front is about to ask something."""
        return any(
            worker.group == DIALOG and worker.node is self.screen and not worker.is_finished
            for worker in self.workers
        )
