import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from tuilab.errors import TuilabError
from tuilab.zoo import normalize
from tuilab.zoo.normalize import Normalizer, fit
from tuilab.zoo.splits import Batch, Split, TensorSplit
from tuilab.zoo.tasks.classification import Classification
from tuilab.zoo.tasks.regression import Regression

_TABLE = Regression(input_shape=(3,), outputs=1)


def _split(x: torch.Tensor) -> TensorSplit:
    return TensorSplit(x, torch.zeros(len(x), 1))


@given(arrays.arrays(np.float32, (20, 3), elements=st.floats(-1000, 1000, width=32)))
def test_a_table_is_scaled_as_scikit_learn_does(table: np.ndarray) -> None:
    # A spread at the last digit of float32 is noise to both, and they round it differently.
    if (np.ptp(table, axis=0) < 1e-3).any():
        return
    split = _split(torch.from_numpy(table))
    for kind, reference in (("standard", StandardScaler()), ("minmax", MinMaxScaler())):
        expected = reference.fit_transform(table.astype(np.float64))
        actual = fit(kind, split, _TABLE).apply(split.x)
        np.testing.assert_allclose(actual.numpy(), expected, rtol=2e-3, atol=2e-3)


def test_a_column_that_never_varies_becomes_zero() -> None:
    split = _split(torch.tensor([[1.0, 5.1, 3.0], [2.0, 5.1, 1e9], [4.0, 5.1, -2.0]]))
    for kind in ("standard", "minmax"):
        x = fit(kind, split, _TABLE).apply(split.x)
        assert x.isfinite().all()
        assert (x[:, 1] == 0).all()


def test_images_are_scaled_per_channel() -> None:
    x = torch.rand(50, 3, 4, 4) * torch.tensor([1.0, 10.0, 100.0]).reshape(3, 1, 1)
    task = Classification(input_shape=(3, 4, 4), outputs=2, classes=("a", "b"))
    scaled = fit("standard", _split(x), task).apply(x)
    torch.testing.assert_close(scaled.mean(dim=(0, 2, 3)), torch.zeros(3), atol=1e-5, rtol=0)
    torch.testing.assert_close(scaled.std(dim=(0, 2, 3)), torch.ones(3), atol=1e-2, rtol=0)


def test_large_values_with_a_small_spread_keep_their_digits() -> None:
    x = 1e6 + torch.arange(12, dtype=torch.float32).reshape(4, 3)
    scaled = fit("standard", _split(x), _TABLE).apply(x)
    torch.testing.assert_close(scaled.std(dim=0, correction=0), torch.ones(3), atol=1e-2, rtol=0)


def test_it_is_the_same_in_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    split = _split(torch.randn(50, 3) * 3 + 7)
    whole = fit("standard", split, _TABLE)
    monkeypatch.setattr(normalize, "_CHUNK", 7)
    chunked = fit("standard", split, _TABLE)
    torch.testing.assert_close(whole.state_dict(), chunked.state_dict())


def test_its_state_gives_the_same_inputs_back() -> None:
    split = _split(torch.randn(50, 3))
    for kind in ("none", "standard", "minmax"):
        fitted = fit(kind, split, _TABLE)
        again = Normalizer.from_state_dict(fitted.state_dict())
        assert torch.equal(fitted.apply(split.x), again.apply(split.x))
    assert fit("none", split, _TABLE).split(split) is split


def test_a_split_outside_memory_is_scaled_as_it_is_taken() -> None:
    class Streamed:
        def __init__(self, inner: TensorSplit) -> None:
            self.inner = inner
            self.rows = inner.rows
            self.device, self.bytes = None, 0

        def order(self, generator: torch.Generator | None) -> torch.Tensor:
            return self.inner.order(generator)

        def take(self, positions: torch.Tensor) -> Batch:
            return self.inner.take(positions)

        def to(self, device: torch.device) -> Split:
            return Streamed(self.inner.to(device))

        def limited(self, rows: int) -> Split:
            return Streamed(self.inner.limited(rows))

    split = _split(torch.randn(50, 3) * 4)
    fitted = fit("minmax", Streamed(split), _TABLE)
    streamed = fitted.split(Streamed(split)).to(torch.device("cpu")).limited(9)
    assert streamed.rows == 9
    assert torch.equal(streamed.take(streamed.order(None))[0], fitted.apply(split.x)[:9])


def test_an_unknown_kind_is_refused_with_the_nearest() -> None:
    with pytest.raises(TuilabError, match=r"data\.normalize: .*Did you mean 'standard'"):
        fit("standrad", _split(torch.zeros(4, 3)), _TABLE)
