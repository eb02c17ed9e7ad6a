"""Every curve of a run is found by its name, wherever its values lie."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tuilab.curves import Curves
from tuilab.history import History
from tuilab.json_files import write_json
from tuilab.runs import Run
from tuilab.spreads import Spreads, written
from tuilab.tables import TableWriter

WriteRun = Callable[..., Run]


def put(run: Run, name: str, values: NDArray[np.float32], every: int = 10) -> None:
    """Write looks as a probe does: a row each, every so many steps."""
    path = run.path / f"{name}.npy"
    path.parent.mkdir(exist_ok=True)
    table = TableWriter(path, np.dtype([("step", "<i8"), ("value", "<f4", values.shape[1:])]))
    rows = np.zeros(len(values), table.dtype)
    rows["step"], rows["value"] = np.arange(len(values)) * every, values
    table.append(rows)
    table.close()


def opened(run: Run) -> Curves:
    curves = Curves(run)
    curves.refresh()
    return curves


def name_layers(run: Run, **more: object) -> None:
    write_json(run.path / "meta.json", {**run.meta, **more})


def test_a_layer_has_a_curve_of_its_own(tmp_path: Path, write_run: WriteRun) -> None:
    run = write_run(tmp_path)
    name_layers(run, layers=["layers.0", "layers.2"], activations=["layers.1"])
    put(run, "layers/grad_norm", np.array([[1, 10], [2, 20]], np.float32))
    put(run, "layers/dead", np.array([[0.25], [0.5]], np.float32))
    curves = opened(run)
    assert {"layers/grad_norm/layers.0", "layers/grad_norm/layers.2", "layers/dead/layers.1"} <= set(
        curves.names()
    )
    steps, values = curves.points("layers/grad_norm/layers.2")
    assert (steps.tolist(), values.tolist()) == ([0, 10], [10, 20])
    assert curves.points("layers/dead/layers.1")[1].tolist() == [0.25, 0.5]


def test_sharpness_stands_beside_what_the_rate_can_bear(tmp_path: Path, write_run: WriteRun) -> None:
    run = write_run(tmp_path)
    put(run, "probes/sharpness", np.array([[3, 20], [5, np.nan]], np.float32))
    curves = opened(run)
    assert curves.points("probes/sharpness")[1].tolist() == [3, 5]
    assert curves.points("probes/sharpness/limit")[1][0] == 20
    assert curves.rows("probes/sharpness") == 2


def test_the_noise_scale_is_a_ratio_of_means_and_each_look_is_kept(
    tmp_path: Path, write_run: WriteRun
) -> None:
    run = write_run(tmp_path)
    signal = np.array([1, -3, 4, 2] * 20, np.float32)  # one batch is a noisy look: some are below zero
    noise = np.full(80, 8, np.float32)
    put(run, "probes/noise_scale", np.stack([noise / signal, signal, noise], axis=1))
    curves = opened(run)
    assert curves.points("probes/noise_scale/look")[1][:2] == pytest.approx([8, -8 / 3])
    steady = curves.points("probes/noise_scale")[1]
    assert steady[0] == 8
    assert np.isnan(steady[1])  # the mean of 1 and -3 says nothing
    assert steady[20:] == pytest.approx(8.0)  # the mean of four is 1, wherever the window begins


def test_a_ratio_of_means_is_the_same_however_it_is_cut(tmp_path: Path, write_run: WriteRun) -> None:
    run = write_run(tmp_path)
    values = np.random.default_rng(0).uniform(0.5, 2, (50, 3)).astype(np.float32)
    put(run, "probes/noise_scale", values)
    curves = opened(run)
    whole = curves.points("probes/noise_scale")[1]
    cut = [curves.points("probes/noise_scale", first, first + 7)[1] for first in range(0, 50, 7)]
    assert np.concatenate(cut) == pytest.approx(whole)


def test_a_probe_this_version_does_not_know_is_numbered(tmp_path: Path, write_run: WriteRun) -> None:
    run = write_run(tmp_path)
    put(run, "probes/unheard_of", np.zeros((3, 2), np.float32))
    put(run, "probes/single", np.zeros((3, 1), np.float32))
    names = opened(run).names()
    assert [name for name in names if name.startswith("probes/")] == [
        "probes/single",
        "probes/unheard_of/value 0",
        "probes/unheard_of/value 1",
    ]


def test_tables_that_appear_later_are_found(tmp_path: Path, write_run: WriteRun) -> None:
    run = write_run(tmp_path)
    history = History(run)
    history.poll()
    assert not history.curves.rows("probes/sharpness")
    put(run, "probes/sharpness", np.zeros((2, 2), np.float32))
    history.poll()
    assert "probes/sharpness" in history.metrics()
    put(run, "probes/sharpness", np.zeros((3, 2), np.float32))
    history.poll()
    assert history.curves.rows("probes/sharpness") == 5


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("loss", "loss"),
        ("train.loss", "loss"),
        ("eval.loss", "eval.loss"),
        ("sharpness", "probes/sharpness"),
        ("sharpness/limit", "probes/sharpness/limit"),
        ("grad_norm/layer 1", "layers/grad_norm/layer 1"),
        ("nothing", None),
        ("test.accuracy", None),
    ],
)
def test_a_curve_is_found_by_what_a_person_types(
    tmp_path: Path, write_run: WriteRun, typed: str, meant: str | None
) -> None:
    run = write_run(tmp_path)
    put(run, "probes/sharpness", np.zeros((2, 2), np.float32))
    put(run, "layers/grad_norm", np.zeros((2, 3), np.float32))
    assert opened(run).find(typed) == meant


def test_histograms_are_no_curves_and_are_read_by_layer(tmp_path: Path, write_run: WriteRun) -> None:
    run = write_run(tmp_path)
    assert Spreads(run, "weight").layers == []
    name_layers(run, layers=["in", "out"])
    values = np.zeros((3, 2, 2 + 32), np.float32)
    values[2, 1, :2], values[2, 1, 5] = (-0.5, 0.75), 12
    put(run, "layers/weight_histogram", values)
    assert not [name for name in opened(run).names() if "histogram" in name]
    assert written(run) == ["weight"]
    spreads = Spreads(run, "weight")
    assert (spreads.layers, spreads.steps.tolist()) == (["in", "out"], [0, 10, 20])
    spread = spreads.at(2, 1)
    assert (spread.low, spread.high, spread.counts[3], len(spread.counts)) == (-0.5, 0.75, 12, 32)


def test_the_samples_of_a_step_follow_from_the_epoch(tmp_path: Path, write_run: WriteRun) -> None:
    run = write_run(tmp_path)
    history = History(run)
    history.poll()
    assert history.samples_per_step == 0
    write_json(run.path / "meta.json", {**run.meta, "rows": {"train": 1280}})
    later = History(run)
    later.poll()
    assert later.samples_per_step == 64  # 1,280 samples in 20 steps


def test_columns_that_hold_no_numbers_are_no_curves(tmp_path: Path, write_run: WriteRun) -> None:
    run = write_run(tmp_path)
    kinds = [("step", "<i8"), ("loss", "<f4"), ("note", "S5"), ("each", "<f4", (3,)), ("both", "<c8")]
    np.save(run.path / "steps.npy", np.zeros(9, [*kinds, ("layers/own", "<f4"), ("train/loss", "<f4")]))
    np.save(run.path / "evals.npy", np.zeros(3, [("step", "<i8"), ("loss", "<f4")]))
    assert [name for name in opened(run).names() if "layers" not in name] == ["loss", "train/loss"]
    np.save(run.path / "steps.npy", np.zeros(9, [("step", "S5"), ("loss", "<f4")]))
    with pytest.raises(ValueError, match="does not say of which steps"):
        opened(Run(run.path)).names()
