"""What every data set keeps, whichever it is."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from tests.zoo.test_datasets_minis import fill
from tuilab.errors import TuilabError
from tuilab.registry import Entry
from tuilab.zoo.data import Data, Request
from tuilab.zoo.normalize import fit
from tuilab.zoo.registries import datasets, losses
from tuilab.zoo.splits import Split, TensorSplit, TokenSplit
from tuilab.zoo.tasks.classification import Classification
from tuilab.zoo.tasks.language_model import LanguageModel
from tuilab.zoo.tasks.reinforcement import Reinforcement
from tuilab.zoo.tasks.seq2seq import Seq2Seq
from tuilab.zoo.tasks.surface import Surface
from tuilab.zoo.tasks.task import Task

Case = tuple[Entry[Data], dict[str, Any]]

_SPLITS = ("train", "eval", "test")


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache that holds a miniature of every fetched data set."""
    path = tmp_path_factory.mktemp("data")
    fill(path)
    return path


def _splits(data: Data) -> Iterator[Split]:
    for name in _SPLITS:
        yield data.split(name)


def _first(split: Split, rows: int) -> tuple[Tensor, Tensor]:
    return split.take(split.order(None)[:rows])


def test_it_builds_splits_with_rows_that_fit_the_task(dataset_case: Case, cache: Path) -> None:
    entry, knobs = dataset_case
    data = entry.build(Request(cache=cache), **knobs)
    assert data.task.name == entry.card.facts["task"]
    for split in _splits(data):
        assert split.rows >= 1
        x, y = _first(split, 3)
        assert x.shape == (min(3, split.rows), *data.task.input_shape)
        assert x.dtype == (torch.int64 if data.task.tokens else torch.float32)
        whole = isinstance(data.task, Classification | LanguageModel | Seq2Seq)
        assert y.dtype == (torch.int64 if whole else torch.float32)
        assert x.isfinite().all()
        assert y.isfinite().all()
        assert len(y) == len(x)
        if whole:
            assert 0 <= int(y.min()) <= int(y.max()) < data.task.outputs


def test_its_card_says_what_it_is(dataset: Entry[Data], cache: Path) -> None:
    facts = dataset.card.facts
    data = dataset.build(Request(cache=cache))
    assert list(data.task.input_shape) == facts["shape"]
    assert all(isinstance(facts[key], str) and facts[key] for key in ("licence", "unit", "where"))
    assert facts["at_hand"] or (facts["path"] and facts["files"])
    if isinstance(data.task, Classification):
        assert list(data.task.classes) == facts["classes"]
        assert len(data.task.classes) == data.task.outputs
    if facts["at_hand"] and isinstance(data.train, TensorSplit) and not isinstance(data.task, Surface):
        assert sum(split.rows for split in _splits(data)) == facts["rows"]
    if len(data.task.input_shape) <= 2 and not data.task.tokens and not isinstance(data.task, Surface):
        assert len(data.task.features) == data.task.input_shape[-1]


def test_the_same_seed_gives_the_same_cut_and_another_seed_another(dataset: Entry[Data], cache: Path) -> None:
    first, again, other = (dataset.build(Request(seed=seed, cache=cache)) for seed in (3, 3, 4))
    for name in _SPLITS:
        for ours, theirs in zip(_first(first.split(name), 50), _first(again.split(name), 50), strict=True):
            assert torch.equal(ours, theirs)
    in_order = isinstance(first.task, Surface) or dataset.name == "co2"
    if isinstance(first.train, TensorSplit) and not in_order:
        assert not torch.equal(_first(first.train, 50)[0], _first(other.train, 50)[0])


def test_building_leaves_the_runs_own_randomness_alone(dataset: Entry[Data], cache: Path) -> None:
    before = torch.get_rng_state()
    dataset.build(Request(cache=cache))
    assert torch.equal(before, torch.get_rng_state())


def test_no_sample_is_in_two_splits(dataset: Entry[Data], cache: Path) -> None:
    data = dataset.build(Request(cache=cache))
    if isinstance(data.task, Surface | LanguageModel):
        pytest.skip("a surface has no samples, and any text repeats a few letters")
    seen = [
        {(x.numpy().tobytes(), y.numpy().tobytes()) for x, y in zip(*_first(split, split.rows), strict=True)}
        for split in _splits(data)
    ]
    shared = (seen[0] & seen[1]) | (seen[0] & seen[2]) | (seen[1] & seen[2])
    # Fisher measured two irises (rows 102 and 143) alike; the data hold both.
    assert len(shared) <= (1 if dataset.name == "iris" else 0)


