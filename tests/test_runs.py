"""Run directories: found, read, and known dead when their worker is."""

import fcntl
import itertools
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import tuilab
from tuilab import supervise
from tuilab.commands import take
from tuilab.errors import TuilabError
from tuilab.events import Event, EventWriter
from tuilab.json_files import write_json
from tuilab.runs import Run, all_runs, find
from tuilab.status import Status
from tuilab.tables import Rows, TableWriter

WriteRun = Callable[..., Run]


def test_a_run_is_found_by_any_unambiguous_part(tmp_path: Path, write_run: WriteRun) -> None:
    first, second = write_run(tmp_path, name="wide"), write_run(tmp_path, name="narrow")
    for reference in (first.id, str(first.path), "wide", first.id[-6:]):
        assert find(tmp_path, reference).path == first.path
    assert find(tmp_path, "last").path == second.path
    assert find(tmp_path / "elsewhere", str(first.path)).path == first.path


def test_a_whole_id_wins_over_a_longer_one_that_holds_it(tmp_path: Path, write_run: WriteRun) -> None:
    run = write_run(tmp_path)
    run.path.rename(run.path.with_name("abc"))
    run = write_run(tmp_path)
    run.path.rename(run.path.with_name("abcd"))
    assert find(tmp_path, "abc").id == "abc"


@pytest.mark.parametrize(
    ("reference", "words"),
    [
        ("wdie", "There is no run called 'wdie'"),
        ("run-", r"'run-' fits 2 runs: .*run-a.*run-b.*Give more of the name."),
        ("", "fits 2 runs"),
    ],
)
def test_a_run_that_is_not_meant_clearly_is_asked_for(
    tmp_path: Path, write_run: WriteRun, reference: str, words: str
) -> None:
    write_run(tmp_path, name="run-a"), write_run(tmp_path, name="run-b")
    with pytest.raises(TuilabError, match=words):
        find(tmp_path, reference)


def test_a_home_without_runs_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(TuilabError, match="`tuilab run digits-mlp` makes one"):
        find(tmp_path, "last")
    assert all_runs(tmp_path) == []


def test_runs_of_one_second_stand_in_the_order_they_were_made(tmp_path: Path, write_run: WriteRun) -> None:
    made = [write_run(tmp_path, name=name).id for name in ("zebra", "ant", "moth", "bee")]
    # The clock of a test does not wait for a full second: say they all began in the same one.
    for number, name in enumerate(made):
        path = tmp_path / "runs" / name
        os.utime(path / "spec.toml", ns=(number, number))
        path.rename(path.with_name("20260101-000000" + name[15:]))
    assert [run.id[16:-5] for run in all_runs(tmp_path)] == ["zebra", "ant", "moth", "bee"]


def test_what_is_half_made_or_no_run_is_not_listed(tmp_path: Path, write_run: WriteRun) -> None:
    run = write_run(tmp_path)
    (tmp_path / "runs" / "no-run").mkdir()
    (tmp_path / "runs" / "file").write_text("")
    (tmp_path / "runs" / ".20260101-000000-x-1234").mkdir()
    (tmp_path / "runs" / ".20260101-000000-x-1234" / "spec.toml").write_text("")
    assert [found.path for found in all_runs(tmp_path)] == [run.path]


@pytest.mark.parametrize("state", ["starting", "running", "paused"])
def test_a_live_state_without_a_worker_is_a_crash(tmp_path: Path, write_run: WriteRun, state: str) -> None:
    run = write_run(tmp_path, state=state, steps=40, alive=True)
    assert run.status.state == state
    write_run.release()  # type: ignore[attr-defined]
    assert run.status.state == "crashed"
    assert run.status.step == 40


@pytest.mark.parametrize("state", ["queued", "finished", "stopped", "diverged", "failed"])
def test_any_other_state_stays_what_it_says(tmp_path: Path, write_run: WriteRun, state: str) -> None:
    assert write_run(tmp_path, state=state).status.state == state


_HOLDER = """
import fcntl, sys
lock = open(sys.argv[1], "w")
fcntl.flock(lock, fcntl.LOCK_EX)
print("held", flush=True)
input()
"""


def test_a_killed_worker_is_a_crash_at_once(tmp_path: Path, write_run: WriteRun) -> None:
    run = write_run(tmp_path, state="running", steps=3)
    with subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(run.path / "lock")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as worker:
        assert worker.stdout is not None
        worker.stdout.readline()
        assert run.status.state == "running"
        worker.kill()
        worker.wait()
        assert run.status.state == "crashed"


def test_asking_whether_it_lives_does_not_keep_a_worker_from_its_lock(
    tmp_path: Path, write_run: WriteRun
) -> None:
    run = write_run(tmp_path)
    (run.path / "lock").touch()
    assert not run.alive
    with (run.path / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"state": "finished", "colour": "new field"}'])
