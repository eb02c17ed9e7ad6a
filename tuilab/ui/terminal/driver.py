"""Textual's terminal driver, made to survive the terminals that people really have.

Stray bytes and mouse reports of the old form are decoded instead of crashing, a
line that stalls drops frames instead of stopping the screen, a terminal that goes
away ends it quietly, and consoles that would print a question are not asked one.
"""

import os
import re
import selectors
import signal
import sys
from typing import Any

from textual._parser import ParseError
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver

from tuilab.ui.terminal import abilities
from tuilab.ui.terminal.link import Link
from tuilab.ui.terminal.mouse import InputDecoder

_FRAME_BEGINS, _FRAME_ENDS = "\x1b[?2026h", "\x1b[?2026l"
"""Synchronized output: a frame is dropped as a whole or not at all."""

_QUESTION = re.compile(r"\x1b\[(\?\d+\$p|[<>]\d*u)")
"""Requests that a simple terminal prints as letters: mode queries and the kitty keyboard."""

_LAST_WORDS = 1.0
"""Seconds that leaving may wait for the line."""


_UNDECIDED = 1.0
"""Seconds after a key in which the parser may still wait for the rest of a sequence."""


class LabDriver(LinuxDriver):
    """Reads any bytes and never waits for the line."""

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        rung = abilities.glyphs()
        stderr = sys.__stderr__
        self.link = Link(
            stderr.fileno() if stderr is not None else 2,
            abilities.replacements(rung),
            "ascii" if rung == "ascii" and not abilities.utf8() else "utf-8",
        )
        self.link.on_drained = self._drained
        self.link.on_gone = self._leave
        self._file = self.link  # type: ignore[assignment]  # all that the writer needs of a file
        self._in_frame = self._dropping = self._lost = self._leaving = False
        self._simple = abilities.simple()
        self._wake = -1
        """Where to write to end the thread that waits for keys."""

    def write(self, data: str) -> None:
        """Send data on, or leave out a frame that the line has no room for."""
        if not self._in_frame:
            self._dropping = self.link.clogged and not self._leaving
        if data == _FRAME_BEGINS:
            self._in_frame = True
        elif data == _FRAME_ENDS:
            self._in_frame = False
        if self._dropping:
            self._lost = True
        elif not (self._simple and _QUESTION.search(data)):
            # Textual's own thread in between waits for the line; the link has one that does.
            self.link.write(data)

    def start_application_mode(self) -> None:
        """Take the terminal over."""
        self._leaving = self._in_frame = False
        super().start_application_mode()  # type: ignore[no-untyped-call]
        for number in (signal.SIGHUP, signal.SIGTERM):
            self._loop.add_signal_handler(number, self._app.exit)

    def stop_application_mode(self) -> None:
        """Give the terminal back; what still waited to be painted is no longer of interest."""
        self._leaving, self._in_frame = True, False
        if self.link.clogged:
            self.link.discard()
        super().stop_application_mode()

    def close(self) -> None:
        """Send the last words, but do not wait for a line that is dead."""
        super().close()
        self.link.drain(_LAST_WORDS)

    def disable_input(self) -> None:
        """Wake the thread that waits for keys, which ends it."""
        if self._wake >= 0:
            os.write(self._wake, b"x")
        super().disable_input()

    def run_input_thread(self) -> None:
        """Wait for input and pass it on; while nobody types, this costs nothing."""
        parser, decoder = XTermParser(self._debug), InputDecoder()
        woken, self._wake = os.pipe()
        quiet = 0.0
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            selector.register(woken, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                # An escape that may be a key or the beginning of one is decided by the clock.
                ready = {key.fd for key, _ in selector.select(0.1 if quiet < _UNDECIDED else None)}
                quiet = 0.0 if ready else quiet + 0.1
                if woken in ready:
                    break
                if self.fileno in ready:
                    data = self._read()
                    if not data:
                        self._leave()
                        break
                    # Half a character gives no text yet, and no text would be the end of the input.
                    for event in parser.feed(text) if (text := decoder.feed(data)) else ():
                        self.process_message(event)
                for event in parser.tick():
                    self.process_message(event)
        wake, self._wake = self._wake, -1
        os.close(wake)
        os.close(woken)
        try:
            for _ in parser.feed(""):
                pass
        except (EOFError, ParseError):
            pass

    def _get_terminal_size(self) -> tuple[int, int]:
        """Ask the terminal first: COLUMNS and LINES, where somebody exported them, do not follow a resize."""
        try:
            width, height = os.get_terminal_size(self.link.fileno())
        except OSError:
            return super()._get_terminal_size()
        return (width, height) if width and height else super()._get_terminal_size()

    def _read(self) -> bytes:
        try:
            return os.read(self.fileno, 1 << 12)
        except OSError:  # the terminal was closed
            return b""

    def _enable_mouse_support(self) -> None:
        super()._enable_mouse_support()
        if self._mouse and abilities.over_ssh():
            # Report the mouse only while a button is down: a hand that moves should cost nothing.
            self.write("\x1b[?1003l\x1b[?1002h")

    def _disable_mouse_support(self) -> None:
        if self._mouse and abilities.over_ssh():
            self.write("\x1b[?1002l")
        super()._disable_mouse_support()

    def _drained(self) -> None:
        """Paint everything anew where frames were dropped."""
        if self._lost:
            self._lost = False
            self._loop.call_soon_threadsafe(self._repaint)

    def _repaint(self) -> None:
        if self._app.is_running:
            self._app.screen.refresh()

    def _leave(self) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._app.exit)
