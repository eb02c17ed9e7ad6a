"""A run in other programs' formats."""

import csv
import json
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from tuilab.cli import main
from tuilab.curves import Curves
from tuilab.runs import Run
from tuilab.tables import TableWriter

WriteRun = Callable[..., Run]


def test_csv_holds_every_step_and_the_evaluations_beside_it(home: Path, write_run: WriteRun) -> None:
    write_run(home, steps=30)
    assert main(["export", "last", "--to", "csv", str(home / "out.csv")]) == 0
    with (home / "out.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["step"]) for row in rows] == list(range(30))
    with (home / "out-evals.csv").open(newline="") as file:
        assert {row["split"] for row in csv.DictReader(file)} == {"eval"}


def test_json_lines_name_their_table_and_tell_nan_from_infinity(home: Path, write_run: WriteRun) -> None:
    write_run(home, steps=4, losses=[1.0, float("nan"), float("inf"), 0.5])
    assert main(["export", "last", "--to", "jsonl", str(home / "out.jsonl")]) == 0
    rows = [json.loads(line) for line in (home / "out.jsonl").read_text().splitlines()]
    steps = [row for row in rows if row["table"] == "steps"]
    assert [row["loss"] for row in steps] == [1.0, "nan", "inf", 0.5]
    assert {row["table"] for row in rows} == {"steps", "evals"}


def test_tensorboard_finds_every_curve_with_its_steps_and_times(home: Path, write_run: WriteRun) -> None:
    run = write_run(home, steps=40, losses=[*np.geomspace(3, 1, 38), float("nan"), float("inf")])
    (run.path / "layers").mkdir(exist_ok=True)
    dtype = np.dtype([("step", "<i8"), ("value", "<f4", (2,))])
    table = TableWriter(run.path / "layers" / "grad_norm.npy", dtype)
    table.append(np.array([(0, (1.5, 2.5)), (10, (3.5, 4.5))], dtype=dtype))
    table.close()
    (run.path / "meta.json").write_text(json.dumps({"started": 1.7e9, "layers": ["one", "two"]}))
    for _ in range(2):  # a second export is the first, not added to it
        assert main(["export", "last", "--to", "tensorboard", str(home / "logs")]) == 0
    read = EventAccumulator(str(home / "logs"), size_guidance={"scalars": 0})
    read.Reload()
    found = {tag: read.Scalars(tag) for tag in read.Tags()["scalars"]}
    loss = found["train/loss"]
    assert [one.step for one in loss] == list(range(40))
    assert np.array([one.value for one in loss], dtype=np.float32).tobytes() == run.steps["loss"].tobytes()
    assert [one.wall_time for one in loss] == pytest.approx(1.7e9 + run.steps["time"])
    assert len(found["eval/loss"]) == len(run.evals)
    names = Curves(run)
    names.refresh()
    assert len(found) == len(names.names())
    assert [(one.step, one.value) for one in found["layers/grad_norm/two"]] == [(0, 2.5), (10, 4.5)]


def test_tensorboard_gets_an_empty_file_of_a_run_that_has_not_begun(home: Path, write_run: WriteRun) -> None:
    run = write_run(home, steps=3)
    for name in ("steps", "evals"):
        (run.path / f"{name}.npy").unlink()
    assert main(["export", "last", "--to", "tensorboard", str(home / "logs")]) == 0
    read = EventAccumulator(str(home / "logs"))
    read.Reload()
    assert read.Tags()["scalars"] == []


def test_without_tensorboard_it_says_what_to_install(
    home: Path, write_run: WriteRun, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_run(home, steps=3)
    monkeypatch.setitem(sys.modules, "tensorboard.summary.writer.record_writer", None)
    assert main(["export", "last", "--to", "tensorboard", str(home / "logs")]) == 2
    assert "pip install tensorboard" in capsys.readouterr().err
    assert not (home / "logs").exists()


@pytest.mark.parametrize(("theme", "paper"), [("dark", "#111317"), ("light", "#fcfcfa")])
def test_a_picture_is_what_the_screen_shows(home: Path, write_run: WriteRun, theme: str, paper: str) -> None:
    run = write_run(home, steps=60)
    out = home / "out.svg"
    size = ["--width", "120", "--height", "30"]
    assert main(["export", "last", "--to", "svg", str(out), *size, "--theme", theme]) == 0
    picture = ElementTree.parse(out).getroot()
    text = " ".join(picture.itertext())
    for words in ("finished", "gradient norm", run.id, "learning rate"):
        assert words in text
    rectangle = picture.find("{http://www.w3.org/2000/svg}rect")
    assert rectangle is not None
    assert rectangle.get("fill") == paper


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--to", "cvs", "out"], "Did you mean 'csv'?"),
        (["--to", "csv", "no/such/out.csv"], "is not a folder"),
        (["--to", "tensorboard", __file__], "TensorBoard wants a folder"),
    ],
)
def test_what_cannot_be_written_is_told(
    home: Path, write_run: WriteRun, arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write_run(home, steps=3)
    assert main(["export", "last", *arguments]) == 2
    assert words in capsys.readouterr().err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
@pytest.mark.parametrize("kind", ["csv", "jsonl", "svg"])
def test_a_file_that_does_not_fit_the_disk_is_named(
    home: Path, write_run: WriteRun, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    write_run(home, steps=5)
    assert main(["export", "last", "--to", kind, "/dev/full"]) == 2
    out, err = capsys.readouterr()
    assert (out, err) == ("", "tuilab: /dev/full cannot be written (No space left on device).\n")
