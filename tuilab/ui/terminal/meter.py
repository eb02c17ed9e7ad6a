"""What the screen costs the line: bytes a second, for readers who want to know."""

import time
from collections.abc import Callable

from tuilab.ui.widgets.figures import size


class Meter:
    """Counts while it is on; looked at as often as one likes, it tells a new rate once a second."""

    def __init__(self, sent: Callable[[], int]) -> None:
        """Make a meter that is off.

        Args:
            sent: Returns the bytes sent so far.
        """
        self._sent = sent
        self._counted: tuple[float, int] | None = None
        self._rate = 0.0

    def toggle(self) -> bool:
        """Turn it on or off; return whether it is on."""
        self._counted = (time.monotonic(), self._sent()) if self._counted is None else None
        return self._counted is not None

    @property
    def told(self) -> str:
        """The rate in words; nothing while it is off."""
        if self._counted is None:
            return ""
        now, sent = time.monotonic(), self._sent()
        since, before = self._counted
        if now - since >= 1:
            self._counted, self._rate = (now, sent), (sent - before) / (now - since)
        return f"{size(self._rate)}/s"
