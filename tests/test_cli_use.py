"""`tuilab eval`, `predict` and `serve` as they are typed."""

import json
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tuilab import runs, supervise
from tuilab.cli import main
from tuilab.runs import Run


@pytest.fixture(scope="module")
def lab_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lab")


@pytest.fixture(scope="module")
def run(lab_home: Path) -> Run:
    """A run of twenty steps, trained by a worker."""
    words = ["--set", "train.steps=20", "--set", "model.width=[16]", "--set", "train.threads=1", "--plain"]
    command = [sys.executable, "-m", "tuilab", "--home", str(lab_home), "run", "digits-mlp", *words]
    subprocess.run(command, check=True, capture_output=True, env=supervise.worker_environment())
    return runs.all_runs(lab_home)[-1]


def test_a_run_is_measured_again(run: Run, lab_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert main(["--home", str(lab_home), "eval", "last", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["metrics"]["accuracy"] == pytest.approx(run.status.metrics["test.accuracy"], abs=1e-9)
    assert main(["--home", str(lab_home), "eval", "last", "--split", "eval", "--int8"]) == 0
    shown = capsys.readouterr().out
    assert f"{run.id} (step-00000020) with int8 weights on eval: " in shown
    assert "accuracy" in shown
    assert main(["--home", str(lab_home), "eval", "last", "--checkpoint", "3"]) == 2
    assert "no checkpoint of step 3" in capsys.readouterr().err


def test_a_run_predicts(run: Run, lab_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert main(["--home", str(lab_home), "predict", "last", "test:0", "test:1", "--json"]) == 0
    first, second = json.loads(capsys.readouterr().out)
    assert set(first) == {"class", "probability", "probabilities", "truth"}
    assert main(["--home", str(lab_home), "predict", "last", "test:1"]) == 0
    assert capsys.readouterr().out.startswith(f"{second['class']} ")
    assert main(["--home", str(lab_home), "predict", "last", "three"]) == 2
    assert "'three' is nothing this model reads" in capsys.readouterr().err


def test_a_run_is_forked_with_another_rate(
    run: Run, lab_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "home"
    words = [
        "--home",
        str(home),
        "fork",
        str(run.path),
        "--step",
        "10",
        "--set",
        "optimizer.lr=0.05",
        "--json",
    ]
    assert main(words) == 0
    captured = capsys.readouterr()
    said = json.loads(captured.out.splitlines()[-1])
    assert said["origin"] == {"from": str(run.path), "checkpoint": 10, "state": True}
    assert (said["preset"], said["state"], said["steps"]) == ("fork-digits-mlp", "finished", 20)
    assert "goes on from" in captured.err
    assert main(["--home", str(home), "list", "runs"]) == 0
    assert "fork-digits-" in capsys.readouterr().out
    assert main(["--home", str(lab_home), "fork", run.id, "--set", "data.limit=10"]) == 2
    assert f"fork {run.id} has one problem:\n  data.limit: stays as it was" in capsys.readouterr().err
    assert main(["--home", str(lab_home), "fork", run.id, "--step", "7"]) == 2
    assert "no checkpoint of step 7" in capsys.readouterr().err
    assert main(["--home", str(lab_home), "fork", run.id, "--step", "ten"]) == 2
    assert "'ten' is not the number of a step" in capsys.readouterr().err
    assert main(["--home", str(lab_home), "fork", run.id]) == 2
    assert "nothing is left to train" in capsys.readouterr().err


def test_a_server_is_left_by_an_interrupt(run: Run, lab_home: Path) -> None:
    command = [sys.executable, "-m", "tuilab", "--home", str(lab_home), "serve", run.id, "--port", "0"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=supervise.worker_environment()
    )
    assert process.stdout is not None
    try:
        url = process.stdout.readline().split()[0]
        body = json.dumps({"inputs": [[0.0] * 64]}).encode()
        with urllib.request.urlopen(f"{url}/predict", body, timeout=60) as reply:
            (answer,) = json.loads(reply.read())["predictions"]
        assert answer["class"] in "0123456789"
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 0
    assert "It has no authentication" in said


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["serve", "nobody"], "no run"),
        (["serve", "last", "--port", "70000"], "--port 70000 is out of range"),
        (["serve", "last", "--checkpoint", "9"], "no checkpoint of step 9"),
        (["predict", "last"], "arguments are required: INPUT"),
    ],
)
def test_what_cannot_be_served_is_refused_at_once(
    words: list[str], message: str, run: Run, lab_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--home", str(lab_home), *words]) == 2
    assert message in capsys.readouterr().err
