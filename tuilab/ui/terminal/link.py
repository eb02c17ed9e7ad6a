"""The way to the terminal: takes everything at once, sends it as fast as the line allows.

Textual's writer puts thirty frames in a queue and then makes the whole screen
wait for the line. Here nothing ever waits: whoever draws asks `unsent` first and
skips a frame while the last one is on its way, and `clogged` says when even what
was asked for by a key should be left out and painted anew later.
"""

import os
import re
import threading
from collections import deque
from collections.abc import Callable, Mapping

from tuilab.ui.terminal.cells import cells

ENOUGH = 1 << 14
"""Bytes that may wait: about one full screen at 80x24, two seconds of a 64 kbit/s line."""

_FOREIGN = re.compile("[^\0-\x7f]")

_AT_ONCE = 1 << 12
"""Bytes given to the system in one call: what a pseudo-terminal takes."""


class Link:
    """A file to write to, with a thread of its own that does the waiting."""

    def __init__(self, file: int, plain: Mapping[int, str] | None = None, encoding: str = "utf-8") -> None:
        """Send to a file descriptor, with characters that its terminal lacks replaced."""
        self._file = file
        self._plain = plain or {}
        self._encoding = encoding
        self._waiting: deque[bytes] = deque()
        self._changed = threading.Condition()
        self._unsent = 0
        self.sent = 0
        """Bytes that the system has taken so far."""
        self.gone = False
        """Whether the terminal was closed."""
        self.on_drained: Callable[[], None] = lambda: None
        """Called from the thread whenever nothing waits any more."""
        self.on_gone: Callable[[], None] = lambda: None
        """Called from the thread once, when the terminal was closed."""
        threading.Thread(target=self._send, daemon=True, name="tuilab-link").start()

    @property
    def unsent(self) -> int:
        """Bytes that the system has not taken yet."""
        return self._unsent

    @property
    def clogged(self) -> bool:
        """Whether more waits than makes sense to add to."""
        return self._unsent > ENOUGH

    def write(self, text: str) -> int:
        """Take a text; never waits."""
        text, taken = text.translate(self._plain), len(text)
        if self._encoding == "ascii" and not text.isascii():
            # As many cells as whoever laid the row out gave it, or all that stands behind moves.
            text = _FOREIGN.sub(lambda found: "?" * cells(found[0]), text)
        data = text.encode(self._encoding, "replace")
        with self._changed:
            if data and not self.gone:
                self._waiting.append(data)
                self._unsent += len(data)
                self._changed.notify_all()
        return taken

    def flush(self) -> None:
        """Do nothing: everything is on its way already."""

    def fileno(self) -> int:
        """Return the descriptor it sends to."""
        return self._file

    def isatty(self) -> bool:
        """Whether it sends to a terminal."""
        return os.isatty(self._file)

    def discard(self) -> None:
        """Forget what waits, but for the rest of a text that is half sent."""
        with self._changed:
            self._unsent -= sum(map(len, self._waiting))
            self._waiting.clear()

    def drain(self, seconds: float) -> bool:
        """Wait until everything is sent, at most so long; return whether it is."""
        with self._changed:
            return self._changed.wait_for(lambda: self.gone or self._unsent == 0, seconds)

    def _send(self) -> None:
        while not self.gone:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting)
                data = self._waiting.popleft()
            while data and not self.gone:
                data = data[self._send_some(data) :]
            if self._unsent == 0:
                self.on_drained()

    def _send_some(self, data: bytes) -> int:
        try:
            done = os.write(self._file, data[:_AT_ONCE])
        except OSError:
            with self._changed:
                self.gone, self._unsent = True, 0
                self._waiting.clear()
                self._changed.notify_all()
            self.on_gone()
            return len(data)
        with self._changed:
            self.sent += done
            self._unsent -= done
            self._changed.notify_all()
        return done
