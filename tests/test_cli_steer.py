"""Steering a run from the command line."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tuilab.cli import main
from tuilab.commands import take
from tuilab.events import Event
from tuilab.runs import Run

WriteRun = Callable[..., Run]
Out = pytest.CaptureFixture[str]


def test_a_command_waits_for_the_workers_answer(home: Path, write_run: WriteRun, capsys: Out) -> None:
    run = write_run(home, state="running", steps=40, alive=True)
    answer = Event("paused", 40, "paused by request")
    with subprocess.Popen(
        [sys.executable, "-c", _ANSWERER, str(run.path), answer.kind, answer.text]
    ) as worker:
        assert main(["pause", "last"]) == 0
        worker.wait()
    assert capsys.readouterr().out == f"{run.id}: paused by request\n"


def test_a_refusal_is_the_answer_too(home: Path, write_run: WriteRun, capsys: Out) -> None:
    run = write_run(home, state="running", steps=40, alive=True)
    with subprocess.Popen([sys.executable, "-c", _ANSWERER, str(run.path), "refused", "train.seed is fixed"]):
        assert main(["set", "last", "train.seed=3"]) == 2
    assert "train.seed is fixed" in capsys.readouterr().err


_ANSWERER = """
import sys, time
from pathlib import Path
from tuilab.commands import take
from tuilab.events import Event, EventWriter
run = Path(sys.argv[1])
while not take(run / "commands"):
    time.sleep(0.01)
EventWriter(run / "events.jsonl").write(Event(sys.argv[2], 40, sys.argv[3]))
"""


_ANSWERS_OTHERS_FIRST = """
import sys, time
from pathlib import Path
from tuilab.commands import take
from tuilab.events import Event, EventWriter
run = Path(sys.argv[1])
while not (found := take(run / "commands")):
    time.sleep(0.01)
events = EventWriter(run / "events.jsonl")
events.write(Event("command", 40, "set optimizer.lr = 0.5", answers="somebody else's"))
events.write(Event("command", 40, "set optimizer.lr = 0.1", answers=found[0].id))
events.write(Event("refused", 40, "schedule.warmup is fixed", answers="a third one's"))
"""


def test_the_answer_to_somebody_else_is_not_taken_for_ones_own(
    home: Path, write_run: WriteRun, capsys: Out
) -> None:
    run = write_run(home, state="running", steps=40, alive=True)
    with subprocess.Popen([sys.executable, "-c", _ANSWERS_OTHERS_FIRST, str(run.path)]):
        assert main(["set", "last", "optimizer.lr=0.1"]) == 0
    assert capsys.readouterr().out == f"{run.id}: set optimizer.lr = 0.1\n"


def test_a_worker_that_does_not_answer_yet_is_not_waited_for_long(
    home: Path, write_run: WriteRun, capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tuilab.cli_steer._PATIENCE", 0.1)
    run = write_run(home, state="running", steps=40, alive=True)
    assert main(["stop", "last"]) == 0
    assert "has not answered yet" in capsys.readouterr().err
    assert [command.action for command in take(run.path / "commands")] == ["stop"]


def test_settings_are_checked_before_they_are_sent(home: Path, write_run: WriteRun, capsys: Out) -> None:
    run = write_run(home, state="running", steps=40, alive=True)
    assert main(["set", "last", "optimizer.lr=-1", "optimizer.beta=3"]) == 2
    err = capsys.readouterr().err
    assert "optimizer.lr: -1 is out of range" in err
    assert "optimizer.beta: [optimizer] has no key 'beta'. Did you mean 'betas'?" in err
    assert take(run.path / "commands") == []


@pytest.mark.parametrize("action", ["pause", "continue", "stop", "checkpoint", "kill"])
def test_who_is_dead_cannot_be_steered(home: Path, write_run: WriteRun, capsys: Out, action: str) -> None:
    write_run(home, state="stopped")
    assert main([action, "last"]) == 2
    assert "is stopped: " in capsys.readouterr().err


def test_pausing_what_is_paused_says_so(home: Path, write_run: WriteRun, capsys: Out) -> None:
    run = write_run(home, state="paused", steps=3, alive=True)
    assert main(["pause", "last"]) == 0
    assert "is paused already" in capsys.readouterr().err
    assert take(run.path / "commands") == []


def test_killing_ends_the_worker_and_says_how_to_go_on(home: Path, write_run: WriteRun, capsys: Out) -> None:
    run = write_run(home, state="running", steps=3)
    holder = "import fcntl, sys; f = open(sys.argv[1], 'w'); fcntl.flock(f, 2); print(1, flush=True); input()"
    arguments = [sys.executable, "-c", holder, str(run.path / "lock")]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as worker:
        assert worker.stdout is not None
        worker.stdout.readline()
        status = json.loads((run.path / "status.json").read_text())
        (run.path / "status.json").write_text(json.dumps({**status, "pid": worker.pid}))
        assert main(["kill", "last"]) == 0
        assert worker.wait() == -9
    assert "`tuilab resume" in capsys.readouterr().out
    assert run.status.state == "stopped"  # not an accident: the last event says who wanted it
    last = run.events().read()[-1]
    assert (last.kind, last.step) == ("stopped", 3)
    assert last.text == "killed by request after 3 steps; no checkpoint was saved yet"
