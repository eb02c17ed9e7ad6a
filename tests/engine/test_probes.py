"""Probes measure what they say, and the run does not notice them."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file
from torch import nn

from tests.engine.kit import MakeRun, Train
from tuilab.engine import packing
from tuilab.engine.batches import Batches
from tuilab.engine.probes.aside import quiet
from tuilab.runs import Run
from tuilab.tables import Table

ALL = ("layers", "updates", "activations", "histograms", "noise_scale", "sharpness")


def read(run: Run, name: str) -> NDArray[np.float32]:
    table = Table(run.path / name)
    assert len(table)
    values: NDArray[np.float32] = np.asarray(table["value"])
    return values


@pytest.mark.parametrize(
    ("preset", "settings"),
    [
        ("digits-mlp", {"model.norm": "batch", "train.clip_norm": "0.5", "train.ema": "0.9"}),
        (
            "docs-gpt",
            {
                "model.dropout": "0.1",
                "model.width": "32",
                "model.layers": "1",
                "data.context": "16",
                "train.sample_every": "off",
                "train.eval_every": "off",
            },
        ),
        ("ravine-momentum", {}),
        ("fashion-cnn", {"data.batch_size": "16", "data.limit": "96", "train.eval_every": "off"}),
    ],
)
def test_a_run_is_the_same_bit_for_bit_with_all_probes_and_with_none(
    preset: str, settings: dict[str, str], make_run: MakeRun, train: Train
) -> None:
    common = {**settings, "train.steps": "6"}
    # Sharpness is dear: one look is enough.
    often = {f"probes.{name}": "5" if name == "sharpness" else "2" for name in ALL}
    watched = make_run(preset, **common, **often)
    alone = make_run(preset, **common, **{f"probes.{name}": "off" for name in ALL})
    assert train(watched) == train(alone) == "finished"
    assert watched.steps["loss"].tobytes() == alone.steps["loss"].tobytes()
    weights = [(run.checkpoints[-1] / "model.safetensors").read_bytes() for run in (watched, alone)]
    assert weights[0] == weights[1]
    assert not list(alone.path.glob("layers/*.npy"))
    assert set(watched.status.probe_cost) == set(ALL)
    assert all(cost > 0 for cost in watched.status.probe_cost.values())


HARD = {
    "model.norm": "batch",
    "model.dropout": "0.3",
    "train.precision": "bf16",
    "train.accumulate": "2",
    "train.ema": "0.9",
    "train.clip_norm": "0.5",
    "train.steps": "6",
    "train.eval_every": "3",
}


def test_each_probe_alone_leaves_a_run_with_everything_in_it_as_it_is(
    make_run: MakeRun, train: Train
) -> None:
    """Dropout, batch norm, bf16, several batches a step, averaged weights and clipping."""
    runs = {name: make_run("digits-mlp", **HARD, **{f"probes.{name}": "2"}) for name in ALL}
    alone = make_run("digits-mlp", **HARD, **{"probes.layers": "off"})
    assert train(alone) == "finished"
    for name, run in runs.items():
        assert train(run) == "finished"
        assert run.steps["loss"].tobytes() == alone.steps["loss"].tobytes(), name
        assert _tensors(run) == _tensors(alone), name


def _tensors(run: Run) -> dict[str, bytes]:
    """Return all that the last checkpoint holds of the run itself, not of those who watch it."""
    saved = run.checkpoints[-1]
    found = {**load_file(saved / "model.safetensors"), **load_file(saved / "state.safetensors")}
    return {
        name: tensor.flatten().view(torch.uint8).numpy().tobytes()
        for name, tensor in found.items()
        if ".probes." not in name
    }


def test_layer_norms_add_up_to_the_global_norm(make_run: MakeRun, train: Train) -> None:
    run = make_run("digits-mlp", **{"train.steps": "5", "probes.layers": "1"})
    train(run)
    layers = read(run, "layers/grad_norm.npy")
    assert layers.shape == (5, len(run.meta["layers"]))
    assert np.sqrt((layers**2).sum(axis=1)) == pytest.approx(run.steps["grad_norm"], rel=1e-5)


def test_the_update_ratio_of_plain_descent_is_the_rate_times_the_gradient(
    make_run: MakeRun, train: Train
) -> None:
    run = make_run("diabetes-linear", **{"train.steps": "4", "probes.layers": "1", "probes.updates": "1"})
    train(run)
    gradient = read(run, "layers/grad_norm.npy")
    weight, ratio = read(run, "layers/weight_norm.npy"), read(run, "layers/update_ratio.npy")
    assert ratio * weight == pytest.approx(0.1 * gradient, rel=1e-3)


def test_sharpness_of_a_quadratic_is_its_largest_eigenvalue(make_run: MakeRun, train: Train) -> None:
    run = make_run("ravine-momentum", **{"train.steps": "3", "probes.sharpness": "1"})
    train(run)
    sharpness = read(run, "probes/sharpness.npy")
    assert sharpness[:, 0] == pytest.approx(200.0, rel=1e-3)  # the valley's condition
    assert sharpness[:, 1] == pytest.approx((2 + 2 * 0.9) / 0.009, rel=1e-5)


def test_a_rate_above_the_stability_limit_diverges(make_run: MakeRun, train: Train) -> None:
    settings = {"optimizer.momentum": "0.0", "train.steps": "200", "probes.sharpness": "1"}
    below = make_run("ravine-momentum", **settings, **{"optimizer.lr": "0.0099"})
    above = make_run("ravine-momentum", **settings, **{"optimizer.lr": "0.0101"})
    train(below)
    train(above)
    for run, stable in ((below, True), (above, False)):
        curvature, limit = read(run, "probes/sharpness.npy")[5]
        assert (curvature < limit) == stable
        assert (run.steps["loss"][-1] < run.steps["loss"][0]) == stable


def test_dead_units_are_counted(make_run: MakeRun, train: Train) -> None:
    zeros = make_run("digits-mlp", **{"train.steps": "1", "probes.activations": "1", "model.init": "zeros"})
    train(zeros)
    assert read(zeros, "layers/dead.npy").tolist() == [[1.0, 1.0]]
    assert read(zeros, "layers/activation_mean.npy").tolist() == [[0.0, 0.0]]
    wild = make_run(
        "digits-mlp",
        **{"train.steps": "1", "probes.activations": "1", "model.activation": "sigmoid",
           "model.init": "normal", "model.init_std": "30"},
    )  # fmt: skip
    train(wild)
    assert (read(wild, "layers/saturated.npy") > 0.8).all()
    assert (read(wild, "layers/dead.npy") == 0).all()


def test_a_layer_that_gives_one_number_has_no_spread(make_run: MakeRun, train: Train) -> None:
    run = make_run(
        "diabetes-linear", **{"train.steps": "2", "data.batch_size": "1", "probes.activations": "1"}
    )
    assert train(run) == "finished"
    assert read(run, "layers/activation_std.npy").tolist() == [[0.0], [0.0]]


def test_histograms_count_every_weight(make_run: MakeRun, train: Train) -> None:
    run = make_run("digits-mlp", **{"train.steps": "2", "probes.histograms": "1", "model.width": "[16]"})
    train(run)
    weights = read(run, "layers/weight_histogram.npy")
    assert weights[:, :, 2:].sum(axis=2).tolist() == [[64 * 16 + 16, 16 * 10 + 10]] * 2
    assert (weights[:, :, 0] < weights[:, :, 1]).all()


def test_the_noise_scale_matches_the_covariance_of_the_samples_gradients(
    make_run: MakeRun, train: Train, home: Path
) -> None:
    """One step over the whole set, held against every sample's own gradient."""
    settings = {"data.limit": "256", "data.batch_size": "full", "train.steps": "1", "model.dropout": "0"}
    run = make_run("digits-mlp", **settings, **{"probes.noise_scale": "1", "model.width": "[8]"})
    train(run)
    _, signal, noise = read(run, "probes/noise_scale.npy")[0]

    from tuilab.engine.build import build

    built = build(run.spec, home / "data")
    batches = Batches(built.data.train, 256, 0, built.device)
    x, y = batches.gather(batches.next())
    gradients = []
    for row in range(len(x)):
        built.model.zero_grad()
        built.loss_fn(built.model(x[row : row + 1]), y[row : row + 1]).backward()
        gradients.append(
            torch.cat([p.grad.flatten() for p in built.model.parameters() if p.grad is not None])
        )
    each = torch.stack(gradients).double()
    exact_noise = float(each.var(dim=0).sum())
    exact_signal = float(each.mean(dim=0).square().sum()) - exact_noise / len(each)
    assert noise == pytest.approx(exact_noise, rel=0.5)  # eight micro-batches are a noisy look
    assert signal == pytest.approx(exact_signal, rel=0.5)


