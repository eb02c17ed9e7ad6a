"""Fast parts: what they compute, when they are taken, and that a run keeps what it began with."""

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils._python_dispatch import TorchDispatchMode

from tests.engine.kit import MakeRun, Train
from tuilab import new_run, zoo
from tuilab.engine.build import build
from tuilab.engine.fast import channels_last, choice, linear, measure, memory
from tuilab.engine.trainer import Trainer
from tuilab.forks import forked
from tuilab.runs import Run

LAYERS = ", ".join(
    f"{{ layer = '{name}' }}"
    for name in ("conv", "batch-norm", "relu", "conv", "max-pool", "flatten", "linear")
)
CNN = {"model.name": "sequential", "model.layers": f"[{LAYERS}]"}
GPT = {
    "data.batch_size": "4", "data.context": "16", "data.limit": "60", "model.dropout": "0.1",
    "model.layers": "1", "model.width": "16", "train.sample_every": "off",
}  # fmt: skip


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every part that fits wins, in a run of any length."""
    monkeypatch.setattr(choice, "_SHARE", 0)
    monkeypatch.setattr(choice, "measure", lambda built, names: dict.fromkeys(names, 0.5))


@pytest.fixture
def broken_operator(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """OneDNN's operator gives something else than it should."""
    linear.works.cache_clear()
    with monkeypatch.context() as patch:
        patch.setattr(linear, "_operator", lambda x, weight, bias: functional.linear(x, weight, bias) * 1.01)
        yield
    linear.works.cache_clear()


@pytest.mark.parametrize("shape", [(4, 6), (1, 6), (2, 3, 6), (6,), (0, 6), (2, 2, 2, 6)])
@pytest.mark.parametrize("bias", [True, False])
def test_a_fast_layer_gives_what_a_plain_one_gives(shape: tuple[int, ...], bias: bool) -> None:
    torch.manual_seed(0)
    plain = nn.Linear(6, 5, bias=bias)
    fast = copy.deepcopy(plain)
    linear.apply(fast)
    x = torch.randn(shape, requires_grad=True)
    for layer in (plain, fast):
        layer(x).sum().backward()
    ours, torchs = fast(x), plain(x)
    assert ours.shape == torchs.shape
    assert torch.allclose(ours, torchs, atol=1e-6)
    for a, b in zip(fast.parameters(), plain.parameters(), strict=True):
        assert torch.allclose(a.grad, b.grad, atol=1e-5)  # type: ignore[arg-type]
    assert list(fast.state_dict()) == list(plain.state_dict())


def test_a_fast_layer_can_be_used_twice_frozen_and_derived_twice() -> None:
    torch.manual_seed(0)
    plain = nn.Linear(6, 6)
    fast = copy.deepcopy(plain)
    linear.apply(fast)
    x = torch.randn(4, 6, requires_grad=True)
    curvatures = []
    for layer in (plain, fast):
        (slope,) = torch.autograd.grad(layer(layer(x).tanh()).pow(3).sum(), layer.weight, create_graph=True)
        curvatures.append(torch.autograd.grad(slope.square().sum(), [layer.weight, x]))
    for a, b in zip(*curvatures, strict=True):
        assert torch.allclose(a, b, rtol=1e-3, atol=1e-4)
    fast.weight.requires_grad_(False)
    fast(x.t().contiguous().t()[1:, :]).sum().backward()
    assert fast.weight.grad is None
    assert fast.bias.grad is not None


def test_autocast_and_other_numbers_keep_torchs_own_way() -> None:
    fast = nn.Linear(6, 5)
    linear.apply(fast)
    with torch.autocast("cpu", torch.bfloat16):
        assert fast(torch.ones(2, 6)).dtype == torch.bfloat16
    assert fast.double()(torch.ones(2, 6, dtype=torch.float64)).dtype == torch.float64
    linear.undo(fast)
    assert type(fast) is nn.Linear


@pytest.mark.parametrize(
    ("preset", "settings", "parts"),
    [
        ("digits-mlp", {"model.dropout": "0.1"}, ["onednn-linear"]),
        ("digits-mlp", CNN, ["channels-last", "onednn-linear"]),
        ("docs-gpt", GPT, ["onednn-linear"]),
    ],
)
def test_losses_agree_on_both_paths_and_probes_are_neutral_on_the_fast_one(
    preset: str, settings: dict[str, str], parts: list[str], make_run: MakeRun, train: Train, taken: None
) -> None:
    common = {**settings, "train.steps": "120", "train.eval_every": "off", "train.checkpoint_every": "off"}
    common["optimizer.lr"] = "1e-3"
    watched = {f"probes.{name}": "40" for name in ("updates", "activations", "noise_scale", "sharpness")}
    plain = make_run(preset, **common, **{"train.fast": "off"})
    fast, seen = make_run(preset, **common), make_run(preset, **common, **watched)
    assert {train(run) for run in (plain, fast, seen)} == {"finished"}
    assert plain.meta["fast"]["parts"] == []
    assert fast.meta["fast"]["parts"] == parts
    assert np.asarray(fast.steps["loss"]) == pytest.approx(
        np.asarray(plain.steps["loss"]), rel=1e-5, abs=1e-5
    )
    assert seen.steps["loss"].tobytes() == fast.steps["loss"].tobytes()
    assert any(event.kind == "steps" and parts[-1] in event.text for event in fast.events().read())


