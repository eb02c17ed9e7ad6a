"""A trained run taken up again: its figures, what it makes of inputs, and the same over HTTP."""

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tuilab.engine.inputs import read
from tuilab.engine.predict import Options, predict
from tuilab.engine.serve import Server
from tuilab.engine.trained import Trained, load
from tuilab.engine.typed_inputs import from_words
from tuilab.errors import TuilabError
from tuilab.runs import Run
from tuilab.zoo.tasks.regression import Regression

MakeRun = Callable[..., Run]
Train = Callable[[Run], str]

SMALL_GPT = {"model.layers": "1", "model.width": "16", "data.context": "8", "data.limit": "64"}
QUIET = {"train.sample_every": "off"}

RUNS = {
    "digits": ("digits-mlp", {"train.steps": "40"}),
    "image": ("fashion-cnn", {"train.steps": "2", "data.limit": "64"}),
    "table": ("diabetes-linear", {"train.steps": "40"}),
    "language": ("docs-gpt", {**SMALL_GPT, **QUIET, "train.steps": "3"}),
    "texts": (
        "digits-mlp",
        {"data.name": "valence", "data.normalize": "none", "model.name": "textcnn", "train.steps": "3"},
    ),
    "pairs": (
        "digits-mlp",
        {"data.name": "reverse", "data.normalize": "none", "model.name": "seq2seq-gru", "train.steps": "3"},
    ),
    "masked": (
        "docs-gpt",
        {
            **SMALL_GPT,
            **QUIET,
            "model.name": "transformer-encoder",
            "data.task": "masked-model",
            "train.steps": "3",
        },
    ),
    "copies": (
        "digits-mlp",
        {"data.task": "autoencoder", "model.name": "autoencoder", "train.steps": "3", **QUIET},
    ),
    "surface": ("ravine-momentum", {"train.steps": "3"}),
    "policy": ("cartpole-reinforce", {"train.steps": "2", "data.longest": "20", **QUIET}),
    "ema": ("digits-mlp", {"train.steps": "20", "train.ema": "0.9"}),
    "early": ("digits-mlp", {"train.steps": "20", "train.early_stop": "3", "train.eval_every": "5"}),
    "both": (
        "digits-mlp",
        {"train.steps": "20", "train.early_stop": "3", "train.ema": "0.5", "train.eval_every": "5"},
    ),
    "lora": ("digits-mlp", {"train.steps": "20", "model.lora.rank": "4"}),
}


@pytest.fixture
def trained(make_run: MakeRun, train: Train, home: Path) -> Callable[..., Trained]:
    """A function that trains a run of the table above and takes it up again."""

    def make(name: str, **options: Any) -> Trained:
        preset, settings = RUNS[name]
        run = make_run(preset, **settings)
        assert train(run) == "finished"
        return load(run, home, **options)

    return make


@pytest.mark.parametrize("name", list(RUNS))
def test_a_run_taken_up_again_has_its_own_figures(name: str, trained: Callable[..., Trained]) -> None:
    again = trained(name)
    said = again.run.status.metrics
    for metric, value in again.metrics("test").items():
        assert value == pytest.approx(said[f"test.{metric}"], rel=1e-5, abs=1e-7, nan_ok=True), metric


def test_an_earlier_checkpoint_has_the_figures_of_its_evaluation(
    make_run: MakeRun, train: Train, home: Path
) -> None:
    run = make_run(
        "digits-mlp", **{"train.steps": "20", "train.eval_every": "10", "train.checkpoint_every": "10"}
    )
    train(run)
    (first,) = run.evals["loss"][(run.evals["split"] == b"eval") & (run.evals["step"] == 10)]
    assert load(run, home, 10).metrics("eval")["loss"] == pytest.approx(first, rel=1e-6)
    with pytest.raises(TuilabError, match=r"no checkpoint of step 7\. It has those of step 10, 20"):
        load(run, home, 7)
    with pytest.raises(TuilabError, match="There is no split 'tets'"):
        load(run, home).metrics("tets")


def test_int8_is_a_quarter_of_the_bytes_and_nearly_as_good(
    trained: Callable[..., Trained], home: Path
) -> None:
    whole = trained("digits")
    small = load(whole.run, home, int8=True)
    assert small.bytes < 0.3 * small.float_bytes
    assert small.float_bytes == whole.bytes == sum(p.numel() * 4 for p in whole.model.parameters())
    assert small.metrics("test")["accuracy"] == pytest.approx(whole.metrics("test")["accuracy"], abs=0.01)


