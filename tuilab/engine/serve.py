"""A trained model behind HTTP: POST /predict, GET / for what it is, GET /health.

The standard library's server, a thread a connection; the model answers one request at a
time. There is no authentication: it listens to this machine only unless it is told otherwise.
"""

import json
import signal
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tuilab.engine.predict import Options, expects, predict, refuse_mute
from tuilab.engine.trained import Trained
from tuilab.errors import TuilabError

_MOST_BYTES = 16 << 20
"""Of a request: some 4,000 images of 28x28 written out as JSON."""

_MOST_INPUTS = 4096
"""In one request; a model's own batch is smaller, and is cut."""

_OPTIONS = ("length", "temperature", "seed")
_PATIENCE = 30.0
"""Seconds to wait for the rest of a request."""


class Server(ThreadingHTTPServer):
    """Serves one model until it is told to stop."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, trained: Trained, host: str, port: int) -> None:
        """Listen; port 0 takes any that is free.

        Raises:
            TuilabError: the model answers nothing, or the address cannot be had.
        """
        refuse_mute(trained)
        self.trained = trained
        self.busy = threading.Lock()
        """Held while the model computes: torch uses all cores for one request already."""
        try:
            super().__init__((host, port), _Handler)
        except (OSError, OverflowError) as error:
            raise TuilabError(
                f"{host}:{port} cannot be listened on ({error}). Choose another --host or --port."
            ) from error

    @property
    def url(self) -> str:
        """Where it is."""
        host, port = self.server_address[0], self.server_address[1]
        return f"http://{host!s}:{port}"

    def run(self) -> None:
        """Serve until SIGINT or SIGTERM, then finish what is being answered."""
        for number in (signal.SIGINT, signal.SIGTERM):
            # From another thread: shutdown waits for the loop that this handler interrupts.
            signal.signal(number, lambda *_: threading.Thread(target=self.shutdown).start())
        self.serve_forever(poll_interval=0.1)
        with self.busy:
            self.server_close()


class _Handler(BaseHTTPRequestHandler):
    """Answers in JSON whatever is asked."""

    server: Server
    protocol_version = "HTTP/1.1"
    server_version = "tuilab"
    timeout = _PATIENCE

    def do_GET(self) -> None:
        """Say what the model is, or that it is there."""
        match self.path.partition("?")[0]:
            case "/health":
                self._answer(HTTPStatus.OK, {"status": "ok"})
            case "/":
                trained = self.server.trained
                self._answer(
                    HTTPStatus.OK, {**trained.facts(), "takes": expects(trained), "predict": "POST /predict"}
                )
            case _:
                self._refuse(HTTPStatus.NOT_FOUND, "There is GET /, GET /health and POST /predict.")

    def do_POST(self) -> None:
        """Predict."""
        if self.path.partition("?")[0] != "/predict":
            self._refuse(HTTPStatus.NOT_FOUND, "There is GET /, GET /health and POST /predict.")
            return
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal():
            self._refuse(HTTPStatus.LENGTH_REQUIRED, "The request needs a Content-Length.")
            return
        if int(length) > _MOST_BYTES:
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"A request holds at most {_MOST_BYTES} bytes.")
            return
        try:
            inputs, options = _understood(self.rfile.read(int(length)))
            with self.server.busy:
                answers = predict(self.server.trained, inputs, options)
        except TuilabError as error:
            self._refuse(HTTPStatus.BAD_REQUEST, str(error))
        except Exception as error:  # one request must not take the server down
            self._refuse(HTTPStatus.INTERNAL_SERVER_ERROR, f"{type(error).__name__}: {error}")
        else:
            plain = [{key: answer[key] for key in answer if key != "shown"} for answer in answers]
            self._answer(HTTPStatus.OK, {"predictions": plain})

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the name it has in the library
        """Say nothing of single requests: stderr is for what went wrong."""

    def _refuse(self, status: HTTPStatus, text: str) -> None:
        self.close_connection = True  # what was sent and not read must not count as the next request
        self._answer(status, {"error": text})

    def _answer(self, status: HTTPStatus, value: dict[str, Any]) -> None:
        try:
            body = json.dumps(value, allow_nan=False).encode()
        except ValueError:
            status = HTTPStatus.INTERNAL_SERVER_ERROR
            body = json.dumps({"error": "The model gave numbers that are not finite."}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)


def _understood(body: bytes) -> tuple[list[Any], Options]:
    """Return the inputs and options of a request.

    Raises:
        TuilabError: it is not JSON, or not what is asked for.
    """
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise TuilabError(f"The request is not JSON: {error}") from error
    inputs = asked.get("inputs") if isinstance(asked, dict) else None
    if not isinstance(inputs, list) or not inputs:
        raise TuilabError('Send {"inputs": [...]}, an item for each prediction.')
    if len(inputs) > _MOST_INPUTS:
        raise TuilabError(f"{len(inputs)} inputs are too many; send at most {_MOST_INPUTS} at a time.")
    if strange := [key for key in asked if key not in ("inputs", *_OPTIONS)]:
        raise TuilabError(f"There is no option {strange[0]!r}. There are inputs, {', '.join(_OPTIONS)}.")
    options = {key: asked[key] for key in _OPTIONS if key in asked}
    for key, value in options.items():
        whole = key != "temperature"
        if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
            raise TuilabError(f"{key}: {value!r} is not a {'whole ' if whole else ''}number.")
    return inputs, Options(**options)