@pytest.mark.parametrize("meta", ["kept", "lost"])
def test_a_run_taken_up_again_keeps_its_parts_and_its_bits(
    meta: str, make_run: MakeRun, train: Train, kill_at: Callable[[Run, int], None], taken: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    settings = {
        **CNN, "train.steps": "30",
        "train.checkpoint_every": "10", "train.ema": "0.9",
    }  # fmt: skip
    whole, cut = make_run("digits-mlp", **settings), make_run("digits-mlp", **settings)
    train(whole)
    kill_at(cut, 17)
    if meta == "lost":
        (cut.path / "meta.json").unlink()
    monkeypatch.setattr(choice, "measure", lambda built, names: pytest.fail("measured again"))
    monkeypatch.setattr(memory, "recall", lambda home, key: pytest.fail("looked up again"))
    train(cut)
    assert cut.meta["fast"] == {**whole.meta["fast"], "why": cut.meta["fast"]["why"]}
    assert cut.steps["loss"].tobytes() == whole.steps["loss"].tobytes()
    weights = [(run.checkpoints[-1] / "model.safetensors").read_bytes() for run in (whole, cut)]
    assert weights[0] == weights[1]


def test_a_run_goes_on_without_a_part_that_is_gone_and_says_so(
    make_run: MakeRun, train: Train, kill_at: Callable[[Run, int], None], taken: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    run = make_run("digits-mlp", **{"train.steps": "20", "train.checkpoint_every": "5"})
    kill_at(run, 12)
    monkeypatch.setattr(linear, "works", lambda: False)
    assert train(run) == "finished"
    assert run.meta["fast"]["parts"] == []
    assert any("does not work here" in event.text for event in run.events().read())


@pytest.mark.parametrize("gone", [False, True])
def test_a_fork_takes_what_its_parent_took_as_far_as_that_is_there(
    gone: bool, make_run: MakeRun, train: Train, home: Path, taken: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    parent = make_run("digits-mlp", **{"train.steps": "20", "train.checkpoint_every": "5"})
    train(parent)
    child = new_run.create(home, forked(parent, 10, {}, zoo.describe()))
    monkeypatch.setattr(choice, "measure", lambda built, names: pytest.fail("measured again"))
    monkeypatch.setattr(memory, "recall", lambda home, key: pytest.fail("looked up again"))
    monkeypatch.setattr(linear, "works", lambda: not gone)
    assert train(child) == "finished"
    assert child.meta["fast"]["parts"] == ([] if gone else ["onednn-linear"])
    assert any("does not work here" in event.text for event in child.events().read()) == gone
    if not gone:
        assert child.steps["loss"].tobytes() == parent.steps["loss"].tobytes()


def test_a_run_in_bf16_takes_no_part(make_run: MakeRun, train: Train, taken: None) -> None:
    run = make_run("digits-mlp", **{"train.steps": "3", "train.precision": "bf16"})
    train(run)
    assert run.meta["fast"]["parts"] == []


def test_a_finding_holds_for_one_model_batch_and_machine(
    make_run: MakeRun, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def key(**settings: str) -> str:
        return memory.key(build(make_run("digits-mlp", **settings).spec, home / "data"), ["onednn-linear"])

    others = [
        {"model.width": "[9]"},
        {"data.batch_size": "9"},
        {"train.threads": "2"},
        {"model.activation": "tanh"},
    ]
    found = {key(), *(key(**settings) for settings in others)}
    for name, value in (
        ("torch.__version__", "1.0"),
        ("tuilab.engine.fast.memory._processor", lambda: "another"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(name, value)
            found.add(key())
    assert len(found) == 3 + len(others)
    assert key(**{"optimizer.lr": "0.5", "train.seed": "7", "train.steps": "9"}) == key()


def test_an_optimizer_that_searches_takes_no_part(make_run: MakeRun, train: Train, taken: None) -> None:
    run = make_run("overfit-polynomial", **{"train.steps": "8"})
    train(run)
    assert run.meta["fast"]["parts"] == []


def test_an_operator_that_is_wrong_is_not_used(
    make_run: MakeRun, train: Train, taken: None, broken_operator: None
) -> None:
    run = make_run("digits-mlp", **{"train.steps": "3"})
    train(run)
    assert run.meta["fast"]["parts"] == []


def test_an_operator_that_is_gone_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object) -> Tensor:
        raise AttributeError("_linear_pointwise")

    linear.works.cache_clear()
    with monkeypatch.context() as patch:
        patch.setattr(linear, "_operator", gone)
        assert not linear.works()
    linear.works.cache_clear()


def test_measuring_leaves_the_run_as_it_was(make_run: MakeRun, home: Path) -> None:
    built = build(make_run("digits-mlp", **CNN).spec, home / "data")
    before = {name: tensor.clone() for name, tensor in built.model.state_dict().items()}
    random = torch.get_rng_state()
    ratios = measure.measure(built, ["channels-last", "onednn-linear"])
    assert set(ratios) == {"channels-last", "onednn-linear"}
    assert all(0 < ratio < 100 for ratio in ratios.values())
    assert torch.equal(torch.get_rng_state(), random)
    for name, tensor in built.model.state_dict().items():
        assert torch.equal(tensor, before[name]), name
    assert all(parameter.grad is None for parameter in built.model.parameters())
    assert not any(isinstance(module, linear.FastLinear) for module in built.model.modules())


def test_a_part_that_computes_something_else_is_left_out(
    make_run: MakeRun, home: Path, broken_operator: None
) -> None:
    built = build(make_run("digits-mlp").spec, home / "data")
    assert measure.measure(built, ["onednn-linear"]) == {}


def test_short_runs_take_the_plain_way_and_long_ones_measure_once_a_machine(
    make_run: MakeRun, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []

    def measured(built: object, names: list[str]) -> dict[str, float]:
        asked.append(built)
        return dict.fromkeys(names, 0.9)

    monkeypatch.setattr(choice, "measure", measured)
    short, long = (make_run("digits-mlp", **{"train.steps": steps}).spec for steps in ("199", "200"))
    assert choice.take(build(short, home / "data"), home, None).parts == ()
    assert not asked
    for _ in range(2):
        built = build(long, home / "data")
        assert choice.take(built, home, None).parts == ("onednn-linear",)
        assert any(isinstance(module, linear.FastLinear) for module in built.model.modules())
    assert len(asked) == 1
    other = build(make_run("digits-mlp", **{"train.steps": "200", "model.width": "[9]"}).spec, home / "data")
    choice.take(other, home, None)
    assert len(asked) == 2
    (home / "cache" / "fast.json").write_text("{ torn")
    choice.take(build(long, home / "data"), home, None)
    assert len(asked) == 3
    assert json.loads((home / "cache" / "fast.json").read_text())


@pytest.mark.parametrize("kept", ["fast", None, [0.5], {"onednn-linear": "fast"}, {"onednn-linear": None}])
def test_a_finding_that_cannot_be_read_is_measured_anew(
    kept: object, make_run: MakeRun, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choice, "measure", lambda built, names: dict.fromkeys(names, 0.9))
    built = build(make_run("digits-mlp", **{"train.steps": "200"}).spec, home / "data")
    memory.keep(home, memory.key(built, ["onednn-linear"]), kept)  # type: ignore[arg-type]
    assert choice.take(built, home, None).why == "measured just now"


def test_a_tie_falls_to_the_plain_way(make_run: MakeRun, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "measure", lambda built, names: dict.fromkeys(names, 0.97))
    built = build(make_run("digits-mlp", **{"train.steps": "200"}).spec, home / "data")
    chosen = choice.take(built, home, None)
    assert chosen.parts == ()
    assert "0.97" in chosen.text


def test_what_an_optimizer_remembers_lies_as_its_weights_do() -> None:
    model = nn.Conv2d(3, 4, 3)
    channels_last.apply(model)
    optimizer = torch.optim.AdamW(model.parameters())
    model(torch.randn(1, 3, 5, 5)).sum().backward()
    optimizer.step()
    saved = {name: value.contiguous() for name, value in optimizer.state[model.weight].items()}
    optimizer.state[model.weight].update(saved)
    channels_last.lay_out(optimizer)
    assert optimizer.state[model.weight]["exp_avg"].stride() == model.weight.stride()
    assert torch.equal(optimizer.state[model.weight]["exp_avg"], saved["exp_avg"])


class Reads(TorchDispatchMode):
    """Counts what brings numbers from a tensor to Python or to one from Python: a GPU would be waited for."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.seen: list[str] = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
        if func.overloadpacket in (
            torch.ops.aten._local_scalar_dense,
            torch.ops.aten.nonzero,
            torch.ops.aten.equal,
            torch.ops.aten.lift_fresh,
        ):
            self.seen.append(str(func))
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize(
    "preset",
    ["digits-mlp", "fashion-cnn", "docs-gpt", "cifar10-fast", "cifar10-resnet20", "docs-bert", "tweets-lstm"],
)
def test_a_step_moves_no_number_between_python_and_tensors(
    preset: str, make_run: MakeRun, home: Path
) -> None:
    settings = {"data.batch_size": "4", "train.clip_norm": "1.0", "train.ema": "0.9", "train.accumulate": "2"}
    trainer = Trainer(build(make_run(preset, **settings).spec, home / "data"))
    trainer.gradients.reads = False  # as on a GPU
    for _ in range(2):
        trainer.update([trainer.batches.next(), trainer.batches.next()])
    inputs = [trainer.batches.next(), trainer.batches.next()]
    with Reads() as reads:
        torch.tensor(1.0).item()
        assert len(reads.seen) == 2  # that this instrument sees what it should
        reads.seen.clear()
        trainer.update(inputs)
    assert reads.seen == []