def test_classes_come_with_their_probabilities(trained: Callable[..., Trained]) -> None:
    model = trained("digits")
    rows = predict(model, ["test:0", "test:5", "eval:3"])
    for answer in rows:
        assert answer["probability"] == max(answer["probabilities"].values())
        assert sum(answer["probabilities"].values()) == pytest.approx(1, abs=1e-5)
        assert answer["truth"] in answer["probabilities"]
        assert f"(truth: {answer['truth']})" in answer["shown"]
    right = sum(
        answer["class"] == answer["truth"] for answer in predict(model, [f"test:{i}" for i in range(100)])
    )
    assert right == round(100 * right / 100)
    assert right > 60


def test_a_typed_row_is_normalised_as_the_run_was(trained: Callable[..., Trained]) -> None:
    model = trained("table")
    names = model.built.data.task.features
    x, _ = model.built.data.test.take(torch.tensor([4]))
    normalizer = model.normalizer
    typed = (x[0] * normalizer.scale + normalizer.shift).tolist()
    by_index, by_list, by_name = predict(model, ["test:4", typed, dict(zip(names, typed, strict=True))])
    assert by_list["value"] == pytest.approx(by_index["value"], rel=1e-4)
    assert by_name["value"] == by_list["value"]
    assert 25 < by_list["value"] < 346  # the range of the targets themselves, in their unit
    assert by_list["target"] in by_list["shown"]


def test_a_language_model_goes_on(trained: Callable[..., Trained]) -> None:
    model = trained("language")
    first, again = (predict(model, ["The "], Options(length=20, seed=3))[0]["text"] for _ in range(2))
    assert first == again
    assert first.startswith("The ")
    assert len(first) == 24
    assert predict(model, ["The "], Options(length=20, seed=4))[0]["text"] != first
    likeliest = {
        predict(model, ["The "], Options(length=9, temperature=0, seed=s))[0]["text"] for s in (1, 2)
    }
    assert len(likeliest) == 1
    (of_split,) = predict(model, ["test:2"], Options(length=5))
    assert of_split["text"].startswith(of_split["prompt"])
    test = model.built.data.test
    x, _ = test.take(test.order(None)[2:3])
    whole = model.built.data.task.decode(x[0].tolist())  # type: ignore[attr-defined]
    assert of_split["prompt"] + of_split["truth"] == whole
    with pytest.raises(TuilabError, match="never seen '\U0001f600'"):
        predict(model, ["\U0001f600"])


def test_texts_pairs_blanks_and_copies(trained: Callable[..., Trained]) -> None:
    (word,) = predict(trained("texts"), ["lovely"])
    assert set(word["probabilities"]) == {"negative", "neutral", "positive"}
    pairs = trained("pairs")
    source = pairs.built.data.task.source_vocabulary[1] * 2  # type: ignore[attr-defined]
    (turned, of_split) = predict(pairs, [source, "test:3"])
    assert isinstance(turned["text"], str)
    x, _ = pairs.built.data.test.take(torch.tensor([3]))
    given = pairs.built.data.task.source_text(x[0].tolist())  # type: ignore[attr-defined]
    assert of_split["truth"] == given[::-1]
    masked = trained("masked")
    (filled, row) = predict(masked, ["im▒ort", "test:0"])
    assert len(filled["text"]) == 6
    assert (filled["text"][:2], filled["text"][3:]) == ("im", "ort")
    assert "▒" in row["asked"]
    assert "▒" not in row["text"] + row["truth"]
    kept = [(a, b) for a, b in zip(row["asked"], row["truth"], strict=True) if a != "▒"]
    assert all(a == b for a, b in kept)
    with pytest.raises(TuilabError, match="nothing is missing from the text; write '▒'"):
        predict(masked, ["import"])
    (copy,) = predict(trained("copies"), ["test:1"])
    assert np.shape(copy["reconstruction"]) == (1, 8, 8)


def test_a_policy_says_what_it_would_do_in_a_state(trained: Callable[..., Trained]) -> None:
    policy = trained("policy")
    state = {"cart position": 0.1, "cart velocity": 0, "pole angle": -0.05, "pole velocity": 0.2}
    (acts, again, of_split) = predict(policy, [state, list(state.values()), "test:0"])
    with torch.no_grad():
        scores = policy.model(torch.tensor([list(state.values())]))[0, :2]
    left, right = scores.softmax(dim=0).tolist()
    assert acts["probabilities"] == pytest.approx({"push left": left, "push right": right})
    assert acts["action"] == ("push left" if left > right else "push right")
    assert again == acts
    assert "truth" not in of_split


