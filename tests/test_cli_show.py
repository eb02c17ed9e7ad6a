"""A run to look at from the command line: as text, as data, point by point."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tuilab.cli import main
from tuilab.events import Event, EventWriter
from tuilab.runs import Run

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
        {"step": 1, "value": None},
        {"step": 2, "value": None},
    ]
    assert main(["get", "last", "eval.accuracy", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 10


def test_a_curve_beyond_the_run_is_empty(home: Path, write_run: WriteRun, capsys: Out) -> None:
    write_run(home)
    assert main(["get", "last", "loss", "--around", "5000", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_an_unknown_curve_is_told_its_neighbour(home: Path, write_run: WriteRun, capsys: Out) -> None:
    write_run(home)
    assert main(["get", "last", "eval.acuracy"]) == 2
    assert "Did you mean 'eval.accuracy'?" in capsys.readouterr().err


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


def test_events_are_written_as_a_worker_would(home: Path, write_run: WriteRun, capsys: Out) -> None:
    """A multi-line sample with control characters reaches no terminal as it is."""
    run = write_run(home, steps=5, state="running", alive=True)
    writer = EventWriter(run.path / "events.jsonl")
    writer.write(Event("sample", 5, "first\n\x1b[2Jsecond"))
    writer.close()
    assert main(["show", "last", "--width", "80", "--height", "30"]) == 0
    assert "\x1b" not in capsys.readouterr().out
