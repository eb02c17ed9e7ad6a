"""One file over HTTP: resumed where it was cut off, measured while it comes, hashed before it is believed.

What has come lies in a `.part` file. It outlives a cut connection, a stop and
the process itself; the next try asks the server for the rest only.
"""

import errno
import http.client
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from tuilab.zoo.sources.failure import Failure
from tuilab.zoo.sources.material import Download
from tuilab.zoo.sources.store import sha256_of
from tuilab.zoo.sources.watch import Watch

PATIENCE = 10.0
"""Seconds a server may stay silent; a working mirror answers within one."""

_PIECE = 1 << 16
_TRIES = 5
"""Of one address, as long as each brings the file on."""
_PAUSE = 0.5
"""Seconds before the second try; doubled with each."""
_PARTIAL = 206
_NO_SUCH_RANGE = 416
_GONE = (OSError, http.client.HTTPException, ssl.SSLError)
"""What a connection that fails or breaks can raise."""

LOCAL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM)
"""Errors of this machine's own disk: another source cannot help."""

Report = Callable[[int], None]
"""Told how many bytes of this file are here."""


def fetch(url: str, download: Download, part: Path, watch: Watch, report: Report) -> None:
    """Bring a file to `part`, whole and verified.

    Raises:
        Failure: the address does not give the file; a part with wrong bytes is removed.
        Stopped: whoever watches does not want to go on; the part is kept.
    """
    resumed = part.exists()
    _bring(url, download, part, watch, report)
    if download.sha256 and sha256_of(part) != download.sha256:
        part.unlink()
        if resumed:
            # The beginning may have come from elsewhere: once more, all of it from here.
            return fetch(url, download, part, watch, report)
        raise Failure(url, "it serves another file: its SHA-256 is wrong")
    return None


def _bring(url: str, download: Download, part: Path, watch: Watch, report: Report) -> None:
    """Fetch what is missing, again and again while each try brings something."""
    for number in range(_TRIES):
        before = _size(part)
        try:
            total = _once(url, download, part, watch, report)
        except urllib.error.HTTPError as error:
            error.close()
            raise Failure(url, f"HTTP {error.code} {error.reason}") from error
        except _GONE as error:
            if getattr(error, "errno", None) in LOCAL:
                raise
            reason, total = _reason(error), download.size or -1
        else:
            reason = f"the connection was cut after {_size(part):,} of {total:,} bytes"
        if _size(part) == total:
            return
        if _size(part) == before or number == _TRIES - 1:
            raise Failure(url, reason)
        _rest(_PAUSE * 2**number, watch)


def _once(url: str, download: Download, part: Path, watch: Watch, report: Report) -> int:
    """Fetch once, and return the size that the whole file has."""
    if download.size and _size(part) >= download.size:
        if _size(part) == download.size:
            return download.size
        part.unlink()
    start = _size(part)
    with _opened(url, start) as response:
        if start and getattr(response, "status", None) != _PARTIAL:
            start = 0  # it does not resume
        length = response.headers.get("Content-Length")
        total = start + int(length) if length else download.size
        if download.size and total != download.size:
            raise Failure(url, f"it serves {total:,} bytes in place of {download.size:,}")
        with part.open("ab" if start else "wb") as out:
            while piece := response.read1(_PIECE):
                out.write(piece)
                start += len(piece)
                if download.size and start > download.size:
                    break
                report(start)
                watch.check()
    return total or start


def _opened(url: str, start: int) -> AbstractContextManager[Any]:
    headers = {"User-Agent": "tuilab", "Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
    try:
        request = urllib.request.Request(url, headers=headers)
        response: AbstractContextManager[Any] = urllib.request.urlopen(request, timeout=PATIENCE)
        return response
    except urllib.error.HTTPError as error:
        if not start or error.code != _NO_SUCH_RANGE:
            raise
        error.close()
        return _opened(url, 0)


def _reason(error: Exception) -> str:
    inner = error.reason if isinstance(error, urllib.error.URLError) else error
    return (
        f"no answer within {PATIENCE:g} s" if isinstance(inner, TimeoutError) else str(inner) or repr(inner)
    )


def _rest(seconds: float, watch: Watch) -> None:
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        watch.check()
        time.sleep(min(left, 0.1))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
