"""Which weights are trained: frozen ones never move, LoRA's base neither."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from tests.engine.kit import MakeRun, Train
from tuilab.engine import questions
from tuilab.engine.build import build
from tuilab.engine.freeze import adapt, matching, trained_share
from tuilab.engine.reuse import start
from tuilab.errors import TuilabError
from tuilab.options import ModelOptions
from tuilab.runs import Run
from tuilab.zoo import lora
from tuilab.zoo.registries import models
from tuilab.zoo.tasks.task import Task

SHORT = {"train.steps": "4", "model.width": "[16]", "model.dropout": "0", "train.checkpoint_every": "1"}
GPT = {"train.steps": "4", "model.layers": "1", "model.width": "16", "data.context": "8", "data.limit": "64"}
QUIET = {"train.sample_every": "off", "train.eval_every": "off"}
ALL_PROBES = {f"probes.{name}": "1" for name in ("layers", "updates", "activations", "histograms")}
ALL_PROBES |= {"probes.noise_scale": "2", "probes.sharpness": "2"}


def saved(run: Run, step: int) -> dict[str, Tensor]:
    return load_file(run.path / "checkpoints" / f"step-{step:08d}" / "model.safetensors")


def moved(run: Run, first: int, last: int) -> set[str]:
    before, after = saved(run, first), saved(run, last)
    return {name for name in before if not torch.equal(before[name], after[name])}


def test_frozen_weights_stay_and_the_others_move_under_every_probe(make_run: MakeRun, train: Train) -> None:
    run = make_run("digits-mlp", **SHORT, **ALL_PROBES, **{"model.freeze": '["layers.1.*"]'})
    assert train(run) == "finished"
    assert moved(run, 1, 4) == {"layers.3.weight", "layers.3.bias"}
    assert set(saved(run, 4)) == {"layers.1.weight", "layers.1.bias", "layers.3.weight", "layers.3.bias"}
    assert run.meta["layers"] == ["layers.3"]
    assert (run.meta["trained"], run.meta["parameters"]) == (170, 170 + 65 * 16)
    assert run.events().read()[0].text.endswith("; 170 of 1,210 weights are trained (14.0%)")


@pytest.mark.parametrize("optimizer", ["adamw", "muon", "lion", "adafactor", "sgd", "lbfgs"])
def test_every_kind_of_optimizer_gets_what_is_trained_and_no_more(
    optimizer: str, make_run: MakeRun, train: Train
) -> None:
    run = make_run(
        "digits-mlp",
        **SHORT,
        **{"model.freeze": '["layers.1"]', "optimizer.name": optimizer, "optimizer.lr": "0.01"},
    )
    assert train(run) == "finished"
    assert moved(run, 1, 4) == {"layers.3.weight", "layers.3.bias"}


def test_a_frozen_run_resumes_exactly(
    make_run: MakeRun, train: Train, kill_at: Callable[[Run, int], None]
) -> None:
    frozen = {"model.freeze": '["layers.1.weight"]', "train.ema": "0.9"}
    whole, cut = (make_run("digits-mlp", **SHORT, **frozen) for _ in range(2))
    train(whole)
    kill_at(cut, 3)
    train(cut)
    assert all(torch.equal(saved(whole, 4)[name], saved(cut, 4)[name]) for name in saved(whole, 4))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (
            {"model.freeze": '["layer.1.*"]'},
            r"model\.freeze: 'layer\.1\.\*' fits none .* Did you mean 'layers\.1",
        ),
        ({"model.freeze": '["*"]'}, r"model\.freeze: nothing is left to train"),
        ({"model.lora.target": '["head"]'}, r"model\.lora: target: 'head' fits none"),
        ({"model.lora.beside": '["x"]'}, r"model\.lora: beside: 'x' fits none"),
    ],
)
def test_a_pattern_that_fits_nothing_is_refused_at_its_key(
    settings: dict[str, str], words: str, make_run: MakeRun, home: Path
) -> None:
    run = make_run("digits-mlp", **SHORT, **settings)
    with pytest.raises(TuilabError, match=words):
        build(run.spec, home / "data")


def test_lora_is_not_for_models_without_a_linear_layer_nor_for_recurrent_ones() -> None:
    with pytest.raises(TuilabError, match="no linear layer"):
        adapt(nn.Sequential(nn.Conv2d(1, 1, 3)), ModelOptions(lora={"rank": 2}))
    recurrent = nn.Sequential(nn.LSTM(3, 4), nn.Linear(4, 2))
    with pytest.raises(TuilabError, match="0 is a LSTM; LoRA is for linear layers"):
        adapt(recurrent, ModelOptions(lora={"rank": 2, "target": ["0"]}))


def test_names_are_matched_like_files() -> None:
    names = ["blocks.0.a", "blocks.0.b", "blocks.10.a", "head"]
    assert matching(names, ["blocks.0"], "k", "weights") == ["blocks.0.a", "blocks.0.b"]
    assert matching(names, ["*.a", "head"], "k", "weights") == ["blocks.0.a", "blocks.10.a", "head"]


def test_a_frozen_batch_norm_keeps_its_statistics() -> None:
    network = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 4), nn.BatchNorm1d(4))
    adapt(network, ModelOptions(freeze=["1", "0"]))
    network.train()
    network(torch.randn(8, 3))
    assert not network[1].running_mean.any()  # type: ignore[operator]
    assert network[3].running_mean.any()  # type: ignore[operator]
    network.eval().train()
    assert [module.training for module in network] == [True, False, True, True]


def test_lora_starts_as_its_base_to_the_bit_and_trains_its_additions_alone(
    make_run: MakeRun, train: Train, home: Path
) -> None:
    base = make_run("docs-gpt", **GPT, **QUIET)
    assert train(base) == "finished"
    options = {"model.init.from": base.id, "model.lora.rank": "2", "model.lora.dropout": "0.1"}
    run = make_run("docs-gpt", **GPT, **QUIET, **ALL_PROBES, **options, **{"train.checkpoint_every": "1"})
    plain, added = build(base.spec, home / "data"), build(run.spec, home / "data")
    start(added.model, run.spec, home)
    plain.model.load_state_dict(saved(base, 4))
    x, _ = added.data.train.take(torch.arange(4))
    assert torch.equal(plain.model.eval()(x), added.model.eval()(x))
    assert train(run) == "finished"
    assert moved(run, 1, 4) == {name for name in saved(run, 4) if ".lora." in name}
    names = {name for name in saved(run, 4) if name.endswith("lora.up.weight")}
    assert names == {
        f"blocks.0.{layer}.lora.up.weight" for layer in ("attention.qkv", "attention.out", "widen", "narrow")
    }
    trained, total = trained_share(added.model)
    assert trained == 2 * ((16 + 48) + (16 + 16) + (16 + 64) + (64 + 16))
    assert total == trained + trained_share(plain.model)[1]


def test_a_lora_run_resumes_exactly(
    make_run: MakeRun, train: Train, kill_at: Callable[[Run, int], None]
) -> None:
    options = {"model.lora.rank": "2", "model.lora.beside": '["layers.4.bias"]', "model.dropout": "0.5"}
    whole, cut = (make_run("digits-mlp", **{**SHORT, **options}) for _ in range(2))
    train(whole)
    kill_at(cut, 3)
    train(cut)
    assert "layers.4.bias" in moved(cut, 1, 4)
    assert all(torch.equal(saved(whole, 4)[name], saved(cut, 4)[name]) for name in saved(whole, 4))


def test_a_run_that_starts_from_a_lora_run_gets_the_sum(make_run: MakeRun, train: Train, home: Path) -> None:
    tuned = make_run("digits-mlp", **SHORT, **{"model.lora.rank": "2", "optimizer.lr": "0.1"})
    train(tuned)
    run = make_run("digits-mlp", **SHORT, **{"model.init.from": tuned.id})
    sum_, apart = build(run.spec, home / "data"), build(tuned.spec, home / "data")
    start(sum_.model, run.spec, home)
    apart.model.load_state_dict(saved(tuned, 4))
    x, _ = apart.data.test.take(torch.arange(32))
    torch.testing.assert_close(sum_.model.eval()(x), apart.model.eval()(x), rtol=1e-6, atol=1e-5)


def test_merging_rounds_once() -> None:
    """What is left in float32 is the rounding of the two forward passes: in float64 they agree to 1e-12."""
    network = nn.Sequential(nn.Linear(64, 64), nn.Linear(64, 64)).double()
    lora.add(network, ["0", "1"], rank=8, alpha=16.0, dropout=0.0)
    network.double()
    for module in network.modules():
        if isinstance(module, lora.LowRank):
            module.up.weight.data.normal_(std=0.1)
    x = torch.randn(32, 64, dtype=torch.float64)
    added = network(x)
    lora.merge(network)
    torch.testing.assert_close(network(x), added, rtol=1e-12, atol=1e-12)


def test_a_fresh_head_must_not_be_frozen(make_run: MakeRun, train: Train, home: Path) -> None:
    base = make_run("digits-mlp", **SHORT)
    train(base)
    other = {**SHORT, "data.name": "wine", "data.batch_size": "16", "model.init.from": base.id}
    for settings, key in (
        ({"model.lora.rank": "2"}, "model.lora: beside"),
        ({"model.freeze": '["layers.3.*"]'}, "model.freeze"),
    ):
        run = make_run("digits-mlp", **other, **settings)
        with pytest.raises(TuilabError, match=rf"{key}: .*layers\.3\.weight.* did not come from"):
            start(build(run.spec, home / "data").model, run.spec, home)
    beside = {
        "model.lora.rank": "2",
        "model.lora.beside": '["layers.3.*", "layers.1.*"]',
        "model.lora.target": '["*"]',
    }
    run = make_run("digits-mlp", **{**other, "model.width": "[16, 16]"}, **beside)
    with pytest.raises(TuilabError, match=r"model\.lora: beside: layers\.5\.weight"):
        start(build(run.spec, home / "data").model, run.spec, home)


def test_the_check_tells_the_share_that_is_trained(make_run: MakeRun, home: Path) -> None:
    from tests.engine.test_reuse import spec_text

    answer = questions.check(spec_text("digits-mlp", **SHORT, **{"model.freeze": '["layers.1.*"]'}), home)
    assert (answer["trained"], answer["parameters"]) == (170, 170 + 65 * 16)


def test_every_model_with_a_linear_layer_takes_lora_and_merges_it(
    sample_models: list[tuple[str, Task, nn.Module, Tensor, Tensor]],
) -> None:
    for name, task, network, x, y in sample_models:
        # Frozen first: torch may choose another kernel, with another last bit, where no gradient is wanted.
        network.eval().requires_grad_(False)
        with torch.no_grad():
            before, _ = task.forward(network, x, y)
            if not any(isinstance(module, nn.Linear) for module in network.modules()):
                continue
            adapt(network, ModelOptions(lora={"rank": 2}))
            additions = [module for module in network.modules() if isinstance(module, lora.LowRank)]
            assert torch.equal(before, task.forward(network, x, y)[0]), name
            for addition in additions:
                addition.up.weight.normal_(std=0.1)
            added = task.forward(network, x, y)[0]
            assert not torch.equal(before, added), name
            lora.merge(network)
            merged = task.forward(network, x, y)[0]
        assert not any(isinstance(module, lora.LowRank) for module in network.modules())
        torch.testing.assert_close(merged, added, rtol=1e-5, atol=1e-5, msg=name)


@pytest.fixture
def sample_models() -> list[tuple[str, Task, nn.Module, Tensor, Tensor]]:
    """Each registered model for each small task that it takes, with a batch."""
    import contextlib

    from tests.zoo.conftest import _batch, _sample_tasks

    found = []
    for entry in models:
        for task in (task for name in entry.card.facts["tasks"] for task in _sample_tasks()[name]):
            with contextlib.suppress(TuilabError):
                torch.manual_seed(0)
                found.append((entry.name, task, entry.build(task), *_batch(task, 4)))
    return found