def test_a_run_taken_up_again_is_watched_as_if_nothing_had_happened(
    make_run: MakeRun, train: Train, kill_at: Callable[[Run, int], None]
) -> None:
    settings = {"train.steps": "12", "train.checkpoint_every": "4", **{f"probes.{name}": "1" for name in ALL}}
    whole, run = make_run("moons-mlp", **settings), make_run("moons-mlp", **settings)
    train(whole)
    kill_at(run, 6)
    train(run)
    tables = [*run.path.glob("layers/*.npy"), *run.path.glob("probes/*.npy")]
    assert len(tables) > len(ALL)
    for path in tables:
        assert Table(path)["step"].tolist() == list(range(12)), path.name
        undisturbed = Table(whole.path / path.relative_to(run.path))
        assert Table(path)["value"].tobytes() == undisturbed["value"].tobytes(), path.name


def test_the_price_of_a_probe_counts_on_where_the_clock_does(
    make_run: MakeRun, train: Train, kill_at: Callable[[Run, int], None]
) -> None:
    run = make_run("moons-mlp", **{"train.steps": "12", "train.checkpoint_every": "4", "probes.layers": "1"})
    kill_at(run, 6)
    spent = packing.load(run.checkpoints[-1] / "state")["probe_seconds"]["layers"]
    assert spent > 0
    state = packing.load(run.checkpoints[-1] / "state")
    packing.save(
        {**state, "seconds": 100.0, "probe_seconds": {"layers": 50.0}}, run.checkpoints[-1] / "state"
    )
    train(run)
    assert run.status.probe_cost["layers"] == pytest.approx(50, rel=0.02)


