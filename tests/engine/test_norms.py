"""All gradient norms at once are those of each gradient, whatever its size."""

import pytest
import torch

from tuilab.engine.norms import Norms


@pytest.mark.parametrize("small", [3, 40])
def test_norms_are_those_of_float64(small: int) -> None:
    generator = torch.Generator().manual_seed(0)
    shapes = [(5, 7)] * small + [(80, 90), (3,), (1025,), (1024,), ()]
    parameters = [torch.nn.Parameter(torch.zeros(shape)) for shape in shapes]
    for number, parameter in enumerate(parameters):
        parameter.grad = torch.randn(parameter.shape, generator=generator) * 10.0 ** (number % 9 - 4)
    parameters[1].grad = None
    exact = [0.0 if p.grad is None else float(p.grad.double().norm()) for p in parameters]
    kept = [None if p.grad is None else p.grad.clone() for p in parameters]
    assert Norms(parameters)().tolist() == pytest.approx(exact, rel=1e-6)
    for parameter, before in zip(parameters, kept, strict=True):
        assert (parameter.grad is None) == (before is None)
        if parameter.grad is not None and before is not None:
            assert torch.equal(parameter.grad, before)


def test_what_is_no_number_stays_with_its_tensor() -> None:
    parameters = [torch.nn.Parameter(torch.zeros(4)) for _ in range(30)]
    for parameter in parameters:
        parameter.grad = torch.ones(4)
    parameters[7].grad = torch.tensor([1.0, torch.nan, 0.0, 0.0])
    parameters[9].grad = torch.tensor([1.0, torch.inf, 0.0, 0.0])
    norms = Norms(parameters)()
    assert norms.isnan().nonzero().tolist() == [[7]]
    assert norms.isinf().nonzero().tolist() == [[9]]
