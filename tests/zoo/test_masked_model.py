"""The blanks of a masked model: how many, which, and that an evaluation draws none."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from tuilab.zoo.tasks.masked_model import MaskedModel
from tuilab.zoo.tasks.task import IGNORED

CPU = torch.device("cpu")


def _task(length: int, tokens: int = 50) -> MaskedModel:
    return MaskedModel(
        input_shape=(length,),
        outputs=tokens,
        tokens=tokens + 1,
        vocabulary=tuple(chr(65 + number) for number in range(tokens)),
        examples=((1, 2, 3, 4, 5, 6), (7, 8, 9)),
    )


class _Echo(nn.Module):
    """Remembers what it was given and says it back."""

    def __init__(self, tokens: int) -> None:
        super().__init__()
        self.tokens = tokens
        self.seen = torch.zeros(0)

    def forward(self, x: Tensor) -> Tensor:
        self.seen = x
        return nn.functional.one_hot(x.clamp(max=self.tokens - 1), self.tokens).float()


def _masked(task: MaskedModel, x: Tensor, training: bool) -> tuple[Tensor, Tensor]:
    """Return what the model is given, and the targets."""
    echo = _Echo(task.outputs).train(training)
    outputs, targets = task.forward(echo, x, x)
    assert outputs.shape == (x.numel(), task.outputs)
    return echo.seen, targets.view_as(x)


@pytest.mark.parametrize("training", [True, False])
def test_fifteen_percent_are_taken_out(training: bool) -> None:
    torch.manual_seed(0)
    task, x = _task(128), torch.randint(50, (400, 128))
    inputs, targets = _masked(task, x, training)
    chosen = targets != IGNORED
    assert chosen.double().mean().item() == pytest.approx(0.15, abs=0.01)
    assert torch.equal(targets[chosen], x[chosen])
    assert torch.equal(inputs[~chosen], x[~chosen])
    blank, same = inputs[chosen] == task.blank, inputs[chosen] == x[chosen]
    assert blank.double().mean().item() == pytest.approx(0.8 if training else 1.0, abs=0.02)
    # A tenth stays, and of the tenth that is replaced one in fifty becomes what it was.
    assert same.double().mean().item() == pytest.approx(0.102 if training else 0.0, abs=0.02)


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 9), st.integers(1, 6), st.booleans(), st.integers(0, 2**31))
def test_each_text_lacks_at_least_one_token(length: int, rows: int, training: bool, seed: int) -> None:
    torch.manual_seed(seed)
    _, targets = _masked(_task(length), torch.randint(50, (rows, length)), training)
    assert (targets != IGNORED).any(dim=1).all()


def test_an_evaluation_is_the_same_in_any_batch_and_draws_nothing() -> None:
    task, x = _task(32), torch.randint(50, (20, 32))
    state = torch.get_rng_state()
    together, _ = _masked(task, x, training=False)
    alone = torch.cat([_masked(task, row, training=False)[0] for row in x.split(3)])
    assert torch.equal(together, alone)
    assert torch.equal(state, torch.get_rng_state())


def test_every_place_and_every_row_is_taken_out_alike() -> None:
    task, x = _task(64), torch.randint(50, (2000, 64))
    _, targets = _masked(task, x, training=False)
    chosen = (targets != IGNORED).double()
    assert chosen.mean(dim=0).min() > 0.1
    assert chosen.mean(dim=0).max() < 0.2
    assert chosen.sum(dim=1).std().item() == pytest.approx((64 * 0.15 * 0.85) ** 0.5, rel=0.2)


def test_samples_show_the_blanks_and_what_fills_them() -> None:
    task = _task(8)
    echo = _Echo(task.outputs).train()
    first = task.sample(echo, CPU)
    assert first == task.sample(echo, CPU)
    assert echo.training
    for shown, example in zip(first, task.examples, strict=True):
        blanks, filled, whole = shown.text.split("\n")
        assert whole == task.decode(list(example)).replace("\n", " ")
        assert task.blank_text in blanks
        assert all(a in (b, task.blank_text) for a, b in zip(blanks, whole, strict=True))
        assert task.blank_text not in filled


def test_the_blank_is_one_token_more() -> None:
    with pytest.raises(ValueError, match="one token more"):
        MaskedModel(input_shape=(4,), outputs=5, tokens=5, vocabulary=tuple("abcde"))
