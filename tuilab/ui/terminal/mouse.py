"""Bytes from the terminal to text, whatever they are.

A terminal that was not asked for the SGR form, or lost it when tmux attached to
another one, reports the mouse in the X10 form: `ESC [ M` and three raw bytes,
which past column 95 are no longer ASCII and never were UTF-8. They are rewritten
into the SGR form here; any other byte that is no UTF-8 becomes a replacement
character, which no key is bound to.
"""

import re
from codecs import getincrementaldecoder

_X10 = re.compile(rb"\x1b\[M([\x20-\xff])([\x00-\xff])([\x00-\xff])", re.DOTALL)
_UNFINISHED = re.compile(rb"\x1b\[M.{0,2}\Z", re.DOTALL)
_OPENING = re.compile(rb"\x1b\[?\Z")
_RELEASE = 3
_MOTION_OR_WHEEL = 32 | 64


class InputDecoder:
    """Turns what is read into text, keeping a report that has not wholly arrived."""

    def __init__(self) -> None:
        self._decode = getincrementaldecoder("utf-8")("replace").decode
        self._kept = b""
        self._passed = b""
        """The beginning of an escape sequence that was passed on already."""
        self._button = 0

    def feed(self, data: bytes) -> str:
        r"""Return the text of all that is complete.

        >>> InputDecoder().feed(b"a" + b"\x1b[M" + bytes([32, 32 + 200, 33]))
        'a\x1b[<0;200;1M'
        """
        # An escape is passed on at once, for it may be the key; what follows is seen together with it.
        given = len(self._passed)
        data = self._passed + self._kept + data
        self._kept = b""
        if unfinished := _UNFINISHED.search(data):
            self._kept, data = data[max(unfinished.start(), given) :], data[: max(unfinished.start(), given)]
        opening = _OPENING.search(data)
        self._passed = opening[0] if opening else b""
        return self._decode(_X10.sub(self._as_sgr, data)[given:])

    def _as_sgr(self, report: re.Match[bytes]) -> bytes:
        code, x, y = (report[group][0] - 32 for group in (1, 2, 3))
        end = b"M"
        if not code & _MOTION_OR_WHEEL:
            if code & 3 == _RELEASE:  # X10 does not say which button was let go
                code, end = code & ~3 | self._button, b"m"
            else:
                self._button = code & 3
        # Columns past 223 wrap around or are sent as 0: there is nothing better than the edge.
        return b"\x1b[<%d;%d;%d%s" % (code, max(x, 1), max(y, 1), end)
