"""Serving a trained run over HTTP: as predict answers, in JSON whatever is sent."""

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tuilab.engine.predict import predict
from tuilab.engine.serve import Server
from tuilab.engine.trained import Trained
from tuilab.errors import TuilabError


def test_a_point_on_a_surface_is_neither_asked_nor_served(trained: Callable[..., Trained]) -> None:
    point = trained("surface")
    for ask in (lambda: predict(point, ["test:0"]), lambda: Server(point, "127.0.0.1", 0)):
        with pytest.raises(TuilabError, match=r"surface has nothing to predict: .* `tuilab show "):
            ask()


class Client:
    """Talks to a server on this machine."""

    def __init__(self, url: str) -> None:
        self._url = url

    def __call__(self, path: str, body: bytes | None = None) -> tuple[int, dict[str, Any]]:
        request = urllib.request.Request(self._url + path, body)
        try:
            with urllib.request.urlopen(request, timeout=30) as reply:
                return reply.status, json.loads(reply.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read())

    def predict(self, inputs: Any, **options: Any) -> tuple[int, dict[str, Any]]:
        return self("/predict", json.dumps({"inputs": inputs, **options}).encode())


@pytest.fixture
def served(trained: Callable[..., Trained]) -> Iterator[tuple[Trained, Client]]:
    model = trained("table")
    server = Server(model, "127.0.0.1", 0)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield model, Client(server.url)
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_server_answers_as_predict_does(served: tuple[Trained, Client]) -> None:
    model, client = served
    assert client("/health") == (200, {"status": "ok"})
    status, facts = client("/")
    assert status == 200
    assert (facts["run"], facts["task"], facts["parameters"]) == (model.run.id, "regression", 11)
    rows = [[0.1 * i] * 10 for i in range(600)]
    status, answer = client.predict(rows)
    assert status == 200
    values = [one["value"] for one in answer["predictions"]]
    assert values == [one["value"] for one in predict(model, rows)]


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b"{", 400, "not JSON"),
        (b"[" * 100_000, 400, "not JSON"),
        (b"[]", 400, 'Send {"inputs"'),
        (b'{"inputs": []}', 400, 'Send {"inputs"'),
        (b'{"inputs": [[1]], "lenght": 3}', 400, "no option 'lenght'"),
        (b'{"inputs": [[1]], "length": true}', 400, "length: True is not a whole number"),
        (b'{"inputs": [[1]]}', 400, "input 1: an input is 1; this model takes 10 numbers"),
        (b'{"inputs": ["/etc/passwd.npy"]}', 400, "is not 10 numbers"),
        (json.dumps({"inputs": [0] * 5000}).encode(), 400, "5000 inputs are too many"),
        (b" " * ((16 << 20) + 1), 413, "at most"),
    ],
)
def test_a_server_refuses_in_json_and_goes_on(
    body: bytes, status: int, words: str, served: tuple[Trained, Client]
) -> None:
    _, client = served
    try:
        found, answer = client("/predict", body)
    except (ConnectionError, urllib.error.URLError):
        assert status == 413  # it hung up before all of it was sent
    else:
        assert found == status
        assert words in answer["error"]
    assert client("/nothing")[0] == 404
    assert client.predict([[0.0] * 10])[0] == 200