def test_what_was_measured_after_a_loss_that_is_no_number_is_not_kept(
    make_run: MakeRun, train: Train
) -> None:
    settings = {"optimizer.lr": "1e3", "train.steps": "3000", "probes.layers": "1", "probes.updates": "1"}
    run = make_run("ravine-momentum", **settings)
    assert train(run) == "diverged"
    last = run.steps["step"][-1]
    assert last < 2999
    for name in ("grad_norm", "weight_norm", "update_ratio"):
        assert Table(run.path / "layers" / f"{name}.npy")["step"].tolist() == list(range(last + 1))


def test_a_look_leaves_every_module_in_its_mode() -> None:
    model = nn.Sequential(nn.Dropout(), nn.Sequential(nn.BatchNorm1d(2), nn.Dropout()).eval())
    with quiet(model):
        assert not any(module.training for module in model.modules())
    assert [module.training for module in model.modules()] == [True, True, False, False, False]


@pytest.mark.parametrize(("layer", "kept"), [(nn.Linear(2, 2), True), (nn.GRU(2, 2), False)])
def test_recurrent_layers_are_looked_at_without_the_kernels_that_cannot_be(
    layer: nn.Module, kept: bool
) -> None:
    before = torch.backends.cudnn.enabled
    with quiet(layer):
        assert torch.backends.cudnn.enabled == (before and kept)
    assert torch.backends.cudnn.enabled == before
