"""Starting and following runs, with a worker that trains nothing and a real one at the end."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests import idle_worker
from tuilab import launch, new_run, supervise
from tuilab.cli import main
from tuilab.cli_follow import follow
from tuilab.runs import Run, all_runs

WriteRun = Callable[..., Run]
Out = pytest.CaptureFixture[str]


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Choose how the worker that trains nothing ends."""
    started: list[subprocess.Popen[bytes]] = []

    def choose(ending: str) -> None:
        def start(run: Run, home: Path, own_files: Sequence[Path] = ()) -> "subprocess.Popen[bytes]":
            started.append(idle_worker.start(run, ending))
            return started[-1]

        monkeypatch.setattr(supervise, "start", start)
        monkeypatch.setattr(launch, "Launch", idle_worker.Unchecked)

    yield choose
    for process in started:
        process.wait(20)


def test_a_run_is_followed_line_by_line_to_its_metrics(
    home: Path, worker: Callable[[str], None], capsys: Out
) -> None:
    worker("finished")
    assert main(["run", "own.toml", "--name", "first"]) == 0
    out, err = capsys.readouterr()
    (run,) = all_runs(home)
    assert run.id[16:-5] == "first"
    assert f"The worker is loading torch.\na note\n{run.id}: starting" in err
    lines = out.splitlines()
    assert lines[0].split(maxsplit=2) == ["0", "started:", "a run of nothing"]
    assert " ".join(lines[1].split()) == "step epoch loss eval loss accuracy lr grad norm step/s eta"
    table = [line for line in lines if "/40" in line]
    assert [line.split()[0] for line in table] == [f"{step}/40" for step in range(2, 41, 2)]
    assert table[4].split()[:5] == ["10/40", "0.90", "0.1000", "0.5000", "0.2250"]
    assert {len(line) for line in table} == {len(lines[1])}
    assert lines[-8:-5] == [
        table[-1],
        "             40  sample: first line",
        "                   second line",
    ]
    assert lines[-5] == "finished after 40 of 40 steps, 0.2 s of training"
    assert lines[-4].split() == ["test", "accuracy", "0.9700"]
    assert lines[-1].split() == ["run", str(run.path)]


@pytest.mark.parametrize("reference", ["my file (2).toml", "my own"])
def test_a_file_may_be_called_as_its_owner_likes(
    home: Path, worker: Callable[[str], None], capsys: Out, reference: str
) -> None:
    (home / "presets").mkdir()
    for path in (home / "my file (2).toml", home / "presets" / "my own.toml"):
        path.write_text((home / "own.toml").read_text())
    worker("finished")
    assert main(["run", reference, "--detach"]) == 0
    (run,) = all_runs(home)
    assert run.id[16:-5] == reference.removesuffix(".toml").replace(" (2)", "-2").replace(" ", "-")
    assert main(["run", "my onw"]) == 2
    assert "There is no preset called 'my onw'. Did you mean 'my own'?" in capsys.readouterr().err


def test_json_is_one_object_on_stdout_and_the_lines_go_to_stderr(
    home: Path, worker: Callable[[str], None], capsys: Out
) -> None:
    worker("finished")
    assert main(["run", "own.toml", "--json"]) == 0
    out, err = capsys.readouterr()
    assert out.count("\n") == 1
    found = json.loads(out)
    assert (found["state"], found["steps"], found["metrics"]["test.accuracy"]) == ("finished", 40, 0.97)
    assert "10/40" in err


@pytest.mark.parametrize(
    ("ending", "state", "words"),
    [
        ("diverged", "diverged", "the loss left the numbers at step 40"),
        ("crashed", "crashed", "crashed after 40 of 40 steps"),
        ("silent", "failed", "ImportError: torch is broken"),
    ],
)
def test_a_run_that_ends_badly_says_why_with_exit_code_1(
    home: Path, worker: Callable[[str], None], capsys: Out, ending: str, state: str, words: str
) -> None:
    worker(ending)
    assert main(["run", "own.toml", "--json"]) == 1
    out, err = capsys.readouterr()
    assert json.loads(out)["state"] == state
    assert words in err