def test_a_model_and_the_default_loss_learn_from_it(
    dataset: Entry[Data], cache: Path, some_model: Callable[[Task], nn.Module]
) -> None:
    # A thousand positions of fifty thousand scores each would be a gigabyte.
    data = dataset.build(Request(cache=cache), **({"context": 32} if dataset.name == "fineweb" else {}))
    loss = losses[data.task.default_loss].build(data.task)
    model = some_model(data.task)
    model.train()
    value = loss(*data.task.forward(model, *_first(data.train, 4)))
    value.backward()
    score = data.task.score(model, torch.device("cpu"))
    with torch.no_grad():
        score.update(*data.task.forward(model, *_first(data.test, 4)), value)
    assert set(score.result()) == {"loss", *data.task.metrics}


def test_limited_keeps_the_first_rows(dataset: Entry[Data], cache: Path) -> None:
    train = dataset.build(Request(cache=cache)).train
    few = train.limited(7)
    assert few.rows == 7
    assert torch.equal(_first(few, 7)[0], _first(train, 7)[0])
    assert train.limited(10**9).rows == train.rows


def test_an_epoch_visits_every_row_once_in_an_order_from_the_seed(dataset: Entry[Data], cache: Path) -> None:
    train = dataset.build(Request(cache=cache)).train
    order, again, other = (train.order(torch.Generator().manual_seed(seed)) for seed in (1, 1, 2))
    assert torch.equal(order, again)
    assert not torch.equal(order, other)
    assert len(order.unique()) == train.rows == len(order)
    train.take(order[order.argmax()].reshape(1))


def test_normalised_inputs_are_those_of_the_train_split(dataset: Entry[Data], cache: Path) -> None:
    data = dataset.build(Request(cache=cache))
    if data.task.tokens or isinstance(data.task, Surface | Reinforcement):
        with pytest.raises(TuilabError, match=r"data\.normalize: .* Leave it at"):
            fit("standard", data.train, data.task)
        return
    x, _ = _first(fit("standard", data.train, data.task).split(data.train), data.train.rows)
    assert abs(float(x.mean())) < 1e-3
    assert abs(float(x.std()) - 1) < 0.01


def test_a_request_for_other_shares_is_followed() -> None:
    data = datasets["digits"].build(Request(split=(0.5, 0.25, 0.25)))
    assert [split.rows for split in _splits(data)] == [899, 449, 449]
    official = datasets["fashion-mini"].build(Request(split=(0.6, 0.2, 0.2)))
    assert [split.rows for split in _splits(official)] == [3750, 1250, 1000]


def test_fashion_mini_is_balanced() -> None:
    data = datasets["fashion-mini"].build(Request())
    labels = [_first(split, split.rows)[1] for split in _splits(data)]
    assert torch.cat(labels[:2]).bincount().tolist() == [500] * 10
    assert labels[2].bincount().tolist() == [100] * 10


def test_images_are_scaled_to_one(dataset: Entry[Data], cache: Path) -> None:
    data = dataset.build(Request(cache=cache))
    if len(data.task.input_shape) == 3:
        x, _ = _first(data.train, data.train.rows)
        assert (float(x.min()), float(x.max())) == (0.0, 1.0)


def test_diabetes_targets_are_standardised_on_train_and_scored_in_their_own_unit() -> None:
    data = datasets["diabetes"].build(Request())
    _, y = _first(data.train, data.train.rows)
    assert abs(float(y.mean())) < 1e-5
    assert abs(float(y.std(correction=0)) - 1) < 1e-5
    score = data.task.score(torch.nn.Identity(), torch.device("cpu"))
    score.update(torch.zeros_like(y), y, torch.tensor(0.0))
    assert 70 < score.result()["rmse"] < 85  # the spread of Efron's target is 77


def test_python_docs_tests_on_text_that_was_not_trained_on() -> None:
    data = datasets["python-docs"].build(Request())
    assert isinstance(data.task, LanguageModel)
    assert isinstance(data.train, TokenSplit)
    assert isinstance(data.test, TokenSplit)
    trained, tested = (data.task.decode(part.stream.tolist()) for part in (data.train, data.test))
    sentences = [part for part in tested.split("\n\n") if len(part) > 100][1:]
    assert len(sentences) > 100
    assert not any(sentence in trained for sentence in sentences)
    assert len(data.notes["sha256"]) == 64
    assert all(data.task.encode(prompt) for prompt in data.task.prompts)


def test_python_docs_says_when_the_context_is_too_long() -> None:
    request = Request(split=(0.98, 0.01, 0.01))
    with pytest.raises(TuilabError, match=r"data\.context: eval has .* too few for windows of 4096"):
        datasets["python-docs"].build(request, context=4096)


def test_python_docs_says_what_to_install_without_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pydoc_data.topics", None)
    with pytest.raises(TuilabError, match="came without pydoc_data"):
        datasets["python-docs"].build(Request())
