"""What a trained run makes of inputs, of every kind that a task takes."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from tuilab.engine.inputs import read
from tuilab.engine.predict import Options, predict
from tuilab.engine.trained import Trained
from tuilab.engine.typed_inputs import from_words
from tuilab.errors import TuilabError
from tuilab.zoo.tasks.regression import Regression


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
        predict(model, ["The "], Options(length=9, temperature=0.0, seed=s))[0]["text"] for s in (1, 2)
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
