"""Sequence to sequence: how pairs travel, what counts, and what decoding gives."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from tuilab.zoo.registries import losses, models
from tuilab.zoo.tasks.seq2seq import END, PADDING, START, Seq2Seq, started
from tuilab.zoo.tasks.task import IGNORED

CPU = torch.device("cpu")
READERS = ("seq2seq-transformer", "seq2seq-gru")
TASK = Seq2Seq(
    input_shape=(6,),
    outputs=8,
    tokens=7,
    target_length=5,
    source_vocabulary=tuple("-abcdef"),
    target_vocabulary=tuple("-<>ABCDE"),
    separator=" ",
    examples=(((1, 2), (3, 4)), ((3,), (5,))),
)


def _pairs(rows: int = 16) -> tuple[Tensor, Tensor]:
    """Return sources of 1 to 4 letters and the same letters turned round, ended, as targets."""
    generator = torch.Generator().manual_seed(0)
    x = torch.zeros(rows, 6, dtype=torch.int64)
    y = torch.zeros(rows, 5, dtype=torch.int64)
    for row in range(rows):
        length = int(torch.randint(1, 5, (1,), generator=generator))
        letters = torch.randint(1, 6, (length,), generator=generator)
        x[row, :length], y[row, :length], y[row, length] = letters, letters.flip(0) + 2, END
    return x, y


class _Oracle(nn.Module):
    """Knows the answer, but for one token of the last row."""

    def __init__(self, y: Tensor, mistake: bool) -> None:
        super().__init__()
        self.scores = nn.functional.one_hot(y, TASK.outputs).float()
        if mistake:
            self.scores[-1, 0] = 0
            self.scores[-1, 0, START] = 1

    def forward(self, x: Tensor, given: Tensor) -> Tensor:
        return self.scores[:, : given.shape[1]]


def test_the_decoder_is_given_the_target_behind_the_start() -> None:
    y = torch.tensor([[3, 4, END, PADDING, PADDING]])
    assert started(y).tolist() == [[START, 3, 4, END, PADDING]]
    outputs, targets = TASK.forward(_Oracle(y, mistake=False), y, y)
    assert outputs.shape == (5, 8)
    assert targets.tolist() == [3, 4, END, IGNORED, IGNORED]


@pytest.mark.parametrize("batch", [1, 5, 16])
@pytest.mark.parametrize("mistake", [False, True])
def test_padding_is_neither_right_nor_wrong(mistake: bool, batch: int) -> None:
    x, y = _pairs()
    score = TASK.score(nn.Identity(), CPU)
    outputs = _Oracle(y, mistake)(x, started(y))
    for scores, some in zip(outputs.split(batch), y.split(batch), strict=True):
        targets = some.masked_fill(some == PADDING, IGNORED).flatten()
        score.update(scores.flatten(0, 1), targets, torch.tensor(2.0))
    real = int((y != PADDING).sum())
    assert score.result() == pytest.approx(
        {
            "loss": 2.0,
            "exact_match": 15 / 16 if mistake else 1.0,
            "token_accuracy": (real - 1) / real if mistake else 1.0,
        }
    )


def test_decoding_stops_at_the_end_and_leaves_the_mode_alone() -> None:
    x, y = _pairs(2)
    oracle = _Oracle(y, mistake=False).train()
    guesses = TASK.translate(oracle, x)
    expected = [[token for token in row if token > END] for row in y.tolist()]
    assert guesses == expected
    assert oracle.training


def test_samples_stand_beside_their_targets() -> None:
    y = torch.tensor([[3, 4, END, 0, 0], [6, END, 0, 0, 0]])
    made = TASK.sample(_Oracle(y, mistake=False), CPU)
    assert [sample.text for sample in made] == ["ab -> A B (A B)", "c -> D (C)"]
    assert made[1].data == {"source": "c", "guess": "D", "target": "C"}


@pytest.mark.parametrize("name", READERS)
def test_a_later_target_token_never_changes_earlier_scores(name: str) -> None:
    torch.manual_seed(0)
    model = models[name].build(TASK).eval()
    x, y = _pairs()
    changed = y.clone()
    changed[:, 3:] = 5
    torch.testing.assert_close(model(x, y)[:, :3], model(x, changed)[:, :3], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", READERS)
def test_more_padding_of_the_source_changes_nothing(name: str) -> None:
    torch.manual_seed(0)
    model = models[name].build(TASK).eval()
    x, y = _pairs()
    torch.testing.assert_close(model(x[:, :4], y), model(x, y), rtol=1e-5, atol=1e-6)
    assert model(torch.zeros_like(x), y).isfinite().all()


@pytest.mark.parametrize("name", READERS)
def test_exact_matches_are_what_decoding_would_give(name: str) -> None:
    """They are counted without decoding; here half-trained models are decoded all the same."""
    torch.manual_seed(0)
    model = models[name].build(TASK, width=32, dropout=0.0)
    x, y = _pairs(64)
    _train(model, x, y, steps=25)
    model.eval()
    score = TASK.score(model, CPU)
    with torch.no_grad():
        outputs, targets = TASK.forward(model, x, y)
    score.update(outputs, targets, outputs.mean())
    expected = [[token for token in row if token > END] for row in y.tolist()]
    ended = [guess == true for guess, true in zip(TASK.translate(model, x), expected, strict=True)]
    assert 0.05 < sum(ended) / 64 < 1
    assert score.result()["exact_match"] == pytest.approx(sum(ended) / 64)


@pytest.mark.parametrize("name", READERS)
def test_it_learns_to_turn_words_round(name: str) -> None:
    torch.manual_seed(0)
    model = models[name].build(TASK, width=32, dropout=0.0)
    x, y = _pairs(64)
    _train(model, x, y, steps=200)
    score = TASK.score(model, CPU)
    with torch.no_grad():
        outputs, targets = TASK.forward(model.eval(), x, y)
    score.update(outputs, targets, outputs.mean())
    assert score.result()["exact_match"] > 0.95


def _train(model: nn.Module, x: Tensor, y: Tensor, steps: int) -> None:
    loss = losses["cross-entropy"].build(TASK)
    optimizer: Any = torch.optim.AdamW(model.parameters(), lr=5e-3)
    for _ in range(steps):
        optimizer.zero_grad()
        loss(*TASK.forward(model, x, y)).backward()
        optimizer.step()
