import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tuilab.errors import TuilabError
from tuilab.zoo.data import three_way, two_way
from tuilab.zoo.splits import TokenSplit


@given(st.integers(3, 500), st.integers(0, 2**31), st.floats(0.01, 0.4), st.floats(0.01, 0.4))
def test_every_row_is_in_exactly_one_split(rows: int, seed: int, held: float, test: float) -> None:
    shares = (1 - held - test, held, test)
    for parts in (three_way(rows, seed, shares), two_way(rows, seed, shares)):
        assert torch.cat(parts).sort().values.tolist() == list(range(rows))
        assert all(len(part) for part in parts)


@pytest.mark.parametrize("shares", [(0.5, 0.5, 0.5), (1.0, 0.0, 0.0), (0.8, 0.3, -0.1)])
def test_shares_that_are_none_are_refused(shares: tuple[float, float, float]) -> None:
    with pytest.raises(TuilabError, match=r"data\.split: .* sum to 1"):
        three_way(100, 0, shares)


def test_too_few_rows_are_refused() -> None:
    with pytest.raises(TuilabError, match=r"data\.split: of 2 rows none is left"):
        three_way(2, 0, (0.72, 0.08, 0.2))


@given(st.integers(1, 12), st.integers(0, 100), st.integers(0, 2**31))
def test_windows_tile_the_stream_and_targets_are_one_ahead(context: int, spare: int, seed: int) -> None:
    split = TokenSplit(torch.arange(2 * context + 1 + spare), context)
    order = split.order(torch.Generator().manual_seed(seed))
    x, y = split.take(order)
    assert torch.equal(y, x + 1)
    assert len(x.unique()) == x.numel() == split.rows * context
