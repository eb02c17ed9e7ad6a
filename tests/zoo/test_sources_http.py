"""The downloader against a server on loopback that misbehaves in every way a real one does."""

import hashlib
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tuilab.zoo.sources import http
from tuilab.zoo.sources.failure import Failure
from tuilab.zoo.sources.material import Download
from tuilab.zoo.sources.watch import Stopped, Watch

BODY = bytes(range(256)) * 2_000
"""Half a megabyte: more than fits any buffer on the way."""


class Server(ThreadingHTTPServer):
    """Serves BODY under every name; the name says how."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[tuple[str, str]] = []
        """Paths and Range headers, in the order they were asked for."""
        self.released = threading.Event()

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.server_port}/{name}"


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        wanted = self.headers.get("Range", "")
        self.server.asked.append((self.path, wanted))
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted else 0
        name = self.path.strip("/").rpartition("/")[2]
        match name:
            case "missing":
                self.send_error(404)
            case "moved":
                self.send_response(302)
                self.send_header("Location", self.server.url("file"))
                self.end_headers()
            case "other":
                self._send(bytes(len(BODY)), 0)
            case "short":
                self._send(BODY[:100], 0)
            case "silent":
                self.server.released.wait(10)
            case "cut":
                self._send(BODY, start, until=start + 200_000)
            case "cut-at-once":
                self._send(BODY, start, until=0)
            case "slow":
                self._send(BODY, start, pause=0.02)
            case "unresumed":
                self._send(BODY, 0, until=len(BODY) if len(self.server.asked) > 1 else 200_000)
            case "refusing" if start:
                self.send_error(416)
            case _:
                self._send(BODY, start)

    def _send(self, body: bytes, start: int, *, until: int | None = None, pause: float = 0) -> None:
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(body) - start))
        self.end_headers()
        part = body[start : len(body) if until is None else until]
        try:
            for at in range(0, len(part), 20_000):
                self.wfile.write(part[at : at + 20_000])
                if pause and not self.server.released.is_set():
                    time.sleep(pause)
        except OSError:
            pass  # whoever asked has gone

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.released.set()
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "_PAUSE", 0.01)
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


def wanted(size: int = len(BODY)) -> Download:
    return Download("file", size, hashlib.sha256(BODY).hexdigest(), {"file": ("file",)})


def fetched(url: str, part: Path, watch: Watch = Watch(), download: Download | None = None) -> list[int]:  # noqa: B008
    """Fetch, and return what was reported."""
    said: list[int] = []
    http.fetch(url, download or wanted(), part, watch, said.append)
    assert part.read_bytes() == BODY
    return said


def test_a_file_comes_whole_and_tells_how_far_it_is(server: Server, tmp_path: Path) -> None:
    said = fetched(server.url("file"), tmp_path / "part")
    assert said == sorted(said)
    assert said[-1] == len(BODY)


def test_a_cut_connection_goes_on_where_it_was_cut(server: Server, tmp_path: Path) -> None:
    fetched(server.url("cut"), tmp_path / "part")
    assert [asked for _, asked in server.asked] == ["", "bytes=200000-", "bytes=400000-"]


def test_a_connection_that_brings_nothing_is_given_up(server: Server, tmp_path: Path) -> None:
    with pytest.raises(Failure, match=r"the connection was cut after 0 of 512,000 bytes|more expected"):
        fetched(server.url("cut-at-once"), tmp_path / "part")


def test_a_part_of_an_earlier_run_is_gone_on_with(server: Server, tmp_path: Path) -> None:
    (tmp_path / "part").write_bytes(BODY[:500_000])
    fetched(server.url("file"), tmp_path / "part")
    assert server.asked == [("/file", "bytes=500000-")]


def test_a_whole_part_is_not_asked_for_again(server: Server, tmp_path: Path) -> None:
    (tmp_path / "part").write_bytes(BODY)
    fetched(server.url("file"), tmp_path / "part")
    assert server.asked == []


@pytest.mark.parametrize("part", [bytes(1000), bytes(len(BODY)), bytes(len(BODY) + 1)])
def test_a_part_with_other_bytes_is_thrown_away(server: Server, tmp_path: Path, part: bytes) -> None:
    (tmp_path / "part").write_bytes(part)
    fetched(server.url("file"), tmp_path / "part")


def test_a_server_that_cannot_resume_starts_over(server: Server, tmp_path: Path) -> None:
    fetched(server.url("unresumed"), tmp_path / "part")
    assert len(server.asked) == 2


def test_a_server_that_knows_no_such_range_starts_over(server: Server, tmp_path: Path) -> None:
    (tmp_path / "part").write_bytes(BODY[:5])
    fetched(server.url("refusing"), tmp_path / "part")


def test_another_file_of_the_same_size_is_refused(server: Server, tmp_path: Path) -> None:
    with pytest.raises(Failure, match="another file: its SHA-256 is wrong"):
        fetched(server.url("other"), tmp_path / "part")
    assert not (tmp_path / "part").exists()


def test_a_file_of_another_size_is_refused_before_it_comes(server: Server, tmp_path: Path) -> None:
    with pytest.raises(Failure, match="serves 100 bytes in place of 512,000"):
        fetched(server.url("short"), tmp_path / "part")
    assert not (tmp_path / "part").exists()


def test_a_missing_file_says_so(server: Server, tmp_path: Path) -> None:
    with pytest.raises(Failure, match=r"/missing: HTTP 404 Not Found"):
        fetched(server.url("missing"), tmp_path / "part")


def test_a_redirection_is_followed(server: Server, tmp_path: Path) -> None:
    fetched(server.url("moved"), tmp_path / "part")


def test_a_file_of_unknown_size_is_taken_as_it_is(server: Server, tmp_path: Path) -> None:
    fetched(server.url("file"), tmp_path / "part", download=Download("file", 0, "", {"file": ("file",)}))


def test_a_silent_server_is_left(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "PATIENCE", 0.1)
    with pytest.raises(Failure, match=r"no answer within 0.1 s"):
        fetched(server.url("silent"), tmp_path / "part")


def test_nobody_at_the_other_end_is_a_reason(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="refused"):
        fetched("http://127.0.0.1:9/file", tmp_path / "part")


def test_a_slow_download_can_be_stopped_and_gone_on_with(server: Server, tmp_path: Path) -> None:
    part = tmp_path / "part"
    slow = Watch(stop=lambda: part.exists() and part.stat().st_size > 60_000)
    with pytest.raises(Stopped, match="goes on from there"):
        fetched(server.url("slow"), part, slow)
    kept = part.stat().st_size
    assert 60_000 < kept < len(BODY)
    server.released.set()
    fetched(server.url("slow"), part)
    assert server.asked[-1] == ("/slow", f"bytes={kept}-")


def test_an_interrupt_leaves_what_has_come(server: Server, tmp_path: Path) -> None:
    def interrupt(size: int) -> None:
        if size > 100_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        http.fetch(server.url("file"), wanted(), tmp_path / "part", Watch(), interrupt)
    assert (tmp_path / "part").stat().st_size > 100_000
    fetched(server.url("file"), tmp_path / "part")
