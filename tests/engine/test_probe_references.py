"""Each probe against the same figure computed in float64, by other means."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from tests.engine.kit import SMALL, MakeRun, Stepped, flat_loss, read
from tuilab.engine.graph import Inputs
from tuilab.engine.loader import first
from tuilab.engine.probes.activations import Activations
from tuilab.engine.probes.histograms import BINS, Histograms, _histogram
from tuilab.engine.probes.noise_scale import NoiseScale
from tuilab.engine.probes.probe import Probe
from tuilab.engine.probes.sharpness import Sharpness
from tuilab.engine.trainer import Trainer
from tuilab.tables import Table

probe_of: dict[str, type[Probe]] = {
    "sharpness": Sharpness,
    "noise_scale": NoiseScale,
    "histograms": Histograms,
}


def test_layer_probes_are_the_norms_of_gradients_weights_and_true_steps(
    make_run: MakeRun, stepped: Stepped, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Held by weights that are copied around each step, and gradients taken again in float64."""
    run = make_run(
        "digits-mlp",
        **SMALL,
        **{
            "probes.layers": "1",
            "probes.updates": "1",
            "train.clip_norm": "0.1",
            "optimizer.weight_decay": "0.5",
            "model.dropout": "0",
        },
    )
    seen: list[list[Tensor]] = []
    exact: list[list[Tensor]] = []
    update = Trainer.update

    def noting(trainer: Trainer, *arguments: object) -> object:
        model = trainer.model
        seen.append([p.detach().double().clone() for p in model.parameters()])
        loss, weights = flat_loss(trainer.built)
        slope = torch.autograd.functional.jacobian(loss, weights)
        exact.append(list(slope.split([p.numel() for p in model.parameters()])))
        model.train()
        outcome = update(trainer, *arguments)  # type: ignore[arg-type]
        seen[-1] += [p.detach().double().clone() for p in model.parameters()]
        return outcome

    monkeypatch.setattr(Trainer, "update", noting)
    stepped(run, 3)
    for step, (weights, gradients) in enumerate(zip(seen, exact, strict=True)):
        before, after = weights[:4], weights[4:]
        pairs = [(0, 1), (2, 3)]  # weight and bias of each layer
        norm = [float(torch.cat([gradients[i] for i in pair]).norm()) for pair in pairs]
        size = [float(torch.cat([before[i].flatten() for i in pair]).norm()) for pair in pairs]
        moved = [float(torch.cat([(after[i] - before[i]).flatten() for i in pair]).norm()) for pair in pairs]
        assert read(run, "layers/grad_norm.npy")[step] == pytest.approx(norm, rel=1e-4)
        assert read(run, "layers/weight_norm.npy")[step] == pytest.approx(size, rel=1e-5)
        ratio = [m / s for m, s in zip(moved, size, strict=True)]
        assert read(run, "layers/update_ratio.npy")[step] == pytest.approx(ratio, rel=1e-3)


@pytest.mark.parametrize("activation", ["relu", "sigmoid", "hard-sigmoid", "tanh"])
def test_activations_are_those_of_the_layer(activation: str, make_run: MakeRun, stepped: Stepped) -> None:
    settings = {**SMALL, "model.activation": activation, "model.width": "[40]", "optimizer.lr": "0"}
    settings |= {"model.init": "normal", "model.init_std": "2", "data.limit": "8", "probes.activations": "1"}
    run = make_run("digits-mlp", **settings)
    trainer = stepped(run, 1)
    x, _ = first(trainer.built.data.train, 8, trainer.built.device)
    weight, bias = (p.detach().double() for p in list(trainer.model.parameters())[:2])
    bends = {"relu": torch.relu, "sigmoid": torch.sigmoid, "tanh": torch.tanh}
    bend = {**bends, "hard-sigmoid": nn.functional.hardsigmoid}[activation]
    out = bend(x.double().flatten(1) @ weight.T + bias)
    assert read(run, "layers/activation_mean.npy")[0, 0] == pytest.approx(float(out.mean()), rel=1e-5)
    assert read(run, "layers/activation_std.npy")[0, 0] == pytest.approx(
        float(out.std(correction=0)), rel=1e-5
    )
    dead = float((out == 0).all(dim=0).double().mean()) if activation == "relu" else 0.0
    low, high = {"relu": (-1, np.inf), "tanh": (-0.99, 0.99)}.get(activation, (0.01, 0.99))
    saturated = float(((out <= low) | (out >= high)).double().mean())
    assert read(run, "layers/dead.npy")[0, 0] == pytest.approx(dead)
    assert read(run, "layers/saturated.npy")[0, 0] == pytest.approx(saturated, abs=2 / out.numel())
    assert dead > 0 or saturated > 0.5