def test_a_detached_run_prints_its_id_alone(home: Path, worker: Callable[[str], None], capsys: Out) -> None:
    worker("finished")
    assert main(["run", "own.toml", "--detach"]) == 0
    out, err = capsys.readouterr()
    (run,) = all_runs(home)
    assert out == f"{run.id}\n"
    assert f"tuilab attach {run.id}" in err
    assert main(["attach", run.id]) == 0
    assert "finished after 40 of 40 steps" in capsys.readouterr().out


@pytest.mark.parametrize("words", [["run", "own.toml"], ["resume", "last"], ["attach", "last"], []])
def test_a_screen_that_cannot_be_drawn_is_told_before_anything_starts(
    home: Path, write_run: WriteRun, monkeypatch: pytest.MonkeyPatch, capsys: Out, words: list[str]
) -> None:
    monkeypatch.setenv("TUILAB_FRAMES", "many")
    monkeypatch.setattr("tuilab.cli_attach.on_terminal", lambda: True)
    monkeypatch.setattr("tuilab.cli_streams.on_terminal", lambda: True)
    write_run(home, state="stopped")
    assert main(words) == 2
    assert capsys.readouterr().err.startswith("tuilab: TUILAB_FRAMES=many: frames a second are a number")
    assert len(all_runs(home)) == 1


def test_attach_follows_the_newest_live_run(
    home: Path, worker: Callable[[str], None], write_run: WriteRun, capsys: Out
) -> None:
    worker("finished")
    main(["run", "own.toml", "--detach", "--name", "live"])
    capsys.readouterr()
    while not all_runs(home)[0].alive:
        time.sleep(0.01)
    write_run(home, name="old")
    assert main(["attach", "--json"]) == 0
    assert "-live-" in json.loads(capsys.readouterr().out)["run"]


def test_what_is_taken_up_again_is_not_over_because_it_once_was(
    home: Path, worker: Callable[[str], None], write_run: WriteRun, capsys: Out
) -> None:
    worker("finished")
    stopped = write_run(home, steps=0, state="stopped")
    assert main(["resume", stopped.id, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["steps"] == 40


_TOLD_TO_END = """
import os, signal, sys
from importlib.abc import MetaPathFinder

class EndsAtTorch(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name == "torch":
            os.kill(os.getpid(), signal.SIGTERM)

sys.meta_path.insert(0, EndsAtTorch())
from tuilab.worker import main
main(["--home", sys.argv[1], "--run", sys.argv[2]])
"""


def test_a_real_worker_trains_what_was_asked_for(tmp_path: Path) -> None:
    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "tuilab.cli", "--home", str(tmp_path), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    said = run("run", "digits-mlp", "--set", "train.epochs=3", "--set", "train.threads=1", "--json")
    assert said.returncode == 0, said.stderr
    found: dict[str, Any] = json.loads(said.stdout)
    assert found["state"] == "finished"
    assert found["metrics"]["test.accuracy"] > 0.8
    assert "Reading the zoo" in said.stderr
    points = json.loads(run("get", "last", "loss", "--json").stdout)
    assert [point["step"] for point in points] == list(range(found["steps"]))
    refused = run("run", "digits-mlp", "--set", "model.name=lenet", "--set", "data.name=wine", "--json")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "model.name: lenet reads images (channels, height, width)" in refused.stderr
    (trained,) = all_runs(tmp_path)
    # A worker that is told to end while it loads torch has a last word, too.
    early = new_run.create(tmp_path, trained.spec, "early")
    subprocess.run([sys.executable, "-c", _TOLD_TO_END, str(tmp_path), str(early.path)], check=True)
    assert early.status.state == "stopped"
    assert early.events().read()[-1].text == "stopped by request after 0 steps"


def test_a_worker_that_failed_before_anybody_looked_has_said_why(
    home: Path, write_run: WriteRun, capsys: Out
) -> None:
    began = time.time()
    run = write_run(home, state="failed", steps=0, last_words="no room on the disk")
    dead = subprocess.Popen([sys.executable, "-c", "raise SystemExit(1)"])
    dead.wait()
    assert follow(run, dead, as_json=True, began=began) == 1
    out, err = capsys.readouterr()
    assert json.loads(out)["error"] == "no room on the disk"
    assert "The worker ended before it could begin" not in err
