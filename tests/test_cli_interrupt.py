"""What comes to a run when its follower is interrupted, killed, or loses what it prints to."""

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tuilab.runs import Run, all_runs


def _follower(ending: str, *arguments: str) -> list[str]:
    """Return the command that is `tuilab`, but for its workers, which train nothing and end so."""
    root = str(Path(__file__).parents[1])
    start = f"import sys; sys.path.insert(0, {root!r}); from tests.idle_worker import main_with; "
    return [sys.executable, "-c", f"{start}sys.exit(main_with({ending!r}, {list(arguments)!r}))"]


def _interrupting(home: Path, times: int) -> "tuple[int, str, str, Run]":
    """Start a run that does not end by itself, press Ctrl-C so often, and return what came of it."""
    command = _follower("endless", "run", "own.toml", "--json")
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=home
    ) as following:
        while not (found := all_runs(home)) or found[0].status.step < 3:
            time.sleep(0.01)
        if times == 2:
            # A worker that is busy with a long step does not hear the first one.
            os.kill(_pid_of_worker(found[0]), signal.SIGSTOP)
        for _ in range(times):
            following.send_signal(signal.SIGINT)
            time.sleep(0.2)
        out, err = following.communicate(timeout=20)
        return following.returncode, out, err, found[0]


def _pid_of_worker(run: Run) -> int:
    said = subprocess.run(["pgrep", "-f", str(run.path)], capture_output=True, text=True, check=True)
    return int(said.stdout.split()[0])


def test_ctrl_c_stops_and_saves(home: Path) -> None:
    code, out, err, run = _interrupting(home, 1)
    assert code == 130
    assert json.loads(out)["state"] == "stopped"
    assert "Stopping after this step and saving; Ctrl-C again kills." in err
    assert run.status.state == "stopped"


def test_ctrl_c_twice_kills(home: Path) -> None:
    code, out, err, run = _interrupting(home, 2)
    assert code == 130
    assert json.loads(out)["state"] == run.status.state == "stopped"
    assert "killed by request" in run.events().read()[-1].text
    assert "Killed; what is on disk can be resumed." in err
    assert run.steps.refresh() >= 3


def test_the_follower_killed_leaves_the_worker_alone(home: Path) -> None:
    command = _follower("finished", "run", "own.toml")
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=home) as following:
        while not (found := all_runs(home)) or found[0].status.step < 3:
            time.sleep(0.01)
        following.kill()
    while found[0].alive:
        time.sleep(0.01)
    assert found[0].status.state == "finished"
    assert found[0].steps["step"].tolist() == list(range(40))


@pytest.mark.parametrize(
    ("reader", "code", "words"),
    [
        ("| head -2", 141, "{id} goes on. `tuilab attach {id}` comes back to it."),
        (">/dev/full", 2, "{id} goes on. `tuilab attach {id}` comes back to it."),
        (">&-", 0, "{id}: starting"),
        ("2>/dev/full", 0, ""),
    ],
)
def test_where_its_lines_go_is_nothing_to_a_run(home: Path, reader: str, code: int, words: str) -> None:
    follower = shlex.join(_follower("finished", "run", "own.toml"))
    command = f"{follower} {reader}; exit ${{PIPESTATUS[0]}}"
    said = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False, cwd=home)
    (run,) = all_runs(home)
    assert said.returncode == code
    assert words.format(id=run.id) in said.stderr
    assert "Traceback" not in said.stderr
    while run.alive:
        time.sleep(0.01)
    assert run.status.state == "finished"