def test_histograms_are_numpy_s(make_run: MakeRun, stepped: Stepped) -> None:
    run = make_run("digits-mlp", **SMALL, **{"probes.histograms": "1", "optimizer.lr": "0"})
    trainer = stepped(run, 1)
    parameters = [p.detach().numpy().ravel() for p in trainer.model.parameters()]
    for layer, pair in enumerate(((0, 1), (2, 3))):
        values = np.concatenate([parameters[i] for i in pair])
        counts, edges = np.histogram(values, bins=BINS)
        found = read(run, "layers/weight_histogram.npy")[0, layer]
        assert found[:2] == pytest.approx([edges[0], edges[-1]], rel=1e-6)
        assert np.abs(found[2:] - counts).sum() <= 4  # a value on an edge may fall to either side
        assert found[2:].sum() == len(values)


def test_a_histogram_counts_further_than_float32_does() -> None:
    values = torch.zeros(2**24 + 5)
    values[:2] = torch.tensor([-1.0, 1.0])
    counts = _histogram(values)[2:].double()
    assert counts[BINS // 2] == 2**24 + 4


@pytest.mark.parametrize(("rows", "size"), [(200, 25), (20, 2), (5, 1), (2, 1)])
def test_the_noise_scale_is_the_paper_s_formula_in_float64(
    rows: int, size: int, make_run: MakeRun, stepped: Stepped
) -> None:
    """McCandlish et al. 2018, appendix A.1, with eight micro-batches, or as many as there are samples."""
    settings = {**SMALL, "data.limit": str(rows), "optimizer.lr": "0"}
    run = make_run("digits-mlp", **settings, **{"probes.noise_scale": "1"})
    trainer = stepped(run, 1)
    model, batches = trainer.model.double().eval(), trainer.batches
    batches.position = 0
    x, y = batches.gather(batches.next())
    whole = size * min(8, rows)

    def gradient(rows: slice) -> Tensor:
        loss = trainer.built.loss_fn(model(x[rows].double()), y[rows])
        return torch.cat([g.flatten() for g in torch.autograd.grad(loss, list(model.parameters()))])

    parts = [slice(start, start + size) for start in range(0, whole, size)]
    small = torch.stack([gradient(part).square().sum() for part in parts]).mean()
    large = gradient(slice(0, whole)).square().sum()
    signal = float((whole * large - size * small) / (whole - size))
    noise = float((small - large) / (1 / size - 1 / whole))
    assert read(run, "probes/noise_scale.npy")[0] == pytest.approx([noise / signal, signal, noise], rel=1e-4)


def test_a_sample_alone_has_no_noise_scale(make_run: MakeRun, stepped: Stepped) -> None:
    run = make_run("digits-mlp", **{**SMALL, "data.limit": "1", "probes.noise_scale": "1"})
    stepped(run, 2)
    assert len(Table(run.path / "probes" / "noise_scale.npy")) == 0


@pytest.mark.parametrize(
    ("layer", "shape"),
    [(nn.Conv2d(1, 4, 3), (2, 1, 6, 6)), (nn.Conv1d(1, 4, 3), (2, 1, 9)), (nn.Linear(6, 4), (2, 5, 6))],
)
def test_a_unit_is_dead_that_is_so_at_every_place(
    layer: nn.Module, shape: tuple[int, ...], tmp_path: Path
) -> None:
    model = nn.Sequential(layer, nn.ReLU())
    with torch.no_grad():
        layer.bias.copy_(torch.tensor([9.0, 9.0, -9.0, 9.0]))  # type: ignore[operator]
    probe = Activations(tmp_path, model, 1, torch.device("cpu"))
    trainer: Any = SimpleNamespace(step=0, built=SimpleNamespace(device=torch.device("cpu")))
    probe.before(trainer, [])
    model(torch.rand(shape))
    probe.gradients(trainer)
    for table in probe.tables():
        table.flush(True, None)
    assert Table(tmp_path / "layers" / "dead.npy")["value"].tolist() == [[0.25]]


@pytest.mark.parametrize("name", ["sharpness", "noise_scale", "histograms"])
def test_steps_are_seen_before_a_look_that_takes_long(
    name: str, make_run: MakeRun, stepped: Stepped, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run("digits-mlp", **SMALL, **{f"probes.{name}": "3", "train.steps": "7"})
    seen: list[tuple[int, int]] = []
    before = probe_of[name].before

    def noting(probe: Probe, trainer: Trainer, inputs: list[Inputs]) -> None:
        seen.append((trainer.step, run.steps.refresh()))
        before(probe, trainer, inputs)

    monkeypatch.setattr(probe_of[name], "before", noting)
    stepped(run, 7)
    assert seen == [(0, 0), (3, 3), (6, 6)]