def test_a_status_lost_by_a_disk_or_of_a_newer_version_is_read(
    tmp_path: Path, write_run: WriteRun, text: str
) -> None:
    run = write_run(tmp_path)
    (run.path / "status.json").write_text(text)
    assert run.status.state in ("queued", "finished")
    assert run.summary()["run"] == run.id


@pytest.mark.parametrize("value", ["many", None, -5, 10**400, float("nan"), float("inf"), [1], {"a": "b"}])
def test_a_status_that_no_worker_wrote_leaves_out_what_cannot_be(
    tmp_path: Path, write_run: WriteRun, value: object
) -> None:
    run = write_run(tmp_path)
    said = dict.fromkeys(Status.__slots__, value) | {"state": "finished", "device": "cpu", "doing": ""}
    (run.path / "status.json").write_text(json.dumps(said))
    assert run.status == Status("finished", device="cpu")


def test_a_command_reaches_a_live_worker_and_a_dead_one_says_how_to_go_on(
    tmp_path: Path, write_run: WriteRun
) -> None:
    live = write_run(tmp_path, state="running", steps=9, alive=True)
    live.send("set", **{"optimizer.lr": "1e-4"})
    assert take(live.path / "commands")[0].values == {"optimizer.lr": "1e-4"}
    dead = write_run(tmp_path, state="stopped")
    with pytest.raises(TuilabError, match=r"is stopped: no worker is there to pause it. `tuilab resume"):
        dead.send("pause")
    over = write_run(tmp_path, state="finished")
    with pytest.raises(
        TuilabError, match=r"is finished: .* `tuilab fork \S+ --set train.steps=N` goes on as a new run"
    ):
        over.send("pause")


def test_killing_leaves_another_machines_process_alone(tmp_path: Path, write_run: WriteRun) -> None:
    run = write_run(tmp_path, state="running", steps=9, alive=True)
    write_json(run.path / "meta.json", {"host": "another-machine"})
    status = json.loads((run.path / "status.json").read_text())
    write_json(run.path / "status.json", {**status, "pid": os.getpid()})
    with pytest.raises(TuilabError, match="runs on another-machine"):
        supervise.kill(run)


def test_a_summary_is_what_json_says(tmp_path: Path, write_run: WriteRun) -> None:
    summary = write_run(tmp_path).summary()
    assert json.loads(json.dumps(summary)) == summary
    assert (summary["state"], summary["steps"], summary["seconds"]) == ("finished", 100, 2.0)
    assert summary["metrics"]["test.accuracy"] == 0.97


def test_the_public_door_opens_a_run_and_nothing_else(tmp_path: Path, write_run: WriteRun) -> None:
    run = write_run(tmp_path)
    assert tuilab.open_run(run.path).steps["loss"][0] == pytest.approx(2.4)
    with pytest.raises(TuilabError, match=r"is not a run: it has no spec\.toml"):
        tuilab.open_run(tmp_path)


@pytest.fixture
def small_disk(tmp_path: Path) -> Path:
    """A file system of one megabyte, where the machine lets us have one."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("mounting needs rights that this user has not")
    return folder


def test_a_full_disk_loses_nothing_that_was_there(small_disk: Path, write_run: WriteRun) -> None:
    try:
        run = write_run(small_disk, state="running", steps=50)
        (small_disk / "ballast").write_bytes(
            b"\0" * (os.statvfs(small_disk).f_bavail * os.statvfs(small_disk).f_bsize)
        )
        _fill_up(run)
        assert run.steps.refresh() >= 50
        assert run.steps["step"].tolist() == list(range(len(run.steps)))
        assert run.status.step == 50
        assert [event.kind for event in run.events().read()] == ["started"]
    finally:
        subprocess.run(["umount", "-l", str(small_disk)], check=False)


def _fill_up(run: Run) -> None:
    """Write on as a worker would until every writer has met the full disk."""
    table = TableWriter(run.path / "steps.npy", run.steps.rows.dtype)
    block = run.steps.rows.copy()
    with pytest.raises(OSError, match="No space left"):
        _append_forever(table, block)
    events = EventWriter(run.path / "events.jsonl")
    with pytest.raises(OSError, match="No space left"):
        events.write(Event("sample", 50, "x" * 100_000))
    with pytest.raises(OSError, match="No space left"):
        write_json(run.path / "status.json", {"state": "failed", "text": "x" * 100_000})


def _append_forever(table: TableWriter, block: Rows) -> None:
    for number in itertools.count(1):
        block["step"] = range(number * 50, number * 50 + 50)
        table.append(block)
