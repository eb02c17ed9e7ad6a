"""Int8 weights: exact sums, errors within half a step of the scale, a quarter of the bytes."""

import copy

import pytest
import torch
from torch import Tensor, nn

from tuilab.engine import quantise as module
from tuilab.engine.quantise import SCALE, Int8Linear, quantise, rounded, size_of
from tuilab.zoo import lora


@pytest.fixture
def matrix() -> Tensor:
    torch.manual_seed(0)
    made = torch.randn(7, 12) * torch.logspace(-6, 6, 7)[:, None]
    made[3] = 0
    return made


def test_a_rounded_matrix_is_within_half_a_step(matrix: Tensor) -> None:
    whole, scale = rounded(matrix)
    assert whole.dtype == torch.int8
    assert int(whole.max()) == 127
    assert int(whole.min()) >= -127
    assert ((whole.float() * scale - matrix).abs() <= scale / 2 * 1.0001).all()
    assert not whole[3].any()


def test_the_layer_is_its_definition_to_the_bit(matrix: Tensor, monkeypatch: pytest.MonkeyPatch) -> None:
    bias = torch.randn(7)
    layer = Int8Linear(*rounded(matrix), bias)
    x = torch.randn(3, 5, 12)
    rows, row_scale = rounded(x.reshape(15, 12))
    sums = rows.long() @ layer.weight.long().T
    wanted = (sums.float() * row_scale * layer.scale + bias).reshape(3, 5, 7)
    assert torch.equal(layer(x), wanted)
    monkeypatch.setattr(module, "_has_int8_matmul", lambda device: False)
    assert torch.equal(Int8Linear(*rounded(matrix), bias)(x), wanted)


@pytest.mark.parametrize(("inputs", "outputs"), [(1, 1), (1, 8), (2, 1), (17, 3)])
@pytest.mark.parametrize("rows", [1, 2, 33])
def test_layers_of_any_size_stay_close_to_float(inputs: int, outputs: int, rows: int) -> None:
    torch.manual_seed(0)
    weight, x = torch.randn(outputs, inputs), torch.randn(rows, inputs)
    layer = Int8Linear(*rounded(weight), None)
    torch.testing.assert_close(layer(x), x @ weight.T, rtol=0, atol=0.03 * inputs)


def test_a_model_computes_with_what_a_file_of_it_holds() -> None:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(16, 10))
    before, x = copy.deepcopy(network).eval(), torch.randn(8, 1, 4, 4)
    held = quantise(network.eval())
    assert {name for name, tensor in held.items() if tensor.dtype == torch.int8} == {"0.weight", "3.weight"}
    assert isinstance(network[3], Int8Linear)
    assert torch.equal(network.get_parameter("0.weight"), held["0.weight"].float() * held[f"0.weight{SCALE}"])
    assert size_of(held) == 4 * 9 + 4 * 4 + 4 * 4 + 160 + 10 * 4 + 10 * 4 + 4 * 4 * 4 + 8
    torch.testing.assert_close(network(x), before(x), rtol=0, atol=0.05)


def test_tied_weights_are_held_once_and_lora_is_merged_first() -> None:
    network = nn.Sequential(nn.Linear(6, 6), nn.Linear(6, 6))
    network[1].weight = network[0].weight
    assert sum(name.endswith("weight") for name in quantise(network)) == 1
    tuned = nn.Sequential(nn.Linear(6, 3))
    lora.add(tuned, ["0"], rank=2, alpha=4, dropout=0)
    nn.init.normal_(tuned.get_parameter("0.lora.up.weight"))
    x = torch.randn(4, 6)
    wanted = tuned(x)
    assert set(quantise(tuned)) == {"0.weight", f"0.weight{SCALE}", "0.bias"}
    torch.testing.assert_close(tuned(x), wanted, rtol=0.05, atol=0.1)