def test_a_point_on_a_surface_is_neither_asked_nor_served(trained: Callable[..., Trained]) -> None:
    point = trained("surface")
    for ask in (lambda: predict(point, ["test:0"]), lambda: Server(point, "127.0.0.1", 0)):
        with pytest.raises(TuilabError, match=r"surface has nothing to predict: .* `tuilab show "):
            ask()


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ([1.0, 2.0], "an input is 2; this model takes 10 numbers: age"),
        ("hello", "'hello' is not 10 numbers"),
        ({"age": 1}, "sex, bmi, .* are missing"),
        ({"agee": 1}, "no feature 'agee'. Did you mean 'age'"),
        ([float("nan")] * 10, "not finite"),
        ("test:99999", "test has rows 0 to"),
        (None, "None is not 10 numbers"),
        ([[1], [2, 3]], "is not 10 numbers"),
    ],
)
def test_what_the_model_does_not_take_is_refused(
    value: Any, words: str, trained: Callable[..., Trained]
) -> None:
    with pytest.raises(TuilabError, match=f"input 1: .*{words}"):
        predict(trained("table"), [value])


def test_files_are_read_as_inputs(trained: Callable[..., Trained], tmp_path: Path) -> None:
    model = trained("image")
    task = model.built.data.task
    pixels = np.random.default_rng(0).integers(0, 256, (28, 28), dtype=np.uint8)
    np.save(tmp_path / "one.npy", pixels)
    np.save(tmp_path / "three.npy", np.stack([pixels] * 3))
    (tmp_path / "grey.pgm").write_bytes(b"P5\n# a comment\n28 28\n255\n" + pixels.tobytes())
    words = [str(tmp_path / name) for name in ("one.npy", "three.npy", "grey.pgm")]
    values = from_words(words, task)
    assert len(values) == 5
    images = [read(value, task) for value in values]
    assert all(torch.equal(image, images[0]) for image in images)
    assert images[0].shape == (1, 28, 28)
    assert float(images[0].max()) <= 1
    np.save(tmp_path / "object.npy", np.array([{}], dtype=object), allow_pickle=True)
    (tmp_path / "cut.pgm").write_bytes(b"P5 28 28 255 ab")
    for name, what in {
        "object.npy": "not a plain .npy",
        "cut.pgm": "ends before",
        "no.npy": "no file",
    }.items():
        with pytest.raises(TuilabError, match=what):
            from_words([str(tmp_path / name)], task)


def test_tables_are_read_as_inputs(trained: Callable[..., Trained], tmp_path: Path) -> None:
    task = trained("table").built.data.task
    names = ",".join(task.features)
    (tmp_path / "rows.csv").write_text(f"id,{names}\n1,{','.join(['0.5'] * 10)}\n2,{','.join(['1'] * 10)}\n")
    assert [read(value, task).tolist() for value in from_words([str(tmp_path / "rows.csv")], task)] == [
        [0.5] * 10,
        [1.0] * 10,
    ]
    assert from_words([f"{name}=1" for name in task.features], task) == [dict.fromkeys(task.features, 1.0)]
    assert from_words(["1"] * 10, task) == [[1.0] * 10]
    assert from_words(["-1,2e-3", "3,4"], task) == [[-1.0, 0.002], [3.0, 4.0]]
    (tmp_path / "rows.csv").write_text("age,sex\n1,2\n")
    with pytest.raises(TuilabError, match="has no column bmi"):
        from_words([str(tmp_path / "rows.csv")], task)
    with pytest.raises(TuilabError, match="'what' is nothing this model reads"):
        from_words(["what"], task)
    with pytest.raises(TuilabError, match="age: 'old' is not a number"):
        from_words(["age=old"], task)


def test_grades_are_words_or_their_numbers() -> None:
    task = Regression(
        input_shape=(2,), outputs=1, features=("carat", "cut"), grades={"cut": ("Fair", "Good", "Ideal")}
    )
    expected = [[0.5, 2.0]]
    for words in (["carat=0.5", "cut=Ideal"], ["0.5,Ideal"], ["0.5,2"], ["0.5", "2"]):
        assert [read(value, task).tolist() for value in from_words(words, task)] == expected
    assert read({"carat": 0.5, "cut": "Ideal"}, task).tolist() == expected[0]
    with pytest.raises(TuilabError, match=r"cut: there is no 'Idael'\. Did you mean 'Ideal'"):
        read({"carat": 0.5, "cut": "Idael"}, task)
    with pytest.raises(TuilabError, match=r"2 values: carat, cut \(Fair to Ideal\)"):
        from_words(["what"], task)


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
