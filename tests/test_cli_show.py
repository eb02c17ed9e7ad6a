"""A run to look at from the command line: as text, as data, point by point."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tuilab.cli import main
from tuilab.events import Event, EventWriter
from tuilab.runs import Run
from tuilab.tables import TableWriter

WriteRun = Callable[..., Run]
Out = pytest.CaptureFixture[str]


def test_a_curve_is_printed_point_by_point(home: Path, write_run: WriteRun, capsys: Out) -> None:
    write_run(home, losses=[1 / 3, float("nan"), float("inf"), *[0.1] * 97])
    assert main(["get", "last", "loss"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:4] == ["0\t0.33333334", "1\tnan", "2\tinf", "3\t0.1"]
    assert len(lines) == 100
    assert main(["get", "last", "train.loss", "--around", "50", "--window", "2"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == [
        "48",
        "49",
        "50",
        "51",
        "52",
    ]
    assert main(["get", "last", "loss", "--around", "1", "--window", "1", "--json"]) == 0
    points = json.loads(capsys.readouterr().out)
    assert points == [
        {"step": 0, "value": 0.33333334},
        {"step": 1, "value": "nan"},
        {"step": 2, "value": "inf"},
    ]
    assert main(["get", "last", "eval.accuracy", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 10


def test_a_curve_beyond_the_run_is_empty(home: Path, write_run: WriteRun, capsys: Out) -> None:
    write_run(home)
    assert main(["get", "last", "loss", "--around", "5000", "--json"]) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out) == []
    assert "loss has no value there; its steps are 0 to " in printed.err


def test_an_unknown_curve_is_told_its_neighbour(home: Path, write_run: WriteRun, capsys: Out) -> None:
    write_run(home)
    assert main(["get", "last", "eval.acuracy"]) == 2
    assert "Did you mean 'eval.accuracy', 'accuracy'? `tuilab get" in capsys.readouterr().err
    assert main(["get", "last", "zzz"]) == 2
    assert "It has 'time', 'epoch', 'loss', 'lr' ... `tuilab get" in capsys.readouterr().err


def test_without_a_curve_all_are_named(home: Path, write_run: WriteRun, capsys: Out) -> None:
    write_run(home)
    assert main(["get", "last"]) == 0
    assert {"loss", "eval.accuracy"} < set(capsys.readouterr().out.split())
    assert main(["get", "last", "--json"]) == 0
    assert "eval.loss" in json.loads(capsys.readouterr().out)


def test_probes_and_histograms_are_printed_like_curves(home: Path, write_run: WriteRun, capsys: Out) -> None:
    run = write_run(home)
    _write_table(run.path / "probes" / "sharpness.npy", [(0, [1.5, 2.0]), (50, [float("nan"), 2.0])])
    _write_table(run.path / "layers" / "weight_histogram.npy", [(0, [[-1, 1, 3, 4]]), (50, [[-2, 2, 5, 2]])])
    assert main(["get", "last", "sharpness", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == [{"step": 0, "value": 1.5}, {"step": 50, "value": "nan"}]
    assert main(["get", "last", "layers/weight_histogram/layer 0"]) == 0
    assert capsys.readouterr().out == "0\t-1\t1\t3 4\n50\t-2\t2\t5 2\n"
    assert (
        main(["get", "last", "weight_histogram/layer 0", "--json", "--around", "40", "--window", "10"]) == 0
    )
    found = json.loads(capsys.readouterr().out)
    assert found == [{"step": 50, "low": -2.0, "high": 2.0, "counts": [5.0, 2.0]}]
    assert main(["show", "last", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert "probes/sharpness/limit" in data["curves"]
    assert data["histograms"] == ["layers/weight_histogram/layer 0"]


def _write_table(path: Path, rows: list[tuple[int, Any]]) -> None:
    path.parent.mkdir(exist_ok=True)
    kind = np.dtype([("step", "<i8"), ("value", "<f4", np.shape(rows[0][1]))])
    writer = TableWriter(path, kind)
    writer.append(np.array(rows, kind))
    writer.close()


def test_a_run_is_shown_as_text_of_the_size_asked_for(home: Path, write_run: WriteRun, capsys: Out) -> None:
    write_run(home)
    for width, height in ((80, 24), (120, 40), (20, 5), (200, 50), (1, 1)):
        assert main(["show", "last", "--once", "--width", str(width), "--height", str(height)]) == 0
        rows = capsys.readouterr().out.splitlines()
        assert len(rows) <= height
        assert max(map(len, rows)) <= width


def test_a_run_is_shown_as_data(home: Path, write_run: WriteRun, capsys: Out) -> None:
    run = write_run(home, state="diverged", last_words="the loss left the numbers at step 100")
    assert main(["show", "last", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["run"], found["state"]) == (run.id, "diverged")
    assert found["last_word"] == "the loss left the numbers at step 100"
    assert found["spec"]["model"]["name"] == "mlp"
    assert "eval.accuracy" in found["curves"]
    assert [event["kind"] for event in found["events"]] == ["started", "diverged"]


def test_several_runs_share_their_charts(home: Path, write_run: WriteRun, capsys: Out) -> None:
    first, second = write_run(home, name="first"), write_run(home, name="second", steps=50, total=50)
    assert main(["show", "first", "second", "--once", "--width", "120", "--height", "40"]) == 0
    text = capsys.readouterr().out
    assert "A first-" in text
    assert "B second-" in text
    assert "A eval" in text
    assert "B eval" in text
    assert main(["show", "first", "second", "--chart", "lr", "--width", "120", "--height", "40"]) == 0
    assert "1 learning rate" in capsys.readouterr().out
    assert main(["show", "second", "first", "--json"]) == 0
    assert [each["run"] for each in json.loads(capsys.readouterr().out)] == [second.id, first.id]


def test_runs_that_one_chart_cannot_tell_apart_are_refused(
    home: Path, write_run: WriteRun, capsys: Out
) -> None:
    first = write_run(home, name="first")
    assert main(["show", "first", "last"]) == 2
    assert f"{first.id} is named twice; name each run once." in capsys.readouterr().err
    names = [write_run(home, name=f"run-{number}").id for number in range(9)]
    assert main(["show", *names]) == 2
    assert "9 runs are too many for one chart; it takes 8 at most." in capsys.readouterr().err
    assert main(["show", *names, "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 9


def test_events_are_written_as_a_worker_would(home: Path, write_run: WriteRun, capsys: Out) -> None:
    """A multi-line sample with control characters reaches no terminal as it is."""
    run = write_run(home, steps=5, state="running", alive=True)
    writer = EventWriter(run.path / "events.jsonl")
    writer.write(Event("sample", 5, "first\n\x1b[2Jsecond"))
    writer.close()
    assert main(["show", "last", "--width", "80", "--height", "30"]) == 0
    assert "\x1b" not in capsys.readouterr().out
