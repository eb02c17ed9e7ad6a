"""What the made sequences, tables and series promise beyond the contract."""

import numpy as np
import pytest
import torch

from tuilab.errors import TuilabError
from tuilab.zoo.data import Data, Request
from tuilab.zoo.datasets import co2, valence
from tuilab.zoo.registries import datasets
from tuilab.zoo.splits import TensorSplit
from tuilab.zoo.tasks.seq2seq import Seq2Seq


def _train(data: Data) -> TensorSplit:
    assert isinstance(data.train, TensorSplit)
    return data.train


def _shown(data: Data) -> list[tuple[str, str]]:
    task, train = data.task, _train(data)
    assert isinstance(task, Seq2Seq)
    pairs = zip(train.x.tolist(), train.y.tolist(), strict=True)
    return [(task.source_text(source), task.target_text(target)) for source, target in pairs]


def test_a_reversed_string_is_the_string_backwards() -> None:
    pairs = _shown(datasets["reverse"].build(Request(), samples=200))
    assert all(target == source[::-1] for source, target in pairs)
    assert {len(source) for source, _ in pairs} == set(range(6, 13))


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("digits", [1, 3, 18])
def test_a_sum_is_right(digits: int, backwards: bool) -> None:
    data = datasets["addition"].build(Request(), samples=60, digits=digits, backwards=backwards)
    for source, target in _shown(data):
        first, second = map(int, source.split("+"))
        assert int(target[::-1] if backwards else target) == first + second


def test_of_few_possible_sums_each_is_given_once() -> None:
    data = datasets["addition"].build(Request(), samples=500, digits=1)
    assert sum(data.split(name).rows for name in ("train", "eval", "test")) == 100


def test_parity_counts_the_ones() -> None:
    train = _train(datasets["parity"].build(Request()))
    assert torch.equal((train.x - 1).sum(dim=1) % 2, train.y)
    assert 0.45 < float(train.y.double().mean()) < 0.55


def test_copy_asks_for_what_came_first() -> None:
    train = _train(datasets["copy"].build(Request(), delay=10))
    assert torch.equal(train.x[:, 0] - 1, train.y)
    assert int(train.x[:, 1:].min()) > int(train.x[:, 0].max())


def test_the_rare_class_is_a_twentieth() -> None:
    data = datasets["imbalanced"].build(Request())
    labels = torch.cat(
        [data.split(name).take(data.split(name).order(None))[1] for name in ("train", "eval", "test")]
    )
    assert labels.bincount().tolist() == [1900, 100]


def test_ravine_features_differ_by_the_ratio_and_matter_alike() -> None:
    train = _train(datasets["ravine-features"].build(Request(), samples=20_000, ratio=100.0))
    spread = train.x.std(dim=0)
    assert float(spread[-1] / spread[0]) == pytest.approx(100, rel=0.05)
    weights = torch.linalg.lstsq(train.x / spread, train.y, driver="gelsd").solution
    assert float(weights.abs().max() / weights.abs().min()) < 1.1


def test_co2_is_filled_where_weeks_are_missing() -> None:
    series, gaps = co2.read()
    assert (len(series), gaps) == (2284, 59)
    assert (series[0], series[-1]) == (316.1, 371.5)
    assert series[6] == pytest.approx((316.9 + 317.5) / 2, abs=0.2)
    assert np.abs(np.diff(series)).max() < 5


def test_co2_guesses_a_rise_from_the_year_before() -> None:
    series, _ = co2.read()
    data = datasets["co2"].build(Request())
    train, test = _train(data), data.test
    assert isinstance(test, TensorSplit)
    assert (train.x[:, -1] == 0).all()
    assert train.x[0, 0, 0] == pytest.approx(series[0] - series[51], abs=1e-4)
    # Least squares on the season does far better than guessing no change. The last of the columns is zero,
    # and torch's usual driver looks at memory it has not cleared then: https://github.com/pytorch/pytorch/issues/187411
    flat = torch.cat([train.x.flatten(1), torch.ones(len(train.x), 1)], dim=1).double()
    weights = torch.linalg.lstsq(flat, train.y.double(), driver="gelsd").solution
    guess = torch.cat([test.x.flatten(1), torch.ones(len(test.x), 1)], dim=1).double() @ weights
    error = (guess - test.y).square().mean() / (test.y - test.y.mean()).square().mean()
    assert 0.7 < 1 - float(error) < 1


def test_co2_says_when_a_stretch_is_too_short() -> None:
    with pytest.raises(TuilabError, match=r"data\.history: eval has 45 weeks, too few for windows of 52"):
        datasets["co2"].build(Request(split=(0.9, 0.02, 0.08)))


def test_valence_has_each_word_once_and_three_moods() -> None:
    words, labels = valence.read()
    assert len(words) == len(set(words)) == 7506
    assert labels.bincount().tolist() == [3815, 703, 2988]
    moods = dict(zip(words, labels.tolist(), strict=True))
    assert (moods["horrible"], moods["great"], moods[":)"]) == (0, 2, 2)
